import type { HandlersOf } from '../contract/definition.ts'
import type { bridgeApi, Status } from '../contract/status.ts'

interface BridgeParts {
  bridge: { raise(options: { endAllAccess: boolean }): void; lower(): void; newAddress(): void }
  status(): Status
}

export function bridgeHandlers({ bridge, status }: BridgeParts): HandlersOf<typeof bridgeApi> {
  return {
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
