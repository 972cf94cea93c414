import type { Rule } from '../contract/rules.ts'
import type { HeldRule } from '../mcp/decision.ts'
import type { Database } from '../storage/database/database.ts'

/** A rule as it is kept: what decides (`HeldRule`), and what is shown of it. */
export interface StoredRule extends HeldRule {
  grantId: string
  clientName: string
  toolId: string
  tool: string
  toolTitle: string
  source: string
  risk: Rule['risk']
  exactly: string | null
  until: number | null
  waivesTaint: boolean
  uses: number
  lastUsedAt: number | null
  lastCall: string | null
  lastLine: string | null
  asleepSince: number | null
  asleepWhy: NonNullable<Rule['sleeps']>['why'] | null
}

/** The `rules` table. */
export function createRuleTable(db: Database) {
  const all =
    db.prepare(`SELECT id, effect, grant_id AS grantId, client_name AS clientName, tool_id AS toolId, tool,
    tool_title AS toolTitle, source, risk, arguments_hash AS argumentsHash, exactly, chat, definition_hash AS definitionHash,
    identity, waives_taint AS waivesTaint, since, until, uses, last_used_at AS lastUsedAt, last_call AS lastCall,
    last_line AS lastLine, asleep_since AS asleepSince, asleep_why AS asleepWhy FROM rules ORDER BY since, rowid`)
  const insert =
    db.prepare(`INSERT INTO rules (id, effect, grant_id, client_name, tool_id, tool, tool_title, source, risk,
    arguments_hash, exactly, chat, definition_hash, identity, waives_taint, since, until)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const update =
    db.prepare(`UPDATE rules SET until = ?, waives_taint = ?, uses = ?, last_used_at = ?, last_call = ?,
    last_line = ?, asleep_since = ?, asleep_why = ? WHERE id = ?`)
  const remove = db.prepare('DELETE FROM rules WHERE id = ?')
  return {
    all: (): StoredRule[] =>
      (all.all() as unknown as StoredRule[]).map((row) => ({
        ...row,
        waivesTaint: Boolean(row.waivesTaint),
      })),
    insert(rule: StoredRule): void {
      const { id, effect, grantId, clientName, toolId, tool, toolTitle, source, risk } = rule
      const shown = [id, effect, grantId, clientName, toolId, tool, toolTitle, source, risk]
      const { argumentsHash, exactly, chat, definitionHash, identity, waivesTaint, since, until } = rule
      const bound = [argumentsHash, exactly, chat, definitionHash, identity]
      insert.run(...shown, ...bound, waivesTaint ? 1 : 0, since, until)
    },
    /** What of it changes. */
    update(rule: StoredRule): void {
      const { until, waivesTaint, uses, lastUsedAt, lastCall, lastLine, asleepSince, asleepWhy, id } = rule
      const used = [uses, lastUsedAt, lastCall, lastLine]
      update.run(until, waivesTaint ? 1 : 0, ...used, asleepSince, asleepWhy, id)
    },
    remove: (id: string): void => void remove.run(id),
  }
}
export type RuleTable = ReturnType<typeof createRuleTable>
