import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openTimeline } from '../../storage/database/database.ts'
import { Timeline } from '../../timeline/timeline.ts'
import { WatchedFile } from '../../timeline/watched-file.ts'
import { type Base, openRoomDatabase } from '../base.ts'

/** While the host starts there is more important work than to forget old events. */
const openAfter = 60_000

/**
 * The timeline and the file it reads. Its database is opened when somebody first asks or tells; one that is there, some time later. Before
 * that, assistants get no tools of it: whoever has no use for it does not pay for it in every chat. `begun`: from now on they do.
 */
export function openTimelineRoom(base: Base, begun: () => void) {
  const { dataDir, clock, log, redactor, preferences, broadcast, undo, tell } = base
  let isInUse = existsSync(join(dataDir, 'timeline.db'))
  const timeline = new Timeline({
    ...{ clock, log, redactor },
    keepDays: () => preferences.get().timelineDays,
    changed: () => tell('timeline.changed', {}),
    open() {
      if (!isInUse) {
        isInUse = true
        begun()
      }
      return openRoomDatabase(base, 'timeline', openTimeline)
    },
  })
  undo.push(() => timeline.stop())
  const watched = new WatchedFile({ timeline, log, redactor })
  undo.push(() => watched.stop())
  const apply = () => watched.watch(preferences.get().timelineFile ?? null)
  undo.push(
    broadcast.on((name) => {
      if (name !== 'preferences.changed') return
      apply()
      timeline.retentionChanged()
    }),
  )
  apply()
  if (isInUse) timeline.openIn(openAfter)
  return { timeline, watched, isInUse: () => isInUse }
}
