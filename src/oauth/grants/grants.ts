import type { Access, Grant } from '../../contract/access.ts'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import { newId, newToken, sha256 } from '../../kernel/ids.ts'
import type { Database } from '../../storage/database/database.ts'
import { samePlace } from '../authorization/redirects.ts'
import type { Sessions } from './sessions.ts'

export const keyPrefix = 'db_key_'

/** How exact "last seen" is; a write per call would cost more than it tells. */
const seenStep = 60_000
/** Revoked entries are kept this long, so that the activity log can still be explained. */
const keepRevoked = 90 * 24 * 60 * 60 * 1000

interface GrantRow {
  id: string
  kind: 'client' | 'key'
  name: string
  client_id: string | null
  redirect_host: string | null
  workspace: string
  access: Access
  tools: string | null
  created_at: number
  last_seen_at: number | null
  last_origin: string | null
  expires_at: number | null
}

/** What the owner may change of an entry; what is left out stays. */
export interface GrantChange {
  name?: string | undefined
  access?: Access | undefined
  tools?: string[] | null | undefined
  expiresAt?: number | null | undefined
}

/** An entry without what only the Access page shows. */
export type BareGrant = Omit<Grant, 'sessions'>

export interface Admission {
  clientId: string
  clientName: string
  /** Null for a client that lets itself in with its secret. */
  redirectHost: string | null
  workspace: string
  access: Access
  tools: string[] | null
  expiresAt: number | null
}

export interface NewKey {
  name: string
  access: Access
  workspace: string
  tools?: string[] | null
  expiresAt?: number | null
}

export type Grants = ReturnType<typeof createGrants>

const toGrant = (row: GrantRow): BareGrant => ({
  id: row.id,
  kind: row.kind,
  clientId: row.client_id,
  name: row.name,
  redirectHost: row.redirect_host,
  workspace: row.workspace,
  access: row.access,
  tools: row.tools === null ? null : (JSON.parse(row.tools) as string[]),
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
  lastOrigin: row.last_origin,
  expiresAt: row.expires_at,
  callsToday: 0,
  served: null,
})

const gone = () =>
  new HostError({
    code: 'grant-gone',
    message: 'This entry does not exist any more.',
    hint: 'Look at the Access page for what is connected now.',
  })

const pastExpiry = () =>
  new HostError({
    code: 'expiry-past',
    message: 'The end of this access lies in the past.',
    hint: 'Choose a later time, or revoke the access if it shall end now.',
  })

/** The table `grants`: what the owner allowed each client and key. Keys are stored as SHA-256 only. */
export function createGrants(deps: { db: Database; clock: Clock; sessions: Sessions; changed: () => void }) {
  const { db, clock, sessions, changed } = deps
  const columns =
    'id, kind, name, client_id, redirect_host, workspace, access, tools, created_at, last_seen_at, last_origin, expires_at'
  const sql = {
    all: db.prepare(`SELECT ${columns} FROM grants WHERE revoked_at IS NULL ORDER BY created_at, id`),
    one: db.prepare(`SELECT ${columns} FROM grants WHERE id = ? AND revoked_at IS NULL`),
    byKey: db.prepare(`SELECT ${columns} FROM grants WHERE token_hash = ? AND revoked_at IS NULL`),
    byClient: db.prepare(
      `SELECT ${columns} FROM grants WHERE client_id = ? AND workspace = ? AND revoked_at IS NULL`,
    ),
    anyOfClient: db.prepare('SELECT 1 FROM grants WHERE client_id = ? AND revoked_at IS NULL LIMIT 1'),
    add: db.prepare(`
      INSERT INTO grants
        (id, kind, name, client_id, redirect_host, workspace, access, tools, token_hash, expires_at, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    update: db.prepare('UPDATE grants SET name = ?, access = ?, tools = ?, expires_at = ? WHERE id = ?'),
    chosen: db.prepare('SELECT id, tools FROM grants WHERE tools IS NOT NULL'),
    choose: db.prepare('UPDATE grants SET tools = ? WHERE id = ?'),
    seen: db.prepare('UPDATE grants SET last_seen_at = ?, last_origin = ? WHERE id = ?'),
    revoke: db.prepare(
      'UPDATE grants SET revoked_at = ?, token_hash = NULL WHERE id = ? AND revoked_at IS NULL',
    ),
    forget: db.prepare('DELETE FROM grants WHERE revoked_at <= ?'),
  }
  const lastSeen = new Map<string, { at: number; origin: string }>()

  const row = (id: string): GrantRow => {
    const found = sql.one.get(id) as GrantRow | undefined
    if (found === undefined) throw gone()
    return found
  }
  const all = (): GrantRow[] => sql.all.all() as unknown as GrantRow[]
  const full = (found: GrantRow): Grant => ({
    ...toGrant(found),
    sessions: found.kind === 'key' || isExpired(found) ? [] : sessions.of(found.id),
  })
  const isExpired = (found: GrantRow) => found.expires_at !== null && found.expires_at <= clock.now()
  const live = (found: GrantRow | undefined): BareGrant | null =>
    found === undefined || isExpired(found) ? null : toGrant(found)
  const nameTaken = (name: string, except?: string) =>
    all().some((grant) => grant.id !== except && grant.name.toLowerCase() === name.toLowerCase())
  /** Entries are told apart by name, on the page and on the command line. */
  const freeName = (wanted: string): string => {
    let name = wanted
    for (let n = 2; nameTaken(name); n += 1) name = `${wanted} ${n}`
    return name
  }
  const refuseTakenName = (name: string, except?: string) => {
    if (nameTaken(name, except))
      throw new HostError({
        code: 'name-taken',
        message: `There is already an entry called “${name}”.`,
        hint: 'Choose another name, or revoke the old entry first.',
      })
  }
  const checkExpiry = (expiresAt: number | null | undefined) => {
    if (typeof expiresAt === 'number' && expiresAt <= clock.now()) throw pastExpiry()
  }
  const listText = (tools: string[] | null) => (tools === null ? null : JSON.stringify(tools))

  const idsWhere = (fits: (one: GrantRow) => boolean): string[] =>
    all()
      .filter(fits)
      .map(({ id }) => id)

  /** The entry a returning client comes back to, expired or not: same client, same redirect host, same workspace. */
  const entryOf = (clientId: string, redirectHost: string, workspace: string): GrantRow | undefined =>
    (sql.byClient.all(clientId, workspace) as unknown as GrantRow[]).find(
      (one) => one.redirect_host !== null && samePlace(one.redirect_host) === samePlace(redirectHost),
    )

  return {
    list: (): Grant[] => all().map(full),
    /** Throws HostError `grant-gone`. */
    get: (id: string): Grant => full(row(id)),
    /** Null when revoked, expired or never there. */
    find: (id: string): BareGrant | null => live(sql.one.get(id) as GrantRow | undefined),
    findKey: (token: string): BareGrant | null => live(sql.byKey.get(sha256(token)) as GrantRow | undefined),
    findClient(clientId: string, redirectHost: string, workspace: string) {
      const found = entryOf(clientId, redirectHost, workspace)
      return found === undefined ? null : { id: found.id, expired: isExpired(found) }
    },
    ofClient: (clientId: string): string[] => idsWhere((one) => one.client_id === clientId),
    ofWorkspace: (name: string): string[] => idsWhere((one) => one.workspace === name),
    /** When each entry ends. */
    expiries: () => all().map(({ id, expires_at }) => ({ id, expiresAt: expires_at })),
    hasClient: (clientId: string): boolean => sql.anyOfClient.get(clientId) !== undefined,
    checkExpiry,
    /** Lets a client in: updates the entry it came back to, or adds one. Throws HostError `expiry-past`. */
    admit(client: Admission): { grant: Grant; added: boolean } {
      checkExpiry(client.expiresAt)
      const { clientId, redirectHost, workspace, access, expiresAt } = client
      const known = redirectHost === null ? undefined : entryOf(clientId, redirectHost, workspace)
      const tools = listText(client.tools)
      const id = known?.id ?? newId('grant')
      if (known) sql.update.run(known.name, access, tools, expiresAt, id)
      else {
        const name = freeName(`MCP — ${client.clientName}`)
        const now = clock.now()
        sql.add.run(
          ...[id, 'client', name, clientId, redirectHost, workspace, access, tools, null, expiresAt, now],
        )
      }
      changed()
      return { grant: full(row(id)), added: known === undefined }
    },
    /** Throws HostError `name-taken` or `expiry-past`. */
    createKey(key: NewKey): { grant: Grant; token: string } {
      refuseTakenName(key.name)
      checkExpiry(key.expiresAt)
      const token = keyPrefix + newToken()
      const id = newId('grant')
      const { name, workspace, access, expiresAt = null } = key
      const tools = listText(key.tools ?? null)
      const now = clock.now()
      sql.add.run(...[id, 'key', name, null, null, workspace, access, tools, sha256(token), expiresAt, now])
      changed()
      return { grant: full(row(id)), token }
    },
    /** Throws HostError `grant-gone`, `name-taken` or `expiry-past`. */
    update(id: string, change: GrantChange): Grant {
      const old = row(id)
      if (change.name !== undefined) refuseTakenName(change.name, id)
      if (change.expiresAt !== old.expires_at) checkExpiry(change.expiresAt)
      sql.update.run(
        change.name ?? old.name,
        change.access ?? old.access,
        change.tools === undefined ? old.tools : listText(change.tools),
        change.expiresAt === undefined ? old.expires_at : change.expiresAt,
        id,
      )
      changed()
      return full(row(id))
    },
    /** Takes tools that are gone for good out of what was chosen, also of entries that have ended. */
    forgetTools(isGone: (id: string) => boolean): void {
      let some = false
      for (const { id, tools } of sql.chosen.all() as { id: string; tools: string }[]) {
        const before = JSON.parse(tools) as string[]
        const left = before.filter((tool) => !isGone(tool))
        if (left.length === before.length) continue
        // None left is none: nothing chosen would be everything.
        sql.choose.run(JSON.stringify(left), id)
        some = true
      }
      if (some) changed()
    },
    /** False when there was nothing left to revoke. */
    revoke(id: string): boolean {
      const ended = Number(sql.revoke.run(clock.now(), id).changes) === 1
      lastSeen.delete(id)
      if (ended) changed()
      return ended
    },
    /** `origin` is the one of the address that was called. */
    seen(id: string, origin: string): void {
      const now = clock.now()
      const last = lastSeen.get(id)
      if (last !== undefined && last.origin === origin && Math.abs(now - last.at) < seenStep) return
      lastSeen.set(id, { at: now, origin })
      sql.seen.run(now, origin, id)
    },
    sweep: (): void => void sql.forget.run(clock.now() - keepRevoked),
  }
}
