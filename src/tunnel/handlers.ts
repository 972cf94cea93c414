import type { HandlersOf } from '../contract/definition.ts'
import type { bridgeApi, Status } from '../contract/status.ts'
import type { tunnelApi } from '../contract/tunnel.ts'
import type { Ways } from './ways.ts'

interface BridgeParts {
  bridge: {
    raise(options: { endAllAccess: boolean }): void
    lower(): void
    newAddress(): void
    isRaised(): boolean
    takeOver(): void
  }
  ways: Ways
  status(): Status
}

export function bridgeHandlers({
  bridge,
  ways,
  status,
}: BridgeParts): HandlersOf<typeof bridgeApi & typeof tunnelApi> {
  return {
    'tunnel.list': () => ways.list(),
    'tunnel.use': async ({ id, values }) => {
      await ways.use(id, values)
      if (!bridge.isRaised()) bridge.lower()
      return status()
    },
    'tunnel.takeOver': () => {
      bridge.takeOver()
      return status()
    },
    'bridge.lower': () => {
      bridge.lower()
      return status()
    },
    'bridge.raise': (options) => {
      bridge.raise(options)
      return status()
    },
    'bridge.newAddress': () => {
      bridge.newAddress()
      return status()
    },
  }
}
