import { basename, join } from 'node:path'
import { say } from '../../locales/say.ts'
import { changeSteps } from '../notes/writing/change-store.ts'
import { Changes } from '../notes/writing/changes.ts'
import { openUnread } from '../storage/database/database.ts'
import type { Base } from './base.ts'

/** What assistants changed in the user's folders. Its database is made with the first change. */
export function openChanges({ dataDir, clock, log, notices, undo, tell }: Base): Changes {
  const file = join(dataDir, 'changes.db')
  const changes = new Changes({
    ...{ file, log, now: () => clock.now() },
    open() {
      const { db, setAside } = openUnread(file, log, () => clock.now(), changeSteps)
      if (setAside !== null)
        tell(
          'notices.added',
          notices.add('warning', {
            message: say('notice.changes-damaged.message'),
            hint: say('notice.changes-damaged.hint', { file: basename(setAside) }),
          }),
        )
      return db
    },
  })
  undo.push(() => changes.stop())
  changes.events.on('changed', () => tell('changes.changed', {}))
  return changes
}
