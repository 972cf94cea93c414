import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron'
import { say } from '../locales/say.ts'
import type { Listen, Reply } from '../src/contract/pipe.ts'
import { toErrorReply } from '../src/kernel/errors.ts'
import { appOrigin, callChannel, eventChannel } from './channels.ts'

/** What the shell needs of the host: the contract's door and its events. */
export interface HostDoor {
  dispatch(name: string, input: unknown): Promise<Reply>
  on(listen: Listen): () => void
}

const refused = (): Reply => ({
  ok: false,
  error: { code: 'forbidden', message: say('pipe.forbidden.message'), hint: say('pipe.forbidden.hint') },
})

/**
 * Whether a message came from the top frame of our window while it showed our page. The address alone would also
 * fit a frame inside the page, and the window alone would also fit a foreign page it was led to.
 */
export function isOurPage(
  event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>,
  ours: WebContents | undefined,
): boolean {
  if (ours === undefined || ours.isDestroyed() || event.sender !== ours) return false
  const frame = event.senderFrame
  if (frame === null || frame.parent !== null) return false
  return frame.origin === appOrigin && frame.url.startsWith(`${appOrigin}/`)
}

/** Lets our page call the host and hear its events. Returns the function that ends it. */
export function connectIpc(
  ipc: Pick<IpcMain, 'handle' | 'removeHandler'>,
  host: HostDoor,
  contents: () => WebContents | undefined,
): () => void {
  ipc.handle(callChannel, async (event, name: unknown, input: unknown): Promise<Reply> => {
    if (!isOurPage(event, contents()) || typeof name !== 'string') return refused()
    try {
      return await host.dispatch(name, input)
    } catch (error) {
      return { ok: false, error: toErrorReply(error) }
    }
  })
  const stopListening = host.on((name, payload, revision) => {
    const ours = contents()
    if (ours !== undefined && !ours.isDestroyed())
      ours.send(eventChannel, name, payload, ...(revision === undefined ? [] : [revision]))
  })
  return () => {
    ipc.removeHandler(callChannel)
    stopListening()
  }
}
