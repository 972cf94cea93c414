import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { isHostError } from '../../kernel/errors.ts'
import { openUnread } from '../../storage/database/database.ts'
import { changeSteps } from '../writing/change-store.ts'
import { Changes } from '../writing/changes.ts'
import { NoteWriter } from '../writing/note-writer.ts'

const log = { debug() {}, info() {}, warn() {}, error() {}, close() {} }

export type Writing =
  | { do: 'write' | 'append'; path: string; text: string }
  | { do: 'edit'; path: string; oldText: string; newText: string }
  | { do: 'move'; path: string; to: string }

/** `undo`: what was made last and not undone. */
export type Operation = Writing | { do: 'undo' }

/** `home/Docs` is the folder, `home/data` where changes are kept. */
export function openWriter(home: string, excludes: readonly string[] = []) {
  const dataDir = join(home, 'data')
  const file = join(dataDir, 'changes.db')
  const changes = new Changes({
    ...{ file, now: Date.now, log },
    open: () => openUnread(file, log, Date.now, changeSteps).db,
  })
  const writable = () => ({ name: 'Docs', path: join(home, 'Docs'), excludes })
  return { changes, writer: new NoteWriter({ dataDir, writable }, changes) }
}

/** Whether it was done; what may not be done is refused in words. */
export async function perform(writer: NoteWriter, one: Writing, row: string): Promise<boolean> {
  const by = { row, principal: { grantId: 'grant_1', clientName: 'ChatGPT' } }
  try {
    if (one.do === 'move') await writer.move(one, by)
    else if (one.do === 'edit') await writer.edit({ ...one, all: true }, by)
    else await writer[one.do](one, by)
    return true
  } catch (error) {
    if (isHostError(error) && error.code !== 'write-failed') return false
    throw error
  }
}

/** All that is in a folder: folders, files with their rights and bytes, links. */
export function treeOf(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const at = join(folder, name)
    const facts = lstatSync(at)
    if (facts.isSymbolicLink()) found[name] = `link ${readlinkSync(at)}`
    else if (facts.isFile()) found[name] = `${facts.mode.toString(8)} ${readFileSync(at).toString('base64')}`
    else found[name] = facts.isDirectory() ? 'folder' : 'other'
  }
  return found
}
