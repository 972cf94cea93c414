import type { Approval, Risk } from '../contract/models.ts'
import type { Database } from '../storage/database.ts'

interface Row {
  id: string
  grant_id: string
  client_name: string
  tool: string
  tool_title: string
  source: string
  risk: Risk
  arguments_hash: string
  arguments: string
  state: Approval['state']
  asked_at: number
  expires_at: number
}

const toApproval = (row: Row): Approval => ({
  id: row.id,
  grantId: row.grant_id,
  clientName: row.client_name,
  tool: row.tool,
  toolTitle: row.tool_title,
  source: row.source,
  risk: row.risk,
  arguments: row.arguments,
  state: row.state,
  askedAt: row.asked_at,
  expiresAt: row.expires_at,
})

/** The `approvals` table. A row is open until its decision was delivered or its time is over. */
export function createApprovalStore(db: Database) {
  const insert = db.prepare(`INSERT INTO approvals
    (id, grant_id, client_name, tool, tool_title, source, risk, arguments_hash, arguments, state, asked_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)`)
  const open = db.prepare(`SELECT * FROM approvals
    WHERE grant_id = ? AND tool = ? AND arguments_hash = ? AND expires_at > ?
      AND state IN ('waiting', 'allowed', 'denied') AND delivered_at IS NULL
    ORDER BY asked_at DESC LIMIT 1`)
  const waiting = db.prepare(
    "SELECT * FROM approvals WHERE state = 'waiting' AND expires_at > ? ORDER BY asked_at, rowid",
  )
  const waitingOf = db.prepare(
    "SELECT count(*) AS n FROM approvals WHERE state = 'waiting' AND grant_id = ? AND expires_at > ?",
  )
  const decide = db.prepare(
    "UPDATE approvals SET state = ?, decided_at = ?, expires_at = max(expires_at, ?) WHERE id = ? AND state = 'waiting' AND expires_at > ?",
  )
  const decideAndDeliver = db.prepare(
    "UPDATE approvals SET state = ?, decided_at = ?, delivered_at = ? WHERE id = ? AND state = 'waiting' AND expires_at > ?",
  )
  const deliverAllowed = db.prepare(
    "UPDATE approvals SET state = 'used', delivered_at = ? WHERE id = ? AND state = 'allowed' AND delivered_at IS NULL",
  )
  const deliverDenied = db.prepare(
    "UPDATE approvals SET delivered_at = ? WHERE id = ? AND state = 'denied' AND delivered_at IS NULL",
  )
  const openState = "state IN ('waiting', 'allowed', 'denied') AND delivered_at IS NULL"
  const expireDue = db.prepare(
    `UPDATE approvals SET state = 'expired' WHERE ${openState} AND expires_at <= ? RETURNING id`,
  )
  const expireOpen = db.prepare(
    `UPDATE approvals SET state = 'expired' WHERE ${openState} AND (?1 IS NULL OR grant_id = ?1) RETURNING id`,
  )
  const forget = db.prepare("DELETE FROM approvals WHERE state <> 'waiting' AND expires_at < ?")

  return {
    insert(approval: Approval, argumentsHash: string): void {
      const { id, grantId, clientName, tool, toolTitle, source, risk, askedAt, expiresAt } = approval
      insert.run(
        id,
        grantId,
        clientName,
        tool,
        toolTitle,
        source,
        risk,
        argumentsHash,
        approval.arguments,
        askedAt,
        expiresAt,
      )
    },
    /** The row that the same call meets now, if any. */
    findOpen(grantId: string, tool: string, argumentsHash: string, now: number): Approval | null {
      const row = open.get(grantId, tool, argumentsHash, now) as unknown as Row | undefined
      return row ? toApproval(row) : null
    },
    waiting: (now: number): Approval[] => (waiting.all(now) as unknown as Row[]).map(toApproval),
    countWaiting: (grantId: string, now: number): number => (waitingOf.get(grantId, now) as { n: number }).n,
    /** False when it was no longer waiting. */
    decide: (id: string, state: 'allowed' | 'denied', now: number, keepUntil: number): boolean =>
      decide.run(state, now, keepUntil, id, now).changes === 1,
    /** The decision and its delivery in one step: an approval that is used can never be found again. */
    decideAndDeliver: (id: string, state: 'used' | 'denied', now: number): boolean =>
      decideAndDeliver.run(state, now, now, id, now).changes === 1,
    /** False when it was delivered before. */
    deliver: (id: string, state: 'allowed' | 'denied', now: number): boolean =>
      (state === 'allowed' ? deliverAllowed : deliverDenied).run(now, id).changes === 1,
    /** Ids of the rows whose time was over. */
    expireDue: (now: number): string[] => (expireDue.all(now) as { id: string }[]).map((row) => row.id),
    /** Ids of the open rows of one grant, or of all: none of them can be used from now on. */
    expireOpen: (grantId: string | null): string[] =>
      (expireOpen.all(grantId) as { id: string }[]).map((row) => row.id),
    forget: (before: number): void => void forget.run(before),
  }
}
export type ApprovalStore = ReturnType<typeof createApprovalStore>
