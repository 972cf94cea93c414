import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { backup } from 'node:sqlite'
import * as z from 'zod'
import { BackupFacts } from '../../contract/backup.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Database } from '../database/database.ts'
import { callLogSteps, migrations, timelineSteps } from '../database/migrations.ts'
import type { ListedVault } from '../vault/vault.ts'
import type { Entry } from './backup-file.ts'

/** The databases a backup may hold, and how far each can be known. */
export const databases = {
  'drawbridge.db': migrations.length,
  'activity.db': callLogSteps.length,
  'timeline.db': timelineSteps.length,
} as const
export type DatabaseName = keyof typeof databases
export const isDatabase = (name: string): name is DatabaseName => Object.hasOwn(databases, name)

/** `about.json`, the first entry. `steps`: how far each database in it has been migrated, also one that only later versions know. */
export const About = z.object({ facts: BackupFacts, steps: z.record(z.string(), z.int().nonnegative()) })
export type About = z.infer<typeof About>

/** `secrets.json`, the last entry: names and values of the vault. */
export const Secrets = z.array(z.tuple([z.string(), z.string()]))

export interface Sources {
  dataDir: string
  version: string
  now(): number
  vault: ListedVault
  db: Database
  callLog: Database
  /** Null: it was never used. */
  timeline(): Database | null
}

/** Begins the names in the vault that belong to a restore under way, and to nobody else. */
export const ofRestore = 'restore/'

/** Pages of a database that are copied between two looks at whatever else there is to do. */
const pagesAtOnce = 200

/** What a backup holds. Copies of the databases lie in `folder` until they were read. Throws what vault and disk throw. */
export async function* contentsOf(sources: Sources, withLog: boolean, folder: string): AsyncGenerator<Entry> {
  const timeline = sources.timeline()
  const copied: [DatabaseName, Database][] = [
    ['drawbridge.db', sources.db],
    ...(withLog ? [['activity.db', sources.callLog] satisfies [DatabaseName, Database]] : []),
    ...(timeline ? [['timeline.db', timeline] satisfies [DatabaseName, Database]] : []),
  ]
  // Before anything is written: a vault that is locked is said at once.
  const all = [...(await sources.vault.all())].filter(([name]) => !name.startsWith(ofRestore))
  const secrets = Buffer.from(JSON.stringify(all))
  yield entryOf('about.json', Buffer.from(JSON.stringify(aboutOf(sources, withLog, copied))))
  for (const [name, db] of copied) {
    const copy = join(folder, name)
    try {
      await backup(db, copy, { rate: pagesAtOnce })
      yield { name, size: (await stat(copy)).size, data: createReadStream(copy) }
    } finally {
      await rm(copy, { force: true })
    }
  }
  yield entryOf('secrets.json', secrets)
}

const entryOf = (name: string, bytes: Buffer): Entry => ({ name, size: bytes.length, data: piecesOf(bytes) })

async function* piecesOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

function aboutOf(sources: Sources, withLog: boolean, copied: readonly [DatabaseName, Database][]): About {
  const { db, version, now } = sources
  const origin = db.prepare("SELECT value FROM settings WHERE name = 'bridge.publicOrigin'").get()
  return {
    facts: {
      madeAt: now(),
      version,
      computer: hostname().slice(0, 200),
      publicOrigin: z.url().nullable().catch(null).parse(jsonText(origin?.value)),
      ...countsOf(db),
      log: withLog,
    },
    steps: Object.fromEntries(
      copied.map(([name, one]) => [name, one.prepare('PRAGMA user_version').get()?.user_version]),
    ) as About['steps'],
  }
}

/** How many may come in, and how many servers there are. */
export function countsOf(db: Database): Pick<BackupFacts, 'grants' | 'servers'> {
  const numberOf = (sql: string) => (db.prepare(sql).get() as { n: number }).n
  return {
    grants: numberOf('SELECT count(*) AS n FROM grants WHERE revoked_at IS NULL'),
    servers: numberOf('SELECT count(*) AS n FROM servers'),
  }
}

const jsonText = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : null)

/** Throws HostError `backup-newer`. */
export function checkKnown({ steps }: Pick<About, 'steps'>): void {
  for (const [name, step] of Object.entries(steps))
    if (!isDatabase(name) || step > databases[name])
      throw new HostError({ code: 'backup-newer', detail: `${name} at step ${step}` })
}
