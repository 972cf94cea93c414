import { basename, join, resolve } from 'node:path'
import { say } from '../../locales/say.ts'
import { Workspaces } from '../gateway/workspaces/workspaces.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { newId } from '../kernel/ids.ts'
import { createFileLog, type Log, type LogLevel } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { createSampledLog } from '../kernel/log/sampled-log.ts'
import { createNetwork } from '../net/network.ts'
import { tidyBackups } from '../storage/backup/backups.ts'
import { logKey } from '../storage/backup/carried-over.ts'
import { finishRestore } from '../storage/backup/staged-restore.ts'
import {
  type Database,
  type OpenedDatabase,
  openCallLog,
  openDatabase,
} from '../storage/database/database.ts'
import { acquireInstanceLock } from '../storage/instance-lock.ts'
import { checkOwnFile } from '../storage/own-folder.ts'
import { createPreferences } from '../storage/preferences.ts'
import { Reserve } from '../storage/reserve.ts'
import { createSettings } from '../storage/settings.ts'
import { openVault } from '../storage/vault/open-vault.ts'
import { keptKey, openSessionKey } from '../storage/vault/session-key.ts'
import { createBroadcast } from './broadcast.ts'
import type { HostOptions } from './host.ts'
import { createNotices } from './notices/notices.ts'
import { tellRestored } from './notices/restored.ts'

/** What has to be undone when the host stops, in the order it was done. */
export type Undo = (() => void | Promise<void>)[]

/**
 * What all rooms stand on: the data folder, taken for this host alone, and what lies in it. `undo` gets what has to be closed again.
 * Throws HostError `already-running`, `data-folder-unwritable`, `disk-full`, `data-folder-shared`, `data-folder-link`, `database-newer` or `vault-setting`.
 */
export async function openBase(options: HostOptions, undo: Undo) {
  const { shell, version, clock = systemClock, env = process.env } = options
  const dataDir = resolve(options.dataDir)
  const folder = await openFolder(dataDir, { clock, env, undo, logLevel: options.logLevel })
  const { log, db, vault, settings, redactor } = folder
  const network = createNetwork({ env, log, redactor, system: options.systemProxy })
  log.info('host.starting', { version, shell, pid: process.pid, node: process.version })
  const broadcast = createBroadcast(log)
  return {
    ...folder,
    options,
    undo,
    clock,
    env,
    dataDir,
    network,
    broadcast,
    tell: broadcast.tell,
    instance: newId('instance'),
    workspaces: new Workspaces(db, clock),
    preferences: createPreferences(settings, (now) => broadcast.tell('preferences.changed', now)),
    secrets: await openSessionKey(vault, log),
    callLogKey: await keptKey(vault, logKey, log),
  }
}

export type Base = Awaited<ReturnType<typeof openBase>>

export async function openFolder(
  dataDir: string,
  deps: { clock: Clock; env: NodeJS.ProcessEnv; undo: Undo; logLevel?: LogLevel | undefined },
) {
  const { clock, env, undo, logLevel } = deps
  const lock = acquireInstanceLock(dataDir)
  undo.push(() => lock.release())
  // Before anything needs room.
  await tidyBackups(dataDir)
  const logFile = join(dataDir, 'drawbridge.log')
  // What is added to, and not replaced, goes where a link leads.
  checkOwnFile(logFile)
  const redactor = createRedactor()
  const log = createSampledLog(createFileLog(logFile, redactor, Date.now, logLevel), clock)
  undo.push(() => log.close())
  const vault = await openVault({ dataDir, service: 'Drawbridge', env, log, redactor, clock })
  await finishRestore(dataDir, vault, log, tellRestored)
  const { db, setAside } = openDatabase(join(dataDir, 'drawbridge.db'), log)
  undo.push(() => db.close())
  const reserve = new Reserve(dataDir, log)
  const callLog = openCallLog(join(dataDir, 'activity.db'), log, () => clock.now(), db)
  undo.push(() => callLog.db.close())
  const settings = createSettings(db)
  const notices = createNotices(setAside, settings)
  if (callLog.setAside !== null) {
    settings.delete('activity.head')
    notices.add('warning', {
      message: say('notice.log-damaged.message'),
      hint: say('notice.log-damaged.hint', { file: basename(callLog.setAside) }),
    })
  }
  return { redactor, log, db, callLog: callLog.db, vault, settings, notices, reserve }
}

/** The database of a room, opened when it is first needed. One that was damaged is begun anew, and the owner is told. */
export function openRoomDatabase(
  { dataDir, log, clock, notices, tell }: Base,
  room: 'changes' | 'timeline',
  open: (file: string, log: Log, now: () => number) => OpenedDatabase,
): Database {
  const { db, setAside } = open(join(dataDir, `${room}.db`), log, () => clock.now())
  if (setAside !== null)
    tell(
      'notices.added',
      notices.add('warning', {
        message: say(`notice.${room}-damaged.message`),
        hint: say(`notice.${room}-damaged.hint`, { file: basename(setAside) }),
      }),
    )
  return db
}
