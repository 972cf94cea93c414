import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import type { ClientKind } from '../contract/access.ts'
import type { HandlersOf } from '../contract/definition.ts'
import type { doctorApi } from '../contract/doctor.ts'
import type { pastedApi } from '../contract/pasted.ts'
import type { connectApi } from '../contract/setup.ts'
import type { ConnectFlows } from './connect-flow.ts'
import type { Doctor } from './doctor/doctor.ts'

interface ConnectParts {
  flows: Pick<ConnectFlows, 'flow' | 'reset' | 'stopWaiting'>
  window: { open(client: ClientKind): unknown; close(): void }
  bridge: { isRaised(): boolean; lower(): void; wantTunnel(): void }
}

export function connectHandlers({ flows, window, bridge }: ConnectParts): HandlersOf<typeof connectApi> {
  return {
    'connect.open': ({ client, again }) => {
      // Pressing Connect means wanting somebody in; the interface says that it lowers the bridge.
      if (bridge.isRaised()) bridge.lower()
      // A program on this computer needs no public address; the cloud ones do.
      if (client !== 'other') bridge.wantTunnel()
      window.open(client)
      flows.reset(client, again)
      return flows.flow(client)
    },
    'connect.close': () => {
      window.close()
      flows.stopWaiting()
    },
    'connect.flow': ({ client }) => flows.flow(client),
  }
}

/** `checkWorkspace` throws HostError `workspace-unknown`. */
export const doctorHandlers = (
  doctor: Pick<Doctor, 'run'>,
  checkWorkspace: (name: string) => void,
): HandlersOf<typeof doctorApi> => ({
  'doctor.run': (input) => {
    checkWorkspace(input.workspace)
    return doctor.run(input)
  },
})

export const pastedHandlers: HandlersOf<typeof pastedApi> = {
  // Loaded when it is needed: it brings three parsers along.
  'servers.read': async ({ text }) =>
    (await import('./pasted/read-pasted.ts')).readPasted(text, { home: homedir(), isFolder }),
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch {
    return false
  }
}
