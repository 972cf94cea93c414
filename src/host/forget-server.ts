import { doAll, errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { ToolSource } from '../mcp/tool-source.ts'
import type { Database } from '../storage/database/database.ts'
import { inTransaction } from '../storage/database/in-transaction.ts'

/** Everything that can refer to a server's short name, or to the id of one of its tools. */
export interface Referring {
  catalog: { forgetServer(serverId: string): void; serverEdited(source: ToolSource): void }
  toolSettings: { forget(isGone: (id: string) => boolean): void }
  rules: { forget(isGone: (id: string) => boolean): void }
  workspaces: { list(): { sources: string[] | null }[]; forget(slug: string): void }
  forgetTools(isGone: (id: string) => boolean): void
}

/** The short name that the id of a server's tool begins with; null: it is the id of a built-in tool. */
const slugIn = (id: string): string | null => {
  const at = id.indexOf('__')
  return at > 0 ? id.slice(0, at) : null
}

/**
 * A removed server takes with it whatever was decided about it, so that a later one of its name gets nothing of that. `also`: what
 * else belongs to its end; all of it happens, or none. What is held in memory follows when that is written: it would not roll back.
 */
export function forgetServer(
  db: Database,
  server: { id: string; slug: string },
  { catalog, toolSettings, workspaces, rules, forgetTools }: Referring,
  also: () => void,
  log: Log,
): void {
  const isGone = (id: string) => slugIn(id) === server.slug
  inTransaction(db, () => {
    also()
    forgetTools(isGone)
  })
  try {
    doAll(
      () => toolSettings.forget(isGone),
      () => rules.forget(isGone),
      () => workspaces.forget(server.slug),
      () => catalog.forgetServer(server.id),
    )
  } catch (error) {
    // What is left the next start forgets.
    log.error('host.forget', { error: errorText(error) })
  }
}

/**
 * The short names in what assistants and programs were narrowed to (`{source}.read`). To take one out of there could only widen: the base
 * alone is more. So nobody else gets it.
 */
export function namedInScopes(db: Database): string[] {
  const named = db.prepare(`SELECT abilities AS scopes FROM grants WHERE abilities IS NOT NULL
    UNION SELECT scopes FROM registered_clients
    UNION SELECT json_extract(payload, '$.scope') FROM oauth_records WHERE json_extract(payload, '$.scope') IS NOT NULL`)
  const texts = named.all().map(({ scopes }) => String(scopes))
  return [
    ...new Set(
      texts.flatMap((text) => [...text.matchAll(/([a-z0-9_-]+)\.read\b/g)].map(([, slug]) => slug!)),
    ),
  ]
}

/**
 * The same for servers of which nothing is left but what refers to them: versions up to 2026 left that behind. `sources`: the
 * short names of what is built in.
 */
export function forgetTheGone(
  db: Database,
  builtIn: readonly string[],
  { toolSettings, workspaces, rules, forgetTools }: Omit<Referring, 'catalog'>,
  log: Log,
): void {
  // Also servers whose row cannot be read at the moment are still there.
  const slugs = new Set(builtIn)
  for (const { slug } of db.prepare('SELECT slug FROM servers').all()) slugs.add(String(slug))
  const gone = new Set<string>()
  const isGone = (id: string) => {
    const slug = slugIn(id)
    if (slug === null || slugs.has(slug)) return false
    gone.add(slug)
    return true
  }
  inTransaction(db, () => {
    forgetTools(isGone)
    toolSettings.forget(isGone)
    rules.forget(isGone)
    for (const { sources } of workspaces.list())
      for (const slug of sources ?? [])
        if (!slugs.has(slug)) {
          gone.add(slug)
          workspaces.forget(slug)
        }
    const alive = 'SELECT id FROM servers'
    db.exec(`DELETE FROM known_tools WHERE server_id NOT IN (${alive});
      DELETE FROM known_servers WHERE server_id NOT IN (${alive});
      DELETE FROM server_facts WHERE server_id NOT IN (${alive});`)
    // What is built in is known by its short name.
    const known = 'SELECT id FROM servers UNION SELECT value FROM json_each(?)'
    db.prepare(`DELETE FROM known_names WHERE server_id NOT IN (${known})`).run(JSON.stringify(builtIn))
  })
  if (gone.size > 0) log.info('host.forgot', { servers: [...gone] })
}
