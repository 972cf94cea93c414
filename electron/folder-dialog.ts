import type { BrowserWindow, Dialog } from 'electron'
import { say } from '../locales/say.ts'
import type { ChooseFolder } from '../src/host/host.ts'

/** The system's own dialog for one folder, in front of our window; who asks meanwhile waits for the same one. */
export function createFolderDialog(
  dialog: Pick<Dialog, 'showOpenDialog'>,
  window: () => BrowserWindow | undefined,
): ChooseFolder {
  let open: Promise<string | null> | null = null
  async function show(): Promise<string | null> {
    const options = {
      title: say('folders.addTitle'),
      buttonLabel: say('folders.choose'),
      properties: ['openDirectory' as const],
    }
    const parent = window()
    const { canceled, filePaths } = await (parent === undefined
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(parent, options))
    return canceled ? null : (filePaths[0] ?? null)
  }
  return () => {
    open ??= show().finally(() => {
      open = null
    })
    return open
  }
}
