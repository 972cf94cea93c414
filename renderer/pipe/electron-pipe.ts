import { say } from '../../locales/say.ts'
import type { Pipe } from '../../src/contract/pipe.ts'
import type { ShellPipe } from './shell-pipe.ts'

declare global {
  interface Window {
    /** Put there by the desktop shell's preload; absent in a browser. */
    readonly drawbridge?: Pipe
  }
}

/** The way through Electron's IPC. The host lives in the same app, so the link is never lost. */
export function createElectronPipe(bridge: Pipe): ShellPipe {
  return {
    call: async (name, input) => {
      try {
        return await bridge.call(name, input)
      } catch {
        return {
          ok: false,
          error: {
            code: 'unreachable',
            message: say('pipe.noAnswer.message'),
            hint: say('pipe.noAnswer.hint'),
          },
        }
      }
    },
    on: (listen) => bridge.on(listen),
    link: () => 'up',
    onLink: () => () => {},
    close: () => {},
  }
}
