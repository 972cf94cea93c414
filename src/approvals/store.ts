import type { Approval } from '../contract/approvals.ts'
import type { Database } from '../storage/database/database.ts'

/** The `approvals` table. A decision is delivered as it is made, to a call that is held for it. */
export function createApprovalStore(db: Database) {
  const insert = db.prepare(`INSERT INTO approvals
    (id, grant_id, client_name, tool, tool_title, source, risk, arguments_hash, arguments, state, asked_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)`)
  const same = db.prepare(`SELECT id FROM approvals
    WHERE grant_id = ? AND tool = ? AND arguments_hash = ? AND expires_at > ? AND state = 'waiting'
    ORDER BY asked_at DESC LIMIT 1`)
  const waiting = db.prepare(
    "SELECT id FROM approvals WHERE state = 'waiting' AND expires_at > ? ORDER BY asked_at, rowid",
  )
  const decide = db.prepare(
    "UPDATE approvals SET state = ?, decided_at = ?, delivered_at = ? WHERE id = ? AND state = 'waiting' AND expires_at > ?",
  )
  // Those that were allowed, or denied, and not delivered were left by versions before.
  const openState = "state IN ('waiting', 'allowed', 'denied') AND delivered_at IS NULL"
  const expireDue = db.prepare(
    `UPDATE approvals SET state = 'expired' WHERE ${openState} AND expires_at <= ?`,
  )
  const expireOpen = db.prepare(
    `UPDATE approvals SET state = 'expired' WHERE ${openState} AND (?1 IS NULL OR grant_id = ?1)`,
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
    /** The id of the question that the same call waits for, if any. */
    findWaiting: (grantId: string, tool: string, argumentsHash: string, now: number): string | null =>
      (same.get(grantId, tool, argumentsHash, now) as { id: string } | undefined)?.id ?? null,
    /** Ids, oldest first. */
    waiting: (now: number): string[] => (waiting.all(now) as { id: string }[]).map(({ id }) => id),
    /** The decision and its delivery in one step, so that none is used twice. False when it was no longer waiting. */
    decide: (id: string, state: 'used' | 'denied', now: number): boolean =>
      decide.run(state, now, now, id, now).changes === 1,
    /** The rows whose time is over. */
    expireDue: (now: number): void => void expireDue.run(now),
    /** The open rows of one grant, or of all: none of them can be used from now on. */
    expireOpen: (grantId: string | null): void => void expireOpen.run(grantId),
    /** One that waits still. */
    withdraw: (id: string): void => void withdraw.run(id),
    forget: (before: number): void => void forget.run(before),
  }
}
export type ApprovalStore = ReturnType<typeof createApprovalStore>
