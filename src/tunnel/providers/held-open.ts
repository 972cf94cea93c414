import type { HelperProcess } from '../helper-process.ts'
import type { OpenTunnel } from './provider.ts'

/**
 * A tunnel that a program of others holds open: it is lost with the program. Both are gone once it is closed, or did not open, and with
 * them the `folder` that was made for them.
 */
export async function heldOpen(
  start: () => Promise<HelperProcess>,
  open: (helper: HelperProcess) => Promise<Pick<OpenTunnel, 'origin'> & Partial<OpenTunnel>>,
  folder?: { remove(): Promise<void> },
): Promise<OpenTunnel> {
  let helper: HelperProcess | undefined
  const close = async () => {
    await helper?.close()
    await folder?.remove()
  }
  try {
    const started = await start()
    helper = started
    const tunnel = await open(started)
    return { idle: () => 1, onTrouble() {}, onLost: (listen) => started.onExit(listen), close, ...tunnel }
  } catch (error) {
    await close()
    throw error
  }
}
