import type { Output } from '../../../../src/contract/api.ts'
import { backupPart } from '../../../../src/contract/backup.ts'
import { ask } from '../../../pipe/host.tsx'
import type { ShellPipe } from '../../../pipe/shell-pipe.ts'
import { saveFile } from '../../../ui/save-file.ts'

/** How much of it is done, from 0 to 1. */
type OnPart = (done: number) => void

/** Gets a backup part by part and hands it to the browser, which keeps it on disk where it is much. */
export async function saveBackup(
  pipe: ShellPipe,
  { id, bytes }: Output<'backup.create'>,
  name: string,
  onPart: OnPart,
): Promise<void> {
  const parts: Blob[] = []
  for (let from: number | null = 0; from !== null; ) {
    const part: Output<'backup.read'> = await ask(pipe, 'backup.read', { id, from })
    parts.push(new Blob([bytesOf(part.data)]))
    from = part.next
    onPart((from ?? bytes) / bytes)
  }
  saveFile(name, parts, 'application/octet-stream')
  await ask(pipe, 'backup.discard', { id })
}

/** The host may have started again, or be gone: its next start forgets it too. */
export const forget = (pipe: ShellPipe, id: string): Promise<unknown> =>
  ask(pipe, 'backup.discard', { id }).catch(() => {})

/** Gives a file to the host part by part, and the id under which it has it. Where that fails, nothing of it stays there. */
export async function handOver(pipe: ShellPipe, file: File, onPart: OnPart): Promise<string> {
  let id: string | null = null
  try {
    for (let at = 0; at < file.size || id === null; at += backupPart) {
      const data = base64Of(new Uint8Array(await file.slice(at, at + backupPart).arrayBuffer()))
      ;({ id } = await ask(pipe, 'backup.put', { id, data }))
      onPart(Math.min(1, (at + backupPart) / Math.max(1, file.size)))
    }
    return id
  } catch (error) {
    if (id !== null) await forget(pipe, id)
    throw error
  }
}

/** Arguments that a call may have, safely. */
const someBytes = 8_192

function base64Of(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += someBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + someBytes))
  return btoa(text)
}

const bytesOf = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
