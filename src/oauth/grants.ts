import type { Access, Grant } from '../contract/models.ts'
import type { Clock } from '../kernel/clock.ts'
import { HostError } from '../kernel/errors.ts'
import { newId, newToken, sha256 } from '../kernel/ids.ts'
import type { Database } from '../storage/database.ts'
import { samePlace } from './redirects.ts'

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
  expires_at: number | null
}

export type Grants = ReturnType<typeof createGrants>

const toGrant = (row: GrantRow): Grant => ({
  id: row.id,
  kind: row.kind,
  name: row.name,
  redirectHost: row.redirect_host,
  workspace: row.workspace,
  access: row.access,
  tools: row.tools === null ? null : (JSON.parse(row.tools) as string[]),
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
  expiresAt: row.expires_at,
  callsToday: 0,
})

const gone = () =>
  new HostError({
    code: 'grant-gone',
    message: 'This entry does not exist any more.',
    hint: 'Look at the Access page for what is connected now.',
  })

/** The table `grants`: what the owner allowed each client and key. Keys are stored as SHA-256 only. */
export function createGrants(deps: { db: Database; clock: Clock; changed: () => void }) {
  const { db, clock, changed } = deps
  const columns =
    'id, kind, name, client_id, redirect_host, workspace, access, tools, created_at, last_seen_at, expires_at'
  const sql = {
    all: db.prepare(`SELECT ${columns} FROM grants WHERE revoked_at IS NULL ORDER BY created_at, id`),
    one: db.prepare(`SELECT ${columns} FROM grants WHERE id = ? AND revoked_at IS NULL`),
    byKey: db.prepare(`SELECT ${columns} FROM grants WHERE token_hash = ? AND revoked_at IS NULL`),
    byClient: db.prepare(
      `SELECT ${columns} FROM grants WHERE client_id = ? AND workspace = ? AND revoked_at IS NULL`,
    ),
    anyOfClient: db.prepare('SELECT 1 FROM grants WHERE client_id = ? AND revoked_at IS NULL LIMIT 1'),
    add: db.prepare(`
      INSERT INTO grants (id, kind, name, client_id, redirect_host, workspace, access, tools, token_hash, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    update: db.prepare('UPDATE grants SET name = ?, access = ?, tools = ? WHERE id = ?'),
    seen: db.prepare('UPDATE grants SET last_seen_at = ? WHERE id = ?'),
    revoke: db.prepare(
      'UPDATE grants SET revoked_at = ?, token_hash = NULL WHERE id = ? AND revoked_at IS NULL',
    ),
    forget: db.prepare('DELETE FROM grants WHERE revoked_at <= ?'),
  }
  const lastSeen = new Map<string, number>()

  const row = (id: string): GrantRow => {
    const found = sql.one.get(id) as GrantRow | undefined
    if (found === undefined) throw gone()
    return found
  }
  const list = (): Grant[] => (sql.all.all() as unknown as GrantRow[]).map(toGrant)
  const nameTaken = (name: string, except?: string) =>
    list().some((grant) => grant.id !== except && grant.name.toLowerCase() === name.toLowerCase())
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
  const live = (found: GrantRow | undefined): Grant | null =>
    found === undefined || (found.expires_at !== null && found.expires_at <= clock.now())
      ? null
      : toGrant(found)

  return {
    list,
    /** Throws HostError `grant-gone`. */
    get: (id: string): Grant => toGrant(row(id)),
    /** Null when revoked, expired or never there. */
    find: (id: string): Grant | null => live(sql.one.get(id) as GrantRow | undefined),
    findKey: (token: string): Grant | null => live(sql.byKey.get(sha256(token)) as GrantRow | undefined),
    /** The entry a returning client comes back to: same client, same redirect host, same workspace. */
    findClient(clientId: string, redirectHost: string, workspace: string): Grant | null {
      const rows = sql.byClient.all(clientId, workspace) as unknown as GrantRow[]
      return live(rows.find((one) => samePlace(one.redirect_host ?? '') === samePlace(redirectHost)))
    },
    hasClient: (clientId: string): boolean => sql.anyOfClient.get(clientId) !== undefined,
    /** Lets a client in: updates the entry it came back to, or adds one. */
    admit(client: {
      clientId: string
      clientName: string
      redirectHost: string
      workspace: string
      access: Access
      tools: string[] | null
    }): { grant: Grant; added: boolean } {
      const known = this.findClient(client.clientId, client.redirectHost, client.workspace)
      const tools = client.tools === null ? null : JSON.stringify(client.tools)
      const id = known?.id ?? newId('grant')
      if (known) sql.update.run(known.name, client.access, tools, id)
      else {
        const name = freeName(`MCP — ${client.clientName}`)
        const { clientId, redirectHost, workspace, access } = client
        sql.add.run(id, 'client', name, clientId, redirectHost, workspace, access, tools, null, clock.now())
      }
      changed()
      return { grant: toGrant(row(id)), added: known === null }
    },
    createKey(key: { name: string; access: Access; workspace: string }): { grant: Grant; token: string } {
      refuseTakenName(key.name)
      const token = keyPrefix + newToken()
      const id = newId('grant')
      const { name, workspace, access } = key
      sql.add.run(id, 'key', name, null, null, workspace, access, null, sha256(token), clock.now())
      changed()
      return { grant: toGrant(row(id)), token }
    },
    update(id: string, change: { access?: Access | undefined; name?: string | undefined }): Grant {
      const old = row(id)
      if (change.name !== undefined) refuseTakenName(change.name, id)
      sql.update.run(change.name ?? old.name, change.access ?? old.access, old.tools, id)
      changed()
      return toGrant(row(id))
    },
    /** False when there was nothing left to revoke. */
    revoke(id: string): boolean {
      const ended = Number(sql.revoke.run(clock.now(), id).changes) === 1
      lastSeen.delete(id)
      if (ended) changed()
      return ended
    },
    seen(id: string): void {
      const now = clock.now()
      if (Math.abs(now - (lastSeen.get(id) ?? Number.NEGATIVE_INFINITY)) < seenStep) return
      lastSeen.set(id, now)
      sql.seen.run(now, id)
    },
    sweep: (): void => void sql.forget.run(clock.now() - keepRevoked),
  }
}
