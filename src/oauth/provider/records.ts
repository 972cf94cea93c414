import { createHmac } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import { doAll } from '../../kernel/errors.ts'
import { sha256 } from '../../kernel/ids.ts'
import type { Database } from '../../storage/database/database.ts'
import { halfDone, tokensAndWhatTheyComeFrom } from '../../storage/database/token-models.ts'
import type { LastWrites } from '../../storage/reserve.ts'

/** A registration that nobody approved is forgotten after a day. */
const unapprovedLifetime = 24 * 60 * 60 * 1000

/** Unapproved registrations kept at most; the oldest go first. */
const maxUnapproved = 100

/**
 * How long a refresh token still works after it was used, so that a lost answer or two refreshes at once do not end a
 * connection (RFC 9700 §4.14.2). It works only until its successor is used, and gives that same successor again.
 */
const refreshGrace = 60_000

/** Live tokens a client that signs in by itself may have at once. */
const maxMachineTokens = 100

export interface Row {
  payload: string
  grant_id: string | null
  consumed_at: number | null
  expires_at: number | null
}

/** Records that have ended together. */
interface Deletion {
  isOf(model: string, row: Row): boolean
  run(): unknown
}

interface LiveAccessToken {
  /** The oidc grant ("family") the token belongs to, `<grant id>.<random>`. */
  family: string
  resource: string
  scope: string
  expiresAt: number
}

/** A family is one approval of a grant; its id begins with the grant's id. */
export const grantOf = (family: string): string => family.slice(0, family.indexOf('.'))

const statements = (db: Database) => ({
  get: db.prepare(
    'SELECT payload, grant_id, consumed_at, expires_at FROM oauth_records WHERE model = ? AND id_hash = ?',
  ),
  put: db.prepare(`
    INSERT INTO oauth_records (model, id_hash, payload, grant_id, uid_hash, consumed_at, expires_at)
    VALUES (?, ?, ?, ?, NULL, NULL, ?)
    ON CONFLICT (model, id_hash) DO UPDATE SET
      payload = excluded.payload, grant_id = excluded.grant_id, expires_at = excluded.expires_at`),
  consume: db.prepare(
    'UPDATE oauth_records SET consumed_at = ? WHERE model = ? AND id_hash = ? AND consumed_at IS NULL',
  ),
  destroy: db.prepare('DELETE FROM oauth_records WHERE model = ? AND id_hash = ?'),
  destroyByGrant: db.prepare('DELETE FROM oauth_records WHERE model = ? AND grant_id = ?'),
  destroyFamilies: db.prepare('DELETE FROM oauth_records WHERE grant_id >= ? AND grant_id < ?'),
  liveFamilies: db.prepare(`
    SELECT count(*) AS n FROM oauth_records
    WHERE grant_id >= ? AND grant_id < ? AND expires_at > ?
      AND model IN ('AuthorizationCode', 'RefreshToken', 'AccessToken') AND consumed_at IS NULL`),
  destroyAtOrigin: db.prepare(`
    DELETE FROM oauth_records
    WHERE json_extract(payload, '$.issuer') = ?1 OR instr(json_extract(payload, '$.issuer'), ?1 || '/mcp/') = 1
      OR instr(coalesce(json_extract(payload, '$.aud'), json_extract(payload, '$.resource'), ''), ?1 || '/') = 1`),
  destroyModel: db.prepare('DELETE FROM oauth_records WHERE model = ?'),
  trimMachine: db.prepare(`
    DELETE FROM oauth_records WHERE model = 'ClientCredentials' AND id_hash IN (
      SELECT id_hash FROM oauth_records WHERE model = 'ClientCredentials' AND grant_id = ?
      ORDER BY expires_at DESC LIMIT -1 OFFSET ?)`),
  keep: db.prepare("UPDATE oauth_records SET expires_at = NULL WHERE model = 'Client' AND id_hash = ?"),
  expire: db.prepare('DELETE FROM oauth_records WHERE expires_at <= ?'),
  trim: db.prepare(`
    DELETE FROM oauth_records WHERE model = 'Client' AND id_hash IN (
      SELECT id_hash FROM oauth_records WHERE model = 'Client' AND expires_at IS NOT NULL
      ORDER BY expires_at DESC LIMIT -1 OFFSET ?)`),
})

/** All families of a grant: '.' and '/' are neighbours in ASCII. */
const familiesOf = (grantId: string): [string, string] => [`${grantId}.`, `${grantId}/`]

interface RecordsDeps {
  db: Database
  clock: Clock
  /** Throws while the keys are locked. */
  refreshKey: () => string
  /** Called whenever access tokens may have died. */
  changed: () => void
  last: Pick<LastWrites, 'write'>
  /** Whether the grant is there and has not ended by its time. */
  isLive?: (grantId: string) => boolean
}

/**
 * The table `oauth_records`: everything oidc-provider keeps. Ids are stored as SHA-256 only, so that a copy of the
 * database opens nothing.
 */
export class Records {
  readonly #deps: RecordsDeps
  readonly #sql: ReturnType<typeof statements>
  /** What could not be deleted, as on a full disk: nobody finds it any more, and nothing new is written before it is gone. */
  readonly #undeleted = new Set<Deletion>()

  constructor(deps: RecordsDeps) {
    this.#deps = deps
    this.#sql = statements(deps.db)
  }

  #delete(...ended: readonly Deletion[]): void {
    for (const one of ended) this.#undeleted.add(one)
    doAll(
      () => this.#deleteEnded(),
      () => this.#deps.changed(),
    )
  }

  #deleteEnded(): void {
    for (const one of this.#undeleted) {
      this.#deps.last.write(() => one.run())
      this.#undeleted.delete(one)
    }
  }

  /** A row that has not expired by our clock. One that has is deleted: a clock set back must not bring it back. */
  get(model: string, id: string): Row | undefined {
    const row = this.#sql.get.get(model, sha256(id)) as Row | undefined
    if (row !== undefined) for (const ended of this.#undeleted) if (ended.isOf(model, row)) return undefined
    if (row === undefined || row.expires_at === null || row.expires_at > this.#deps.clock.now()) return row
    this.#sql.destroy.run(model, sha256(id))
    return undefined
  }

  /** The same for every use of one refresh token, so that using it twice cannot make two live successors. */
  successorOf(token: string): string {
    return createHmac('sha256', this.#deps.refreshKey()).update(`refresh-token ${token}`).digest('base64url')
  }

  #inGrace(id: string, consumedAt: number): boolean {
    const age = this.#deps.clock.now() - consumedAt
    if (age < 0 || age > refreshGrace) return false
    const successor = this.get('RefreshToken', this.successorOf(id))
    return successor === undefined || successor.consumed_at === null
  }

  /** Seconds since 1970 at which a record counts as used, or null while it may still be used. */
  consumedAt(model: string, id: string, row: Row): number | null {
    if (row.consumed_at === null) return null
    if (model === 'RefreshToken' && this.#inGrace(id, row.consumed_at)) return null
    return Math.floor(row.consumed_at / 1000)
  }

  /** `lifetime` in milliseconds; null keeps the record for good. */
  put(model: string, id: string, payload: string, grantId: string | null, lifetime: number | null): void {
    const expiresAt = lifetime === null ? null : this.#deps.clock.now() + lifetime
    this.#deleteEnded()
    this.#sql.put.run(model, sha256(id), payload, grantId, expiresAt)
  }

  /** True for exactly one caller, however many ask at once; refresh tokens also while their grace lasts. */
  consume(model: string, id: string): boolean {
    const { changes } = this.#sql.consume.run(this.#deps.clock.now(), model, sha256(id))
    if (Number(changes) === 1) return true
    if (model !== 'RefreshToken') return false
    const row = this.get(model, id)
    return row?.consumed_at != null && this.#inGrace(id, row.consumed_at)
  }

  destroy(model: string, id: string): void {
    this.#sql.destroy.run(model, sha256(id))
    this.#deps.changed()
  }

  destroyByGrant(model: string, family: string): void {
    this.#delete({
      isOf: (one, row) => one === model && row.grant_id === family,
      run: () => this.#sql.destroyByGrant.run(model, family),
    })
  }

  /** Ends every approval of one grant at once: codes, tokens and the approvals themselves. */
  destroyFamilies(grantId: string): void {
    this.#delete({
      isOf: (_model, row) => row.grant_id?.startsWith(`${grantId}.`) === true,
      run: () => this.#sql.destroyFamilies.run(...familiesOf(grantId)),
    })
  }

  /** Whether any approval of the grant can still lead to a token. */
  hasLiveFamily(grantId: string): boolean {
    const found = this.#sql.liveFamilies.get(...familiesOf(grantId), this.#deps.clock.now())
    return (found as { n: number }).n > 0
  }

  /** Whatever the issuers of one origin gave out. */
  destroyAtOrigin(origin: string): void {
    const isOf = (_model: string, { payload }: Row) => {
      const { issuer, aud, resource } = JSON.parse(payload) as Record<string, unknown>
      const isAt = (id: unknown, path: string) => typeof id === 'string' && id.startsWith(origin + path)
      // Tokens for an origin whose people sign in at another one have that one's issuer.
      return issuer === origin || isAt(issuer, '/mcp/') || isAt(aud ?? resource, '/')
    }
    this.#delete({ isOf, run: () => this.#sql.destroyAtOrigin.run(origin) })
  }

  /**
   * Ends every sign-in that is not over. Tokens stay: while the bridge is up nobody is let in with one, and clients that
   * refresh by the clock would be stranded with one that is gone when it comes down again.
   */
  suspend(): void {
    this.#delete(...halfDone.map((model) => this.#allOf(model)))
  }

  /** Everything but the clients themselves and the documents they were known by. */
  destroyTokens(): void {
    this.#delete(...[...halfDone, ...tokensAndWhatTheyComeFrom].map((model) => this.#allOf(model)))
  }

  #allOf(model: string): Deletion {
    return { isOf: (one) => one === model, run: () => this.#sql.destroyModel.run(model) }
  }

  /** A client that signs in by itself may do so as often as it likes; the oldest of too many tokens end. */
  trimMachine(family: string): void {
    if (Number(this.#sql.trimMachine.run(family, maxMachineTokens).changes) > 0) this.#deps.changed()
  }

  /** False once the grant of a family was revoked or has ended by its time. */
  isLiveFamily(family: string): boolean {
    return this.#deps.isLive?.(grantOf(family)) ?? true
  }

  accessToken(token: string): LiveAccessToken | null {
    const approved = this.get('AccessToken', token)
    const row = approved ?? this.get('ClientCredentials', token)
    if (row === undefined || row.grant_id === null || row.expires_at === null) return null
    // a token written while its approval was being revoked must not come alive
    if (approved !== undefined && this.get('Grant', row.grant_id) === undefined) return null
    const { aud, scope, exp } = JSON.parse(row.payload) as { aud?: unknown; scope?: unknown; exp?: unknown }
    if (typeof aud !== 'string' || typeof exp !== 'number') return null
    return {
      family: row.grant_id,
      resource: aud,
      scope: typeof scope === 'string' ? scope : '',
      expiresAt: Math.min(row.expires_at, exp * 1000),
    }
  }

  putClient(id: string, payload: string): void {
    this.#deleteEnded()
    this.#sql.put.run('Client', sha256(id), payload, null, this.#deps.clock.now() + unapprovedLifetime)
    this.#sql.trim.run(maxUnapproved)
  }

  /** An approved client must never expire: apps register once and remember it for good. */
  keepClient(id: string): void {
    this.#sql.keep.run(sha256(id))
  }

  isKeptClient(id: string): boolean {
    return this.get('Client', id)?.expires_at === null
  }

  sweep(): void {
    this.#deleteEnded()
    this.#sql.expire.run(this.#deps.clock.now())
    this.#sql.trim.run(maxUnapproved)
  }
}
