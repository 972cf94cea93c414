import * as z from 'zod'
import type { Log } from '../kernel/log.ts'
import type { Database } from '../storage/database.ts'

/** A server as the user added it. Of env and headers only the names are here; the values are in the vault. */
export interface ServerRow {
  id: string
  name: string
  slug: string
  kind: 'stdio' | 'http'
  /** Absolute; null for http. */
  command: string | null
  args: string[]
  /** Absolute; null: the home folder. */
  cwd: string | null
  url: string | null
  env: string[]
  headers: string[]
  createdAt: number
}

export interface ServerStore {
  /** Oldest first. */
  all(): ServerRow[]
  insert(row: ServerRow): void
  delete(id: string): void
}

const names = z.string().transform((text, context) => {
  try {
    return z.array(z.string()).parse(JSON.parse(text))
  } catch {
    context.addIssue({ code: 'custom', message: 'not a list of texts' })
    return z.NEVER
  }
})

const Row = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    kind: z.enum(['stdio', 'http']),
    command: z.string().nullable(),
    args: names,
    cwd: z.string().nullable(),
    url: z.string().nullable(),
    env: names,
    headers: names,
    created_at: z.number(),
  })
  .transform(({ created_at, ...row }): ServerRow => ({ ...row, createdAt: created_at }))

/** Table `servers`. A row that cannot be read is left out and logged, never deleted. */
export function createServerStore(db: Database, log: Log): ServerStore {
  const select = db.prepare('SELECT * FROM servers ORDER BY created_at, rowid')
  const insert = db.prepare(
    `INSERT INTO servers (id, name, slug, kind, command, args, cwd, url, env, headers, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const remove = db.prepare('DELETE FROM servers WHERE id = ?')
  return {
    all: () =>
      select.all().flatMap((row) => {
        const parsed = Row.safeParse(row)
        if (parsed.success) return [parsed.data]
        log.error('upstream.row-unreadable', { id: row.id, problem: parsed.error.message })
        return []
      }),
    insert: (row) =>
      void insert.run(
        row.id,
        row.name,
        row.slug,
        row.kind,
        row.command,
        JSON.stringify(row.args),
        row.cwd,
        row.url,
        JSON.stringify(row.env),
        JSON.stringify(row.headers),
        row.createdAt,
      ),
    delete: (id) => void remove.run(id),
  }
}
