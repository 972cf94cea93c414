import type { Access, Grant } from '../../contract/access.ts'
import type { Clock } from '../../kernel/clock.ts'
import { doAll, HostError } from '../../kernel/errors.ts'
import { newId, newToken, sha256 } from '../../kernel/ids.ts'
import type { Database } from '../../storage/database/database.ts'
import { inTransaction } from '../../storage/database/in-transaction.ts'
import type { LastWrites } from '../../storage/reserve.ts'
import { samePlace } from '../clients/redirects.ts'
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
  paused_until: number | null
  /** The workspace whose address it came to; null: its own. */
  address: string | null
  /** JSON. */
  abilities: string | null
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

interface Admission {
  clientId: string
  clientName: string
  /** Null for a client that lets itself in with its secret. */
  redirectHost: string | null
  workspace: string
  /** The workspace whose address it asked at. */
  address: string
  access: Access
  tools: string[] | null
  expiresAt: number | null
}

export interface NewKey {
  name: string
  access: Access
  workspace: string
  tools?: string[] | null
  /** What it is narrowed to, as scopes; null or left out: nothing. */
  scopes?: string[] | null
  /** The same as its owner named it; see `keyScopes`. */
  abilities?: readonly string[]
  expiresAt?: number | null
}

/** `now`: a pause that is over is none. */
const toGrant = (row: GrantRow, now: number): BareGrant => ({
  id: row.id,
  kind: row.kind,
  clientId: row.client_id,
  name: row.name,
  redirectHost: row.redirect_host,
  workspace: row.workspace,
  access: row.access,
  tools: row.tools === null ? null : (JSON.parse(row.tools) as string[]),
  address: row.address,
  scopes: row.abilities === null ? null : (JSON.parse(row.abilities) as string[]),
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
  lastOrigin: row.last_origin,
  expiresAt: row.expires_at,
  pausedUntil: row.paused_until !== null && row.paused_until > now ? row.paused_until : null,
  callsToday: 0,
  served: null,
})

const gone = () =>
  new HostError({
    code: 'grant-gone',
  })

const pastExpiry = () =>
  new HostError({
    code: 'expiry-past',
  })

const nameTaken = (name: string) =>
  new HostError({
    code: 'name-taken',
    says: 'name-taken-access',
    params: { name },
  })

const columns =
  'id, kind, name, client_id, redirect_host, workspace, access, tools, created_at, last_seen_at, last_origin, expires_at, paused_until, address, abilities'

const statements = (db: Database) => ({
  all: db.prepare(`SELECT ${columns} FROM grants WHERE revoked_at IS NULL ORDER BY created_at, id`),
  one: db.prepare(`SELECT ${columns} FROM grants WHERE id = ? AND revoked_at IS NULL`),
  byKey: db.prepare(`SELECT ${columns} FROM grants WHERE token_hash = ? AND revoked_at IS NULL`),
  byClient: db.prepare(
    `SELECT ${columns} FROM grants WHERE client_id = ? AND ifnull(address, workspace) = ? AND revoked_at IS NULL`,
  ),
  ofClient: db.prepare('SELECT id FROM grants WHERE client_id = ? AND revoked_at IS NULL'),
  add: db.prepare(`
    INSERT INTO grants
      (id, kind, name, client_id, redirect_host, workspace, access, tools, token_hash, expires_at, created_at, address, abilities)
    VALUES ($id, $kind, $name, $clientId, $redirectHost, $workspace, $access, $tools, $tokenHash, $expiresAt, $now, $address, $abilities)`),
  move: db.prepare('UPDATE grants SET workspace = ?, address = ? WHERE id = ?'),
  update: db.prepare('UPDATE grants SET name = ?, access = ?, tools = ?, expires_at = ? WHERE id = ?'),
  pause: db.prepare('UPDATE grants SET paused_until = ? WHERE id = ?'),
  chosen: db.prepare('SELECT id, tools FROM grants WHERE tools IS NOT NULL'),
  choose: db.prepare('UPDATE grants SET tools = ? WHERE id = ?'),
  seen: db.prepare('UPDATE grants SET last_seen_at = ?, last_origin = ? WHERE id = ?'),
  revoke: db.prepare(
    'UPDATE grants SET revoked_at = ?, token_hash = NULL WHERE id = ? AND revoked_at IS NULL',
  ),
  forget: db.prepare('DELETE FROM grants WHERE revoked_at <= ?'),
})

const listText = (tools: string[] | null) => (tools === null ? null : JSON.stringify(tools))

/** The table `grants`: what the owner allowed each client and key. Keys are stored as SHA-256 only. */
export class Grants {
  readonly #db: Database
  readonly #clock: Clock
  readonly #sessions: Pick<Sessions, 'of'>
  readonly #last: Pick<LastWrites, 'write'>
  readonly #changed: () => void
  readonly #sql: ReturnType<typeof statements>
  readonly #lastSeen = new Map<string, { at: number; origin: string }>()
  /** Revoked, which could not be written yet, as on a full disk: nobody finds them any more. */
  readonly #ended = new Set<string>()

  constructor(deps: {
    db: Database
    clock: Clock
    sessions: Pick<Sessions, 'of'>
    last: Pick<LastWrites, 'write'>
    changed: () => void
  }) {
    this.#db = deps.db
    this.#last = deps.last
    this.#clock = deps.clock
    this.#sessions = deps.sessions
    this.#changed = deps.changed
    this.#sql = statements(deps.db)
  }

  #all(): GrantRow[] {
    return (this.#sql.all.all() as unknown as GrantRow[]).filter(({ id }) => !this.#ended.has(id))
  }

  #row(id: string): GrantRow {
    const found = this.#sql.one.get(id) as GrantRow | undefined
    if (found === undefined || this.#ended.has(id)) throw gone()
    return found
  }

  #full(row: GrantRow): Grant {
    const hasSessions = row.kind !== 'key' && !this.#isExpired(row)
    return { ...toGrant(row, this.#clock.now()), sessions: hasSessions ? this.#sessions.of(row.id) : [] }
  }

  #isExpired(row: GrantRow): boolean {
    return row.expires_at !== null && row.expires_at <= this.#clock.now()
  }

  #live(row: GrantRow | undefined): BareGrant | null {
    if (row === undefined || this.#ended.has(row.id) || this.#isExpired(row)) return null
    return toGrant(row, this.#clock.now())
  }

  list(): Grant[] {
    return this.#all().map((row) => this.#full(row))
  }

  /** Throws HostError `grant-gone`. */
  get(id: string): Grant {
    return this.#full(this.#row(id))
  }

  /** Null when revoked, expired or never there. */
  find(id: string): BareGrant | null {
    return this.#live(this.#sql.one.get(id) as GrantRow | undefined)
  }

  findKey(token: string): BareGrant | null {
    return this.#live(this.#sql.byKey.get(sha256(token)) as GrantRow | undefined)
  }

  /** `address`: the workspace at whose address it asks. */
  findClient(clientId: string, redirectHost: string, address: string) {
    const found = this.#entryOf(clientId, redirectHost, address)
    if (found === undefined) return null
    return { id: found.id, workspace: found.workspace, expired: this.#isExpired(found) }
  }

  /** The entry a returning client comes back to, expired or not: same client, same redirect host, same address. */
  #entryOf(clientId: string, redirectHost: string, address: string): GrantRow | undefined {
    return (this.#sql.byClient.all(clientId, address) as unknown as GrantRow[]).find(
      (one) =>
        !this.#ended.has(one.id) &&
        one.redirect_host !== null &&
        samePlace(one.redirect_host) === samePlace(redirectHost),
    )
  }

  ofClient(clientId: string): string[] {
    return this.#all().flatMap((one) => (one.client_id === clientId ? one.id : []))
  }

  ofWorkspace(name: string): string[] {
    return this.#all().flatMap((one) => (one.workspace === name ? one.id : []))
  }

  /** When each entry ends. */
  expiries(): { id: string; expiresAt: number | null }[] {
    return this.#all().map(({ id, expires_at }) => ({ id, expiresAt: expires_at }))
  }

  /** When the pause of each entry ends, over or not. */
  pauses(): { id: string; expiresAt: number | null }[] {
    return this.#all().map(({ id, paused_until }) => ({ id, expiresAt: paused_until }))
  }

  hasClient(clientId: string): boolean {
    return this.#sql.ofClient.all(clientId).some(({ id }) => !this.#ended.has(String(id)))
  }

  /** Throws HostError `expiry-past`. */
  checkExpiry(expiresAt: number | null | undefined): void {
    if (typeof expiresAt === 'number' && expiresAt <= this.#clock.now()) throw pastExpiry()
  }

  /** Entries are told apart by name, on the page and on the command line. */
  #isNameTaken(name: string, except?: string): boolean {
    return this.#all().some((one) => one.id !== except && one.name.toLowerCase() === name.toLowerCase())
  }

  #freeName(wanted: string): string {
    let name = wanted
    for (let n = 2; this.#isNameTaken(name); n += 1) name = `${wanted} ${n}`
    return name
  }

  /** Lets a client in: updates the entry it came back to, or adds one. Throws HostError `expiry-past`. */
  admit(client: Admission): { grant: Grant; added: boolean } {
    this.checkExpiry(client.expiresAt)
    const { clientId, redirectHost, workspace, access, expiresAt } = client
    const address = client.address === workspace ? null : client.address
    const before = redirectHost === null ? undefined : this.#entryOf(clientId, redirectHost, client.address)
    const tools = listText(client.tools)
    const id = before?.id ?? newId('grant')
    if (before) {
      this.#sql.update.run(before.name, access, tools, expiresAt, id)
      this.#sql.move.run(workspace, address, id)
    } else {
      const name = this.#freeName(`MCP — ${client.clientName}`)
      const now = this.#clock.now()
      const entry = { id, name, clientId, redirectHost, workspace, access, tools, expiresAt, now }
      this.#sql.add.run({ ...entry, kind: 'client', tokenHash: null, address, abilities: null })
    }
    this.#changed()
    return { grant: this.get(id), added: before === undefined }
  }

  /** Throws HostError `name-taken` or `expiry-past`. */
  createKey(key: NewKey): { grant: Grant; token: string } {
    const { name, workspace, access, expiresAt = null } = key
    if (this.#isNameTaken(name)) throw nameTaken(name)
    this.checkExpiry(expiresAt)
    const token = keyPrefix + newToken()
    const id = newId('grant')
    const entry = { id, name, workspace, access, tools: listText(key.tools ?? null), expiresAt }
    this.#sql.add.run({
      ...entry,
      kind: 'key',
      clientId: null,
      redirectHost: null,
      tokenHash: sha256(token),
      address: null,
      abilities: listText(key.scopes ?? null),
      now: this.#clock.now(),
    })
    this.#changed()
    return { grant: this.get(id), token }
  }

  /** Throws HostError `grant-gone`, `name-taken` or `expiry-past`. */
  update(id: string, change: GrantChange): Grant {
    const old = this.#row(id)
    if (change.name !== undefined && this.#isNameTaken(change.name, id)) throw nameTaken(change.name)
    if (change.expiresAt !== old.expires_at) this.checkExpiry(change.expiresAt)
    this.#sql.update.run(
      change.name ?? old.name,
      change.access ?? old.access,
      change.tools === undefined ? old.tools : listText(change.tools),
      change.expiresAt === undefined ? old.expires_at : change.expiresAt,
      id,
    )
    this.#changed()
    return this.get(id)
  }

  /** Null: it goes on. Throws HostError `grant-gone`. */
  pause(id: string, until: number | null): Grant {
    this.#row(id)
    this.#sql.pause.run(until, id)
    this.#changed()
    return this.get(id)
  }

  /** Takes tools that are gone for good out of what was chosen, also of entries that have ended. */
  forgetTools(isGone: (id: string) => boolean): void {
    let some = false
    for (const { id, tools } of this.#sql.chosen.all() as { id: string; tools: string }[]) {
      const before = JSON.parse(tools) as string[]
      const left = before.filter((tool) => !isGone(tool))
      if (left.length === before.length) continue
      // None left is none: nothing chosen would be everything.
      this.#sql.choose.run(JSON.stringify(left), id)
      some = true
    }
    if (some) this.#changed()
  }

  ids(): string[] {
    return this.#all().map(({ id }) => id)
  }

  /** Those of them that are there. In memory first: what cannot be written has ended all the same, and is written as soon as it can be. */
  revoke(...ids: readonly string[]): void {
    const there = new Set(this.ids())
    const ended = ids.filter((id) => there.has(id))
    if (ended.length === 0) return
    for (const id of ended) {
      this.#ended.add(id)
      this.#lastSeen.delete(id)
    }
    doAll(
      () => this.#writeEnded(),
      () => this.#changed(),
    )
  }

  #writeEnded(): void {
    if (this.#ended.size === 0) return
    this.#last.write(() =>
      inTransaction(this.#db, () => {
        for (const id of this.#ended) this.#sql.revoke.run(this.#clock.now(), id)
      }),
    )
    this.#ended.clear()
  }

  /** `origin` is the one of the address that was called. */
  seen(id: string, origin: string): void {
    const now = this.#clock.now()
    const last = this.#lastSeen.get(id)
    if (last !== undefined && last.origin === origin && Math.abs(now - last.at) < seenStep) return
    this.#lastSeen.set(id, { at: now, origin })
    this.#sql.seen.run(now, origin, id)
  }

  sweep(): void {
    this.#writeEnded()
    this.#sql.forget.run(this.#clock.now() - keepRevoked)
  }
}
