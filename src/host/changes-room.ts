import { join } from 'node:path'
import { changeSteps } from '../notes/writing/change-store.ts'
import { Changes } from '../notes/writing/changes.ts'
import { openUnread } from '../storage/database/database.ts'
import { type Base, openRoomDatabase } from './base.ts'

/** What assistants changed in the user's folders. Its database is made with the first change. */
export function openChanges(base: Base): Changes {
  const { dataDir, clock, log, undo, tell } = base
  const file = join(dataDir, 'changes.db')
  const changes = new Changes({
    ...{ file, log, now: () => clock.now() },
    open: () =>
      openRoomDatabase(base, 'changes', (file, log, now) => openUnread(file, log, now, changeSteps)),
  })
  undo.push(() => changes.stop())
  changes.events.on('changed', () => tell('changes.changed', {}))
  return changes
}
