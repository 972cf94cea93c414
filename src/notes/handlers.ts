import type { HandlersOf } from '../contract/definition.ts'
import type { foldersApi } from '../contract/folders.ts'
import { browse } from './browse.ts'
import type { Folders } from './folders.ts'

export const folderHandlers = (folders: Folders): HandlersOf<typeof foldersApi> => ({
  'folders.list': () => folders.list(),
  'folders.add': ({ path, excludes }) => folders.add(path, excludes),
  'folders.change': ({ id, ...change }) => folders.change(id, change),
  'folders.remove': ({ id }) => folders.remove(id),
  'folders.skipped': async ({ id, reason, offset }) => {
    const { id: folder } = folders.find(id)
    const { reasons, items } = await (await folders.index()).ask('skipped', { folder, reason, offset })
    return { reasons: reasons.map(({ reason, n }) => ({ reason, count: n })), items: [...items] }
  },
  'folders.browse': ({ path }) => browse(path),
})
