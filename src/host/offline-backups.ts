import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CallTable } from '../activity/call-table.ts'
import type { Handlers } from '../contract/api.ts'
import { systemClock } from '../kernel/clock.ts'
import { errorText } from '../kernel/errors.ts'
import { Backups, backupHandlers } from '../storage/backup/backups.ts'
import { openTimeline } from '../storage/database/database.ts'
import { openFolder, type Undo } from './base.ts'
import { createDispatch, type Dispatch } from './dispatch.ts'
import { witnessOf } from './notices/done-elsewhere.ts'

/**
 * Backups of a data folder over which no Drawbridge runs, and none can while this is open. Throws what the start of a host throws: HostError
 * `already-running`, `data-folder-unwritable`, `disk-full` and the like.
 */
export async function openOffline(options: {
  dataDir: string
  version: string
  env: NodeJS.ProcessEnv
}): Promise<{ dispatch: Dispatch; close(): Promise<void> }> {
  const clock = systemClock
  const dataDir = resolve(options.dataDir)
  const undo: Undo = []
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const { db, callLog, vault, log, notices } = await openFolder(dataDir, {
      clock,
      env: { ...options.env },
      undo,
    })
    // A host that was killed left its newest rows beside the log. They are complete: no key is needed.
    if (existsSync(join(dataDir, 'activity.db-tail'))) new CallTable(callLog, null).stop()
    const file = join(dataDir, 'timeline.db')
    const timeline = existsSync(file) ? openTimeline(file, log).db : null
    if (timeline) undo.push(() => timeline.close())
    const backups = new Backups({
      ...{ dataDir, db, callLog, vault, log, version: options.version },
      ...{ now: () => clock.now(), timeline: () => timeline },
    })
    // Nothing else is asked of it. What is done is told at the next start.
    const { witness } = witnessOf({
      ...{ clock, approvals: () => [] },
      tell: (words, kind) => void notices.keep(words, kind),
    })
    const dispatch = createDispatch(backupHandlers(backups, undefined) as Handlers, log, witness)
    return { dispatch, close }
  } catch (error) {
    await close().catch((problem) => process.stderr.write(`${errorText(problem)}\n`))
    throw error
  }
}
