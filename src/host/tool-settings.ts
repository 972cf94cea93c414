import * as z from 'zod'
import { Risk } from '../contract/models.ts'
import type { Database } from '../storage/database.ts'

export interface ToolSetting {
  enabled: boolean
  risk?: Risk
}

const Row = z.object({ name: z.string(), enabled: z.number(), risk: Risk.nullable() })

/** What the user decided about single tools (table `tool_settings`), kept in memory because every call asks. */
export function createToolSettings(db: Database) {
  const known = new Map<string, ToolSetting>()
  for (const raw of db.prepare('SELECT name, enabled, risk FROM tool_settings').all()) {
    const row = Row.parse(raw)
    known.set(row.name, { enabled: row.enabled === 1, ...(row.risk ? { risk: row.risk } : {}) })
  }
  const write = db.prepare(
    'INSERT INTO tool_settings (name, enabled, risk) VALUES (?, ?, NULL) ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled',
  )
  return {
    get: (name: string): ToolSetting => known.get(name) ?? { enabled: true },
    setEnabled(name: string, enabled: boolean): void {
      write.run(name, enabled ? 1 : 0)
      known.set(name, { ...known.get(name), enabled })
    },
  }
}
