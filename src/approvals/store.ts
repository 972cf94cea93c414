import type { Approval } from '../contract/approvals.ts'
import type { Database } from '../storage/database/database.ts'

/** What the same call, made again, meets. */
interface Open {
  id: string
  state: Approval['state']
}

/** The `approvals` table. A row is open until its decision was delivered or its time is over. */
export function createApprovalStore(db: Database) {
  const insert = db.prepare(`INSERT INTO approvals
    (id, grant_id, client_name, tool, tool_title, source, risk, arguments_hash, arguments, state, asked_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)`)
  const open = db.prepare(`SELECT id, state FROM approvals
    WHERE grant_id = ? AND tool = ? AND arguments_hash = ? AND expires_at > ?
      AND state IN ('waiting', 'allowed', 'denied') AND delivered_at IS NULL
    ORDER BY asked_at DESC LIMIT 1`)
  const waiting = db.prepare(
    "SELECT id FROM approvals WHERE state = 'waiting' AND expires_at > ? ORDER BY asked_at, rowid",
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
  const withdraw = db.prepare("UPDATE approvals SET state = 'expired' WHERE id = ? AND state = 'waiting'")
  const forget = db.prepare("DELETE FROM approvals WHERE state <> 'waiting' AND expires_at < ?")

  return {
    /** `stored`: of its arguments, redacted. */
    insert(approval: Approval, argumentsHash: string, stored: string): void {
      const { id, grantId, clientName, tool, toolTitle, source, risk, askedAt, expiresAt } = approval
      const names = [id, grantId, clientName, tool, toolTitle, source, risk]
      insert.run(...names, argumentsHash, stored, askedAt, expiresAt)
    },
    /** The row that the same call meets now, if any. */
    findOpen: (grantId: string, tool: string, argumentsHash: string, now: number): Open | null =>
      (open.get(grantId, tool, argumentsHash, now) as unknown as Open | undefined) ?? null,
    /** Ids, oldest first. */
    waiting: (now: number): string[] => (waiting.all(now) as { id: string }[]).map(({ id }) => id),
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
    /** False when it was no longer waiting. */
    withdraw: (id: string): boolean => withdraw.run(id).changes === 1,
    forget: (before: number): void => void forget.run(before),
  }
}
export type ApprovalStore = ReturnType<typeof createApprovalStore>
