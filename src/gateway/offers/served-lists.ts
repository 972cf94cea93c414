import * as z from 'zod'
import type { Grant } from '../../contract/access.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../storage/database/database.ts'

/** A row of what has not changed is written again after this long, so that `at` is not far off. Milliseconds. */
const repeatAfter = 60_000
/** Several lists are usually fetched in one go. */
const writeAfter = 1_000
/** Of a list whose grant is gone. */
const keepFor = 7 * 24 * 3_600_000

const Scopes = z.array(z.string()).nullable()
const Row = z.object({
  grant_id: z.string(),
  kind: z.string(),
  hash: z.string(),
  count: z.number().int(),
  scopes: z
    .string()
    .nullable()
    .transform((text) => (text === null ? null : Scopes.parse(JSON.parse(text)))),
  at: z.number().int(),
})

interface Served {
  hash: string
  count: number
  /** Of the token that it was fetched with, which may have been narrowed; null: not narrowed. */
  scopes: readonly string[] | null
  at: number
  /** When the row was written; 0: not yet. */
  writtenAt: number
}

/** Who asked, and what was served, as far as it matters here. */
type Asker = { grantId: string; scopes: ReadonlySet<string> | null }
type List = { items: readonly unknown[]; hash: string }

/**
 * What was last served to whom (table `served_lists`). Noting a list costs a look into a map; rows are written a moment
 * later, once per change, else once a minute.
 */
export function createServedLists(deps: {
  db: Database
  clock: Clock
  /** The hashes of the list of tools that a grant would get now, one for each era. */
  hashesNow(grant: Grant, scopes: readonly string[] | null): readonly string[]
  /** Told after a client got another list than before. */
  changed(): void
}) {
  const { db, clock } = deps
  /** By grant, then kind. */
  const byGrant = new Map<string, Map<string, Served>>()
  const keep = (grantId: string, kind: string, served: Served) => {
    const kinds = byGrant.get(grantId) ?? new Map<string, Served>()
    byGrant.set(grantId, kinds)
    kinds.set(kind, served)
  }
  for (const raw of db.prepare('SELECT * FROM served_lists').all()) {
    const { grant_id, kind, ...row } = Row.parse(raw)
    keep(grant_id, kind, { ...row, writtenAt: row.at })
  }
  const store = db.prepare(
    `INSERT INTO served_lists (grant_id, kind, hash, count, scopes, at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (grant_id, kind) DO UPDATE SET
       hash = excluded.hash, count = excluded.count, scopes = excluded.scopes, at = excluded.at`,
  )
  const remove = db.prepare('DELETE FROM served_lists WHERE grant_id = ?')

  /** By grant and kind: what has to be written. */
  const due = new Map<string, [grantId: string, kind: string, served: Served]>()
  let timer: NodeJS.Timeout | null = null
  const flush = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    for (const [grantId, kind, served] of due.values()) {
      const { hash, count, scopes, at } = served
      store.run(grantId, kind, hash, count, scopes === null ? null : JSON.stringify(scopes), at)
      served.writtenAt = at
    }
    due.clear()
  }
  const write = (grantId: string, kind: string, served: Served) => {
    due.set(`${grantId} ${kind}`, [grantId, kind, served])
    timer ??= setTimeout(() => {
      flush()
      deps.changed()
    }, writeAfter).unref()
  }

  return {
    note({ grantId, scopes }: Asker, kind: string, list: List): void {
      const now = clock.now()
      const before = byGrant.get(grantId)?.get(kind)
      if (before?.hash === list.hash && sameScopes(before.scopes, scopes)) {
        before.at = now
        if (now - before.writtenAt >= repeatAfter) write(grantId, kind, before)
        return
      }
      const served = {
        ...{ hash: list.hash, count: list.items.length, at: now, writtenAt: 0 },
        scopes: scopes && [...scopes],
      }
      keep(grantId, kind, served)
      write(grantId, kind, served)
    },
    lastHash: (grantId: string, kind: string): string | undefined => byGrant.get(grantId)?.get(kind)?.hash,
    /** The list of tools that a grant's client has. */
    of(grant: Grant): Grant['served'] {
      const served = byGrant.get(grant.id)?.get('tools')
      if (served === undefined) return null
      const { at, count, hash, scopes } = served
      return { at, tools: count, hash, current: deps.hashesNow(grant, scopes).includes(hash) }
    },
    /** Forgets what was served to grants that are gone, a week after they were last served. */
    sweep(alive: ReadonlySet<string>): void {
      for (const [grantId, kinds] of byGrant) {
        if (alive.has(grantId)) continue
        if ([...kinds.values()].some((served) => served.at + keepFor > clock.now())) continue
        byGrant.delete(grantId)
        for (const kind of kinds.keys()) due.delete(`${grantId} ${kind}`)
        remove.run(grantId)
      }
    },
    /** Writes what is still to be written. */
    stop: flush,
  }
}

const sameScopes = (before: readonly string[] | null, now: ReadonlySet<string> | null): boolean =>
  before === null || now === null
    ? before === now
    : before.length === now.size && before.every((scope) => now.has(scope))
