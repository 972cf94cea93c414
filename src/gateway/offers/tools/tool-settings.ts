import * as z from 'zod'
import { Risk } from '../../../contract/tools.ts'
import type { Database } from '../../../storage/database/database.ts'

export interface ToolSetting {
  enabled: boolean
  risk?: Risk
  /** The public name that the user gave it. */
  alias?: string
}

const Row = z.object({
  name: z.string(),
  enabled: z.number(),
  risk: Risk.nullable(),
  alias: z.string().nullable(),
})

/** What the user decided about single tools, by their stable ids (table `tool_settings`); in memory because every call asks. */
export function createToolSettings(db: Database) {
  const settings = new Map<string, ToolSetting>()
  for (const raw of db.prepare('SELECT name, enabled, risk, alias FROM tool_settings').all()) {
    const { name, enabled, risk, alias } = Row.parse(raw)
    settings.set(name, { enabled: enabled === 1, ...(risk && { risk }), ...(alias !== null && { alias }) })
  }
  const write = db.prepare(
    `INSERT INTO tool_settings (name, enabled, risk, alias) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled, risk = excluded.risk, alias = excluded.alias`,
  )
  const remove = db.prepare('DELETE FROM tool_settings WHERE name = ?')
  const get = (id: string): ToolSetting => settings.get(id) ?? { enabled: true }
  return {
    get,
    /** What is left out stays as it is; an alias of null is none. */
    set(id: string, change: { enabled?: boolean; alias?: string | null }): void {
      const { enabled, risk, alias } = { ...get(id), ...defined(change) }
      write.run(id, enabled ? 1 : 0, risk ?? null, alias ?? null)
      settings.set(id, { enabled, ...(risk && { risk }), ...(alias && { alias }) })
    },
    /** Takes back what was decided about tools that are gone. */
    forget(isGone: (id: string) => boolean): void {
      for (const id of [...settings.keys()].filter(isGone)) {
        remove.run(id)
        settings.delete(id)
      }
    },
    /** The id of the tool that has this alias, also while its server is away. */
    idOfAlias: (alias: string): string | undefined =>
      [...settings].find(([, setting]) => setting.alias === alias)?.[0],
  }
}

export type ToolSettings = ReturnType<typeof createToolSettings>

const defined = <T extends object>(change: T): T =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as T
