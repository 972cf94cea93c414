import { join } from 'node:path'
import type { Clock } from '../../kernel/clock.ts'
import { createFileLog } from '../../kernel/log.ts'
import { createRedactor } from '../../kernel/redact.ts'
import { createSampledLog } from '../../kernel/sampled-log.ts'
import { openDatabase } from '../../storage/database/database.ts'
import { acquireInstanceLock } from '../../storage/instance-lock.ts'
import { checkOwnFile } from '../../storage/own-folder.ts'
import { createSettings } from '../../storage/settings.ts'
import { openVault } from '../../storage/vault/open-vault.ts'
import { createNotices } from '../notices/notices.ts'

/** What has to be undone when the host stops, in the order it was done. */
export type Undo = (() => void | Promise<void>)[]

/**
 * Takes the data folder for this host alone and opens what lies in it. `undo` gets what has to be closed again, in order.
 * Throws HostError `already-running`, `data-folder-unwritable`, `data-folder-shared`, `data-folder-link`, `database-newer` or `vault-setting`.
 */
export async function openFolder(
  dataDir: string,
  deps: { clock: Clock; env: NodeJS.ProcessEnv; undo: Undo },
) {
  const { clock, env, undo } = deps
  const lock = acquireInstanceLock(dataDir)
  undo.push(() => lock.release())
  const logFile = join(dataDir, 'drawbridge.log')
  // What is added to, and not replaced, goes where a link leads.
  checkOwnFile(logFile)
  const redactor = createRedactor()
  const log = createSampledLog(createFileLog(logFile, redactor), clock)
  undo.push(() => log.close())
  const { db, setAside } = openDatabase(join(dataDir, 'drawbridge.db'), log)
  undo.push(() => db.close())
  const vault = await openVault({ dataDir, service: 'Drawbridge', env, log, redactor, clock })
  const settings = createSettings(db)
  return { redactor, log, db, vault, settings, notices: createNotices(setAside, settings) }
}

export type Folder = Awaited<ReturnType<typeof openFolder>>
