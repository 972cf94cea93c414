import type { CallToolResult, Tool } from '@modelcontextprotocol/client'
import type { Parsed } from '../contract/api.ts'
import type { Server } from '../contract/models.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { HostError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Redactor } from '../kernel/redact.ts'
import type { Database } from '../storage/database.ts'
import type { Vault } from '../storage/vault.ts'
import { checkAdd } from './check-add.ts'
import { openHttp } from './http-connection.ts'
import { createLogLines, type LogLines } from './log-lines.ts'
import { searchPath } from './search-path.ts'
import { createSecrets } from './secrets.ts'
import { slugOf } from './slug.ts'
import { openStdio } from './stdio-connection.ts'
import { createServerStore, type ServerRow } from './store.ts'
import { Supervisor, type Timings } from './supervisor.ts'

export interface UpstreamSource {
  slug: string
  name: string
  prefixed: true
  kind: 'server'
  /** The last known list; costs nothing. */
  tools(): readonly Tool[]
  /** Throws HostError when the server cannot answer; what the server itself refuses is a result with `isError`. */
  call(
    tool: string,
    args: Record<string, unknown>,
    options: {
      signal: AbortSignal
      onProgress?(progress: { progress: number; total?: number; message?: string }): void
    },
  ): Promise<CallToolResult>
}

export interface Upstreams {
  /** In the order they were added. */
  list(): Server[]
  /** Resolves once the server runs or its first start has failed; a failed one stays in the list with its error. */
  add(input: Parsed<'servers.add'>): Promise<Server>
  /** Ends it, and forgets it together with its secrets. */
  remove(id: string): Promise<void>
  restart(id: string): Promise<Server>
  sources(): UpstreamSource[]
  /** The short name of a server's source. Throws HostError `server-not-found`. */
  slugOf(id: string): string
  /** All at once; resolves when each has had its first attempt. A failure of one is no failure of this. */
  startAll(): Promise<void>
  events: Emitter<{ changed: Record<string, never>; 'tools.changed': Record<string, never> }>
  /** Ends every process and connection. */
  stop(): Promise<void>
}

interface Entry {
  row: ServerRow
  lines: LogLines
  supervisor: Supervisor
  source: UpstreamSource
}

const usual: Timings = { start: 30_000, call: 60_000, firstBackoff: 1_000, afterEnd: 400, afterTerm: 2_000 }

/** The MCP servers that the user added, kept running. Nothing is started before `startAll` or `add`. */
export function createUpstreams(deps: {
  db: Database
  vault: Vault
  clock: Clock
  log: Log
  redactor: Redactor
  /** Ours; default `process.env`. */
  env?: NodeJS.ProcessEnv
  /** Short names that belong to others, such as the built-in connectors. */
  reservedSlugs?: readonly string[]
  /** Told to the servers. */
  version?: string
  timings?: Partial<Timings>
}): Upstreams {
  const { clock, log, redactor, vault } = deps
  const env = deps.env ?? process.env
  const timings = { ...usual, ...deps.timings }
  const version = deps.version ?? '0.0.0'
  const store = createServerStore(deps.db, log)
  const secrets = createSecrets(vault, log)
  const events: Upstreams['events'] = new Emitter((error) => log.error('upstream.listener-failed', { error }))
  const entries = new Map<string, Entry>()
  // Names that are just being added, so that two at once cannot both have one.
  const reserved = new Set<string>()
  let path: Promise<string[]> | null = null
  const directories = () => {
    path ??= searchPath(env)
    return path
  }
  let stopped = false

  const createEntry = (row: ServerRow): Entry => {
    const lines = createLogLines(redactor)
    const supervisor = new Supervisor({
      id: row.id,
      name: row.name,
      kind: row.kind,
      clock,
      log,
      timings,
      onChanged: () => events.emit('changed', {}),
      onToolsChanged: () => events.emit('tools.changed', {}),
      open: async (hooks) => {
        const common = { name: row.name, version, startTimeout: timings.start }
        if (row.kind === 'http') {
          const headers = await secrets.read(row, 'header')
          return openHttp({ ...common, url: row.url!, headers }, hooks)
        }
        lines.begin()
        const [own, where] = await Promise.all([secrets.read(row, 'env'), directories()])
        return openStdio(
          {
            ...common,
            command: row.command!,
            args: row.args,
            cwd: row.cwd,
            env: own,
            ours: env,
            directories: where,
            lines,
            patience: timings,
          },
          hooks,
        )
      },
    })
    const source: UpstreamSource = {
      slug: row.slug,
      name: row.name,
      prefixed: true,
      kind: 'server',
      tools: () => supervisor.tools,
      call: (tool, args, options) => supervisor.call(tool, args, options),
    }
    return { row, lines, supervisor, source }
  }
  for (const row of store.all()) entries.set(row.id, createEntry(row))

  const show = ({ row, lines, supervisor }: Entry): Server => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    command: row.command,
    args: row.args,
    cwd: row.cwd,
    url: row.url,
    env: row.env,
    headers: row.headers,
    state: supervisor.state,
    protocol: supervisor.protocol,
    tools: supervisor.tools.length,
    error: supervisor.error,
    log: lines.all(),
    startedAt: supervisor.startedAt,
    restarts: supervisor.restarts,
  })
  const find = (id: string): Entry => {
    const entry = entries.get(id)
    if (entry) return entry
    throw new HostError({
      code: 'server-not-found',
      message: 'This server is not in the list any more.',
      hint: 'It may have been removed in another window.',
    })
  }

  // The last net: children lead their own groups, so nothing else would end them with us.
  const killAll = () => {
    for (const { supervisor } of entries.values()) supervisor.killNow()
  }
  process.once('exit', killAll)

  return {
    events,
    list: () => [...entries.values()].map(show),
    sources: () => [...entries.values()].map(({ source }) => source),
    slugOf: (id) => find(id).row.slug,

    async add(input) {
      const key = input.name.toLowerCase()
      if (reserved.has(key) || [...entries.values()].some(({ row }) => row.name.toLowerCase() === key))
        throw new HostError({
          code: 'name-taken',
          message: `There is already a server called “${input.name}”.`,
          hint: 'Choose another name, or remove the other server first.',
        })
      reserved.add(key)
      let entry: Entry
      try {
        const checked = await checkAdd(input, directories, env)
        const row: ServerRow = {
          id: newId('srv'),
          name: input.name,
          slug: slugOf(
            input.name,
            new Set([...(deps.reservedSlugs ?? []), ...[...entries.values()].map(({ row }) => row.slug)]),
          ),
          kind: input.kind,
          command: checked.command,
          args: checked.args,
          cwd: checked.cwd,
          url: checked.url,
          env: Object.keys(checked.env),
          headers: Object.keys(checked.headers),
          createdAt: clock.now(),
        }
        await secrets.write(row, checked)
        entry = createEntry(row)
        store.insert(row)
        entries.set(row.id, entry)
      } finally {
        reserved.delete(key)
      }
      log.info('upstream.added', { server: input.name, kind: input.kind })
      if (!stopped) await entry.supervisor.start(false)
      return show(entry)
    },

    async remove(id) {
      const entry = find(id)
      await entry.supervisor.stop()
      await secrets.delete(entry.row)
      store.delete(id)
      entries.delete(id)
      log.info('upstream.removed', { server: entry.row.name })
      events.emit('changed', {})
      events.emit('tools.changed', {})
    },

    async restart(id) {
      const entry = find(id)
      // A newly installed program is found without a restart of Drawbridge.
      path = null
      await entry.supervisor.restart()
      return show(entry)
    },

    async startAll() {
      await Promise.all([...entries.values()].map(({ supervisor }) => supervisor.start(true)))
    },

    async stop() {
      stopped = true
      await Promise.all([...entries.values()].map(({ supervisor }) => supervisor.stop()))
      process.off('exit', killAll)
    },
  }
}
