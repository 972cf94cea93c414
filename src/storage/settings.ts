import type * as z from 'zod'
import type { Database } from './database/database.ts'

/** Small named values, checked by the reader's own schema: a value that no longer fits counts as absent. */
export interface Settings {
  get<T>(name: string, schema: z.ZodType<T>): T | undefined
  /** Undefined removes it. */
  set(name: string, value: unknown): void
  delete(name: string): void
}

export function createSettings(db: Database): Settings {
  const read = db.prepare('SELECT value FROM settings WHERE name = ?')
  const write = db.prepare(
    'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  )
  const remove = db.prepare('DELETE FROM settings WHERE name = ?')
  return {
    get(name, schema) {
      const row = read.get(name) as { value: string } | undefined
      if (!row) return undefined
      try {
        const parsed = schema.safeParse(JSON.parse(row.value))
        return parsed.success ? parsed.data : undefined
      } catch {
        return undefined
      }
    },
    set(name, value) {
      if (value === undefined) remove.run(name)
      else write.run(name, JSON.stringify(value))
    },
    delete: (name) => void remove.run(name),
  }
}
