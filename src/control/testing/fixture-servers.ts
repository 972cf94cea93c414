import type { Call } from '../../contract/activity.ts'
import { api, type CallName, type Parsed } from '../../contract/api.ts'
import type { Reply } from '../../contract/pipe.ts'
import type { Server } from '../../contract/servers.ts'
import type { Status } from '../../contract/status.ts'
import { HostError, toErrorReply } from '../../kernel/errors.ts'

export const server = (given: Partial<Server>): Server => ({
  id: 'srv_1',
  name: 'Files',
  slug: 'files',
  kind: 'stdio',
  command: '/usr/bin/node',
  args: ['server.mjs'],
  cwd: null,
  url: null,
  env: ['API_KEY'],
  headers: [],
  values: null,
  confined: false,
  cutLists: [],
  leftOut: [],
  oauth: null,
  prefixed: true,
  passesClientContext: false,
  timeout: 30_000,
  startTimeout: 30_000,
  state: 'running',
  fingerprint: 'f'.repeat(43),
  transport: 'stdio',
  protocol: '2025-11-25',
  protocolSince: 1,
  tools: 2,
  resources: 0,
  prompts: 0,
  setAside: [],
  health: { checkedAt: 5, ok: true, requests: 3, median: 1.5, p95: 4, lastError: null },
  signIn: { state: 'none', issuer: null, scopes: [], clientId: null, url: null, problem: null },
  error: null,
  log: ['ready', 'second line'],
  startedAt: 1,
  restarts: 0,
  ...given,
})

const call = (id: string): Call => ({
  ...{
    id,
    at: 1,
    grantId: 'grant_1',
    clientName: 'ChatGPT',
    tool: 'files__read',
    source: 'Files',
    risk: 'read',
  },
  ...{ decision: 'allowed', outcome: 'answered', duration: 2, error: null, arguments: '{}', result: 'text' },
})

const status: Status = {
  version: '1.2.3',
  shell: 'headless',
  dataDir: '/home/ada/drawbridge',
  bridge: {
    state: 'local',
    localUrl: 'http://127.0.0.1:4000/mcp',
    publicUrl: null,
    message: 'm',
    hint: 'h',
    since: 0,
  },
  vault: { kind: 'file', message: 'An encrypted file.', hint: '' },
  window: { open: false, expects: null, closesAt: null },
  waiting: { connections: 0, calls: 0, tools: 0 },
  notices: [],
}

/** A host with a few servers that keeps the contract: what goes in and out is parsed as the real one does. For tests. */
export function fixtureServers() {
  const state = {
    servers: [
      server({}),
      server({ id: 'srv_2', name: 'New one', slug: 'new-one', state: 'draft' }),
      server({ id: 'srv_3', name: 'Remote', slug: 'remote', kind: 'http', state: 'stopped' }),
    ],
    calls: [call('call_3'), call('call_2'), call('call_1')],
  }
  const find = (id: string): Server => {
    const found = state.servers.find((one) => one.id === id)
    if (found) return found
    throw new HostError({ code: 'server-not-found', message: 'It is gone.', hint: 'Look again.' })
  }
  const set = (id: string, change: Partial<Server>) => Object.assign(find(id), change)
  const handlers: { [K in CallName]?: (input: Parsed<K>) => unknown } = {
    'status.get': () => status,
    'servers.list': () => state.servers,
    'servers.draft': (input) => {
      if (state.servers.some((one) => one.name === input.name))
        throw new HostError({
          code: 'name-taken',
          message: 'There is one already.',
          hint: 'Take another name.',
        })
      const made = server({
        id: `srv_${state.servers.length + 1}`,
        name: input.name,
        slug: 'made',
        state: 'draft',
      })
      state.servers.push(made)
      return made
    },
    'servers.update': ({ id, ...change }) => set(id, change as Partial<Server>),
    'servers.remove': ({ id }) => {
      state.servers = state.servers.filter((one) => one !== find(id))
    },
    'servers.start': ({ id, seen }) => {
      if (find(id).state === 'draft' && seen === undefined)
        throw new HostError({ code: 'draft-not-seen', message: 'Nobody saw it.', hint: 'Look at it.' })
      return set(id, { state: 'running' })
    },
    'servers.stop': ({ id }) => set(id, { state: 'stopped' }),
    'servers.restart': ({ id }) => set(id, { restarts: find(id).restarts + 1 }),
    'activity.list': ({ limit, before, search }) => {
      if (search === 'boom') throw new Error('a secret detail')
      const from = before === undefined ? 0 : state.calls.findIndex((one) => one.id === before) + 1
      return state.calls.slice(from, from + limit)
    },
  }
  return {
    state,
    async dispatch(name: string, input: unknown): Promise<Reply> {
      try {
        const schemas = api[name as CallName]
        const parsed = schemas.input.safeParse(input ?? undefined)
        if (!parsed.success)
          throw new HostError({
            code: 'bad-input',
            message: parsed.error.issues[0]!.message,
            hint: 'Look again.',
          })
        const handler = handlers[name as CallName] as (input: unknown) => unknown
        return { ok: true, value: schemas.output.parse(await handler(parsed.data)) }
      } catch (error) {
        return { ok: false, error: toErrorReply(error) }
      }
    },
  }
}
