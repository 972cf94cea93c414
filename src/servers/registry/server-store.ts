import * as z from 'zod'
import { ServerKind } from '../../contract/servers.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Database } from '../../storage/database/database.ts'

/** A server as the user added it. Of env and headers only the names are here; the values are in the vault. */
export interface ServerRow {
  id: string
  name: string
  slug: string
  kind: ServerKind
  /** Absolute; null for a server at an address. */
  command: string | null
  args: string[]
  /** Absolute; null: the home folder. */
  cwd: string | null
  url: string | null
  env: string[]
  headers: string[]
  /** False: its tools are served under their own names. */
  prefixed: boolean
  /** It may learn what assistants say about the person in front of them. */
  passesClientContext: boolean
  /** Started where it reaches its own folder only. */
  confined: boolean
  /** Milliseconds that one request may take without news. */
  timeout: number
  /** Milliseconds that its start may take without a sign of life; null: the owner did not say. */
  startTimeout: number | null
  /** `draft`: a program added it, and the user has not looked at it yet. */
  wanted: Wanted
  /** What the user said about signing in; a client secret is in the vault. */
  oauth: { clientId: string; scopes?: string[] | undefined } | null
  /**
   * Random, another one whenever a value of a variable or header, or the account that is signed in, is another than before. Null: they are
   * those of the beginning. It tells nothing of them.
   */
  mark: string | null
  createdAt: number
}

export type Wanted = 'draft' | 'running' | 'stopped'

export interface ServerStore {
  /** Oldest first. */
  all(): ServerRow[]
  insert(row: ServerRow): void
  /** What may change of it. */
  update(
    row: Pick<
      ServerRow,
      'id' | 'prefixed' | 'passesClientContext' | 'timeout' | 'startTimeout' | 'wanted' | 'mark'
    >,
  ): void
  /** What the user can edit of it. */
  replace(row: ServerRow): void
  delete(id: string): void
}

const json = <T>(schema: z.ZodType<T>) =>
  z.string().transform((text, context): T => {
    try {
      return schema.parse(JSON.parse(text))
    } catch {
      context.addIssue({ code: 'custom', message: 'not what belongs there' })
      return z.NEVER
    }
  })
const names = json(z.array(z.string()))

const Row = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    kind: ServerKind,
    command: z.string().nullable(),
    args: names,
    cwd: z.string().nullable(),
    url: z.string().nullable(),
    env: names,
    headers: names,
    prefixed: z.number().transform((value) => value !== 0),
    passes_client_context: z.number().transform((value) => value !== 0),
    confined: z.number().transform((value) => value !== 0),
    timeout: z.number(),
    start_timeout: z.number().nullable(),
    wanted: z.enum(['draft', 'running', 'stopped']),
    oauth: json(z.object({ clientId: z.string(), scopes: z.array(z.string()).optional() })).nullable(),
    mark: z.string().nullable(),
    created_at: z.number(),
  })
  .transform(
    ({ created_at, passes_client_context, start_timeout, ...row }): ServerRow => ({
      ...row,
      startTimeout: start_timeout,
      passesClientContext: passes_client_context,
      createdAt: created_at,
    }),
  )

const valuesOf = (row: ServerRow) => ({
  ...row,
  args: JSON.stringify(row.args),
  env: JSON.stringify(row.env),
  headers: JSON.stringify(row.headers),
  oauth: row.oauth && JSON.stringify(row.oauth),
  prefixed: Number(row.prefixed),
  passesClientContext: Number(row.passesClientContext),
  confined: Number(row.confined),
})

/** Table `servers`. A row that cannot be read is left out and logged, never deleted. */
export function createServerStore(db: Database, log: Log): ServerStore {
  const select = db.prepare('SELECT * FROM servers ORDER BY created_at, rowid')
  const insert = db.prepare(
    `INSERT INTO servers (id, name, slug, kind, command, args, cwd, url, env, headers, prefixed, timeout, wanted, oauth,
       confined, created_at, start_timeout)
     VALUES (:id, :name, :slug, :kind, :command, :args, :cwd, :url, :env, :headers, :prefixed, :timeout, :wanted, :oauth,
       :confined, :createdAt, :startTimeout)`,
  )
  const update = db.prepare(
    'UPDATE servers SET prefixed = ?, passes_client_context = ?, timeout = ?, start_timeout = ?, wanted = ?, mark = ? WHERE id = ?',
  )
  const replace = db.prepare(
    `UPDATE servers SET name = :name, kind = :kind, command = :command, args = :args, cwd = :cwd, url = :url, env = :env,
       headers = :headers, timeout = :timeout, oauth = :oauth, passes_client_context = :passesClientContext,
       confined = :confined, start_timeout = :startTimeout WHERE id = :id`,
  )
  for (const one of [insert, replace]) one.setAllowUnknownNamedParameters(true)
  const remove = db.prepare('DELETE FROM servers WHERE id = ?')
  return {
    all: () =>
      select.all().flatMap((row) => {
        const parsed = Row.safeParse(row)
        if (parsed.success) return [parsed.data]
        log.error('servers.row-unreadable', { id: row.id, problem: parsed.error.message })
        return []
      }),
    insert: (row) => void insert.run(valuesOf(row)),
    update: ({ id, prefixed, passesClientContext, timeout, startTimeout, wanted, mark }) =>
      void update.run(Number(prefixed), Number(passesClientContext), timeout, startTimeout, wanted, mark, id),
    replace: (row) => void replace.run(valuesOf(row)),
    delete: (id) => void remove.run(id),
  }
}
