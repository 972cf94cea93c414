import type { Session } from '../../contract/access.ts'
import type { Clock } from '../../kernel/clock.ts'
import { sha256 } from '../../kernel/ids.ts'
import type { Database } from '../../storage/database/database.ts'
import { parseResource } from '../provider/resources.ts'

/** How exact "last used" is; a write per call would cost more than it tells. */
const usedStep = 60_000

interface LiveRow {
  model: string
  id_hash: string
  payload: string
  grant_id: string
}
/** What oidc-provider keeps of an approval or token, as far as it is read here; `iat` in seconds. */
interface Kept {
  iat?: number
  aud?: string
  resources?: Record<string, string>
}

const originOf = (resource: string | undefined): string =>
  resource === undefined ? '' : (parseResource(resource)?.origin ?? '')

function toSession(family: string, rows: LiveRow[]): Session | null {
  const kept = (model: string): Kept[] =>
    rows.filter((row) => row.model === model).map((row) => JSON.parse(row.payload) as Kept)
  const [approval] = kept('Grant')
  const tokens = kept('ClientCredentials')
  const holdsTokens = rows.some((row) => row.model !== 'Grant' && row.model !== 'FamilyUse')
  if (!holdsTokens || (approval === undefined && tokens.length === 0)) return null
  const started =
    approval === undefined ? Math.min(...tokens.map((one) => one.iat ?? 0)) : (approval.iat ?? 0)
  const use = rows.find((row) => row.model === 'FamilyUse')
  return {
    id: family,
    origin: originOf(Object.keys(approval?.resources ?? {})[0] ?? tokens.at(-1)?.aud),
    startedAt: started * 1000,
    lastUsedAt: use === undefined ? null : (JSON.parse(use.payload) as { at: number }).at,
  }
}

const statements = (db: Database) => ({
  live: db.prepare(`
    SELECT model, id_hash, payload, grant_id FROM oauth_records
    WHERE grant_id >= ? AND grant_id < ? AND expires_at > ? AND consumed_at IS NULL
      AND model IN ('Grant', 'RefreshToken', 'AuthorizationCode', 'AccessToken', 'ClientCredentials', 'FamilyUse')`),
  used: db.prepare(`
    INSERT INTO oauth_records (model, id_hash, payload, grant_id, uid_hash, consumed_at, expires_at)
    SELECT 'FamilyUse', ?, ?, ?, NULL, NULL, max(expires_at) FROM oauth_records
    WHERE grant_id = ? AND model <> 'FamilyUse' HAVING count(*) > 0
    ON CONFLICT (model, id_hash) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at`),
})

/** Live approvals ("families") of each grant, read from what is stored of them; only their last use is noted here. */
export class Sessions {
  readonly #clock: Clock
  readonly #sql: ReturnType<typeof statements>
  readonly #lastUsed = new Map<string, number>()

  constructor({ db, clock }: { db: Database; clock: Clock }) {
    this.#clock = clock
    this.#sql = statements(db)
  }

  /** Oldest first. */
  of(grantId: string): Session[] {
    const rows = this.#sql.live.all(`${grantId}.`, `${grantId}/`, this.#clock.now()) as unknown as LiveRow[]
    const families = Map.groupBy(rows, (row) => row.grant_id)
    return [...families]
      .flatMap(([family, own]) => toSession(family, own) ?? [])
      .sort((a, b) => a.startedAt - b.startedAt)
  }

  used(family: string): void {
    const now = this.#clock.now()
    if (Math.abs(now - (this.#lastUsed.get(family) ?? Number.NEGATIVE_INFINITY)) < usedStep) return
    if (this.#lastUsed.size > 2_000) this.#lastUsed.clear()
    this.#lastUsed.set(family, now)
    this.#sql.used.run(sha256(family), JSON.stringify({ at: now }), family, family)
  }
}
