import type { changesApi } from '../contract/changes.ts'
import type { HandlersOf } from '../contract/definition.ts'
import type { foldersApi } from '../contract/folders.ts'
import { HostError } from '../kernel/errors.ts'
import { browse } from './browse.ts'
import type { Folders } from './folders.ts'
import type { Changes } from './writing/changes.ts'

export const folderHandlers = (
  folders: Folders,
  changes: Changes,
  chooseFolder?: () => Promise<string | null>,
): HandlersOf<typeof foldersApi & typeof changesApi> => ({
  'folders.list': () => folders.list(),
  'folders.add': ({ path, excludes, writable, paused }) => folders.add(path, excludes, writable, paused),
  'folders.change': ({ id, ...change }) => folders.change(id, change),
  'folders.refresh': async ({ id }) => {
    await folders.refresh(id)
    return (await folders.list()).find((one) => one.id === id)!
  },
  'folders.remove': ({ id }) => folders.remove(id),
  'folders.skipped': async ({ id, reason, offset }) => {
    const { id: folder } = folders.find(id)
    const { reasons, items } = await (await folders.index()).ask('skipped', { folder, reason, offset })
    return { reasons: reasons.map(({ reason, n }) => ({ reason, count: n })), items: [...items] }
  },
  'folders.browse': ({ path }) => browse(path),
  'folders.choose': async () => {
    if (!chooseFolder) throw new HostError({ code: 'folder-dialog-missing' })
    return { path: await chooseFolder() }
  },
  'changes.of': ({ call }) => changes.of(call),
  'changes.undo': ({ call, over }) => changes.undo(call, over),
  'changes.undoAll': (asked) => changes.undoAll(asked),
})
