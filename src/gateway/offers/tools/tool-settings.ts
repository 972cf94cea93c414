import * as z from 'zod'
import { Risk } from '../../../contract/tools.ts'
import type { Database } from '../../../storage/database/database.ts'

export interface ToolSetting {
  enabled: boolean
  /** What it does at worst, whatever it says. */
  risk?: Risk | undefined
  /** The hash of the definition of which that was said. */
  riskFor?: string | undefined
  /** What assistants are told besides. */
  note?: string | undefined
  /** The public name that the user gave it. */
  alias?: string | null | undefined
}

const Row = z.object({
  name: z.string(),
  enabled: z.number(),
  risk: Risk.nullable(),
  risk_for: z.string().nullable(),
  note: z.string().nullable(),
  alias: z.string().nullable(),
})

/** What the user decided about single tools, by their stable ids (table `tool_settings`); in memory because every call asks. */
export function createToolSettings(db: Database) {
  const settings = new Map<string, ToolSetting>()
  for (const raw of db
    .prepare('SELECT name, enabled, risk, risk_for, note, alias FROM tool_settings')
    .all()) {
    const { name, enabled, risk, risk_for: riskFor, note, alias } = Row.parse(raw)
    settings.set(name, settingOf({ enabled: enabled === 1, risk, riskFor, note, alias }))
  }
  const write = db.prepare(
    `INSERT INTO tool_settings (name, enabled, risk, risk_for, note, alias) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled, risk = excluded.risk, risk_for = excluded.risk_for,
       note = excluded.note, alias = excluded.alias`,
  )
  const remove = db.prepare('DELETE FROM tool_settings WHERE name = ?')
  const get = (id: string): ToolSetting => settings.get(id) ?? { enabled: true }
  return {
    get,
    /** What is left out stays as it is; null is none. */
    set(id: string, change: Change): void {
      const next = settingOf({ ...get(id), ...defined(change) })
      const { enabled, risk, riskFor, note, alias } = next
      write.run(id, enabled ? 1 : 0, risk ?? null, riskFor ?? null, note ?? null, alias ?? null)
      settings.set(id, next)
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

type Change = { enabled?: boolean | undefined } & {
  [K in 'risk' | 'riskFor' | 'note' | 'alias']?: ToolSetting[K] | null
}

/** Without what is none. */
const settingOf = ({ enabled, risk, riskFor, note, alias }: Change & { enabled: boolean }): ToolSetting => ({
  enabled,
  ...(risk && { risk, ...(riskFor && { riskFor }) }),
  ...(note && { note }),
  ...(alias && { alias }),
})

export type ToolSettings = ReturnType<typeof createToolSettings>

const defined = <T extends object>(change: T): T =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as T
