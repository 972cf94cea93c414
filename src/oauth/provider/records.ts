import { createHmac } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import { sha256 } from '../../kernel/ids.ts'
import type { Database } from '../../storage/database/database.ts'
import { maxUnapproved, unapprovedLifetime } from '../clients/registration.ts'

/**
 * How long a refresh token still works after it was used, so that a lost answer or two refreshes at once do not end a
 * connection (RFC 9700 §4.14.2). It works only until its successor is used, and gives that same successor again.
 */
export const refreshGrace = 60_000

/** Live tokens a client that signs in by itself may have at once. */
const maxMachineTokens = 100

/** What belongs to a sign-in that is not over yet. */
const halfDone = ['AuthorizationCode', 'Interaction']
const tokensAndWhatTheyComeFrom = [
  ...['AccessToken', 'ClientCredentials', 'RefreshToken', 'Grant'],
  ...['FamilyUse', 'KnownBrowser', 'WaitingBrowser'],
]

export interface Row {
  payload: string
  grant_id: string | null
  consumed_at: number | null
  expires_at: number | null
}

export interface LiveAccessToken {
  /** The oidc grant ("family") the token belongs to, `<grant id>.<random>`. */
  family: string
  resource: string
  scope: string
  expiresAt: number
}

export type Records = ReturnType<typeof createRecords>

/** A family is one approval of a grant; its id begins with the grant's id. */
export const grantOf = (family: string): string => family.slice(0, family.indexOf('.'))

/**
 * The table `oauth_records`: everything oidc-provider keeps. Ids are stored as SHA-256 only, so that a copy of the
 * database opens nothing. `changed` is called whenever access tokens may have died.
 */
export function createRecords(deps: {
  db: Database
  clock: Clock
  refreshKey: () => string
  changed: () => void
  /** Whether the grant is there and has not ended by its time. */
  isLive?: (grantId: string) => boolean
}) {
  const { db, clock, changed } = deps
  const sql = {
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
      WHERE json_extract(payload, '$.issuer') = ?1 OR instr(json_extract(payload, '$.issuer'), ?1 || '/mcp/') = 1`),
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
  }

  /** A row that has not expired by our clock. One that has is deleted: a clock set back must not bring it back. */
  const get = (model: string, id: string): Row | undefined => {
    const row = sql.get.get(model, sha256(id)) as Row | undefined
    if (row === undefined || row.expires_at === null || row.expires_at > clock.now()) return row
    sql.destroy.run(model, sha256(id))
    return undefined
  }
  /** All families of a grant: '.' and '/' are neighbours in ASCII. */
  const range = (grantId: string): [string, string] => [`${grantId}.`, `${grantId}/`]

  /** The same for every use of one refresh token, so that using it twice cannot make two live successors. */
  const successorOf = (token: string): string =>
    createHmac('sha256', deps.refreshKey()).update(`refresh-token ${token}`).digest('base64url')

  const inGrace = (id: string, consumedAt: number): boolean => {
    const age = clock.now() - consumedAt
    if (age < 0 || age > refreshGrace) return false
    const successor = get('RefreshToken', successorOf(id))
    return successor === undefined || successor.consumed_at === null
  }

  return {
    get,
    successorOf,
    /** Seconds since 1970 at which a record counts as used, or null while it may still be used. */
    consumedAt(model: string, id: string, row: Row): number | null {
      if (row.consumed_at === null) return null
      if (model === 'RefreshToken' && inGrace(id, row.consumed_at)) return null
      return Math.floor(row.consumed_at / 1000)
    },
    /** `lifetime` in milliseconds; null keeps the record for good. */
    put(model: string, id: string, payload: string, grantId: string | null, lifetime: number | null): void {
      const expiresAt = lifetime === null ? null : clock.now() + lifetime
      sql.put.run(model, sha256(id), payload, grantId, expiresAt)
    },
    /** True for exactly one caller, however many ask at once; refresh tokens also while their grace lasts. */
    consume(model: string, id: string): boolean {
      if (Number(sql.consume.run(clock.now(), model, sha256(id)).changes) === 1) return true
      if (model !== 'RefreshToken') return false
      const row = get(model, id)
      return row?.consumed_at != null && inGrace(id, row.consumed_at)
    },
    destroy(model: string, id: string): void {
      sql.destroy.run(model, sha256(id))
      changed()
    },
    destroyByGrant(model: string, family: string): void {
      sql.destroyByGrant.run(model, family)
      changed()
    },
    /** Ends every approval of one grant at once: codes, tokens and the approvals themselves. */
    destroyFamilies(grantId: string): void {
      sql.destroyFamilies.run(...range(grantId))
      changed()
    },
    /** Whether any approval of the grant can still lead to a token. */
    hasLiveFamily: (grantId: string): boolean =>
      (sql.liveFamilies.get(...range(grantId), clock.now()) as { n: number }).n > 0,
    /** Whatever the issuers of one origin gave out. */
    destroyAtOrigin(origin: string): void {
      sql.destroyAtOrigin.run(origin)
      changed()
    },
    /**
     * Ends every sign-in that is not over. Tokens stay: while the bridge is up nobody is let in with one, and clients that
     * refresh by the clock would be stranded with one that is gone when it comes down again.
     */
    suspend(): void {
      for (const model of halfDone) sql.destroyModel.run(model)
      changed()
    },
    /** Everything but the clients themselves and the documents they were known by. */
    destroyTokens(): void {
      for (const model of [...halfDone, ...tokensAndWhatTheyComeFrom]) sql.destroyModel.run(model)
      changed()
    },
    /** A client that signs in by itself may do so as often as it likes; the oldest of too many tokens end. */
    trimMachine(family: string): void {
      if (Number(sql.trimMachine.run(family, maxMachineTokens).changes) > 0) changed()
    },
    /** False once the grant of a family was revoked or has ended by its time. */
    isLiveFamily: (family: string): boolean => deps.isLive?.(grantOf(family)) ?? true,
    accessToken(token: string): LiveAccessToken | null {
      const approved = get('AccessToken', token)
      const row = approved ?? get('ClientCredentials', token)
      if (row === undefined || row.grant_id === null || row.expires_at === null) return null
      // a token written while its approval was being revoked must not come alive
      if (approved !== undefined && get('Grant', row.grant_id) === undefined) return null
      const { aud, scope, exp } = JSON.parse(row.payload) as { aud?: unknown; scope?: unknown; exp?: unknown }
      if (typeof aud !== 'string' || typeof exp !== 'number') return null
      return {
        family: row.grant_id,
        resource: aud,
        scope: typeof scope === 'string' ? scope : '',
        expiresAt: Math.min(row.expires_at, exp * 1000),
      }
    },
    putClient(id: string, payload: string): void {
      sql.put.run('Client', sha256(id), payload, null, clock.now() + unapprovedLifetime)
      sql.trim.run(maxUnapproved)
    },
    /** An approved client must never expire: apps register once and remember it for good. */
    keepClient: (id: string): void => void sql.keep.run(sha256(id)),
    isKeptClient: (id: string): boolean => get('Client', id)?.expires_at === null,
    sweep(): void {
      sql.expire.run(clock.now())
      sql.trim.run(maxUnapproved)
    },
  }
}
