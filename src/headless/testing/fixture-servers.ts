import type { CallName, Parsed } from '../../contract/api.ts'
import type { Connector } from '../../contract/connectors.ts'
import type { Server, ServerSignIn } from '../../contract/servers.ts'
import { shownValue } from '../../contract/shown-value.ts'
import type { Tool } from '../../contract/tools.ts'
import { HostError } from '../../kernel/errors.ts'
import { readPasted } from '../../setup/pasted/read-pasted.ts'

export const fixtureAdminKey = `db_admin_${'a'.repeat(43)}`

export interface ServersState {
  servers: Server[]
  tools: Tool[]
  adminKeyAt: number | null
}

const noSignIn: ServerSignIn = {
  ...{ state: 'none', issuer: null, scopes: [], clientId: null, url: null, problem: null },
}

const tool = (source: string, sourceId: string): Tool => ({
  ...{ id: `${sourceId}__read`, name: `${sourceId}__read`, original: 'read', alias: null, title: 'Read' },
  ...{ description: '', source, sourceId, sourceKind: 'server', risk: 'read', openWorld: false },
  ...{ enabled: true, localOnly: false, review: null },
})

/** The fixture host's part about servers and their tools. A server called bad… does not start. For tests. */
export function serverHandlers(
  state: ServersState,
  gone: (code: string) => HostError,
): { [K in CallName]?: (input: never) => unknown } {
  const harbour: Connector = {
    ...{ slug: 'harbour', name: 'Harbour', about: 'Ships.', logo: 'data:,', ready: true, accounts: [] },
    fields: [
      {
        name: 'ships',
        kind: 'list',
        label: 'My ships',
        hint: '',
        placeholder: '',
        required: false,
        scopes: [],
      },
      {
        name: 'key',
        kind: 'secret',
        label: 'Key',
        hint: '',
        placeholder: '',
        required: true,
        scopes: ['read'],
      },
    ],
  }
  state.tools = [tool('My files', 'files'), tool('GitHub', 'github')]
  const find = (id: string): Server => {
    const found = state.servers.find((one) => one.id === id)
    if (!found) throw gone('server-not-found')
    return found
  }
  const made = (input: Parsed<'servers.add'>, stateNow: Server['state']): Server => {
    const stdio = input.kind === 'stdio' ? input : null
    const remote = input.kind === 'stdio' ? null : input
    const slug = input.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
    const server: Server = {
      ...{ id: `srv_${state.servers.length}def`, name: input.name, slug, kind: input.kind },
      ...{ command: stdio?.command ?? null, args: stdio?.args ?? [], cwd: stdio?.cwd ?? null },
      ...{ url: remote?.url ?? null, env: Object.keys(stdio?.env ?? {}) },
      values:
        stateNow === 'draft'
          ? Object.entries(stdio?.env ?? remote?.headers ?? {}).map(([name, value]) =>
              shownValue(name, value),
            )
          : null,
      confined: stdio?.confined ?? false,
      ...{
        headers: Object.keys(remote?.headers ?? {}),
        prefixed: true,
        passesClientContext: false,
        timeout: input.timeout,
        startTimeout: input.startTimeout ?? Math.max(30_000, input.timeout),
      },
      oauth: remote?.oauth ? { clientId: remote.oauth.clientId, scopes: remote.oauth.scopes ?? [] } : null,
      ...{ state: stateNow, fingerprint: `fingerprint of ${input.name}`, transport: null, protocol: null },
      ...{
        protocolSince: null,
        tools: 0,
        resources: 0,
        prompts: 0,
        setAside: [],
        error: null,
        log: [],
        startedAt: null,
      },
      health: { checkedAt: null, ok: null, requests: 0, median: null, p95: null, lastError: null },
      signIn: { ...noSignIn, clientId: remote?.oauth?.clientId ?? null },
      cutLists: [],
      leftOut: [],
      restarts: 0,
    }
    state.servers.push(server)
    return server
  }
  const starting = (server: Server): Server => {
    server.state = 'starting'
    const error = { code: 'server-died-at-start', message: 'It stopped at once.', hint: 'Check the command.' }
    setTimeout(
      () =>
        Object.assign(
          server,
          server.name.startsWith('bad')
            ? { state: 'failed', error, log: ['line one'] }
            : { state: 'running', tools: 3 },
        ),
      100,
    )
    return server
  }
  return {
    'servers.list': () => state.servers,
    'servers.add': (input: Parsed<'servers.add'>) => starting(made(input, 'starting')),
    'servers.read': ({ text }: Parsed<'servers.read'>) =>
      readPasted(text, { home: '/home/ada', isFolder: () => false }),
    'servers.draft': (input: Parsed<'servers.draft'>) => made(input, 'draft'),
    'servers.update': ({
      id,
      prefixed,
      passesClientContext,
      timeout,
      startTimeout,
    }: Parsed<'servers.update'>) =>
      Object.assign(
        find(id),
        prefixed !== undefined && { prefixed },
        passesClientContext !== undefined && { passesClientContext },
        timeout !== undefined && { timeout },
        startTimeout !== undefined && { startTimeout },
      ),
    'servers.edit': ({ id, ...input }: Parsed<'servers.edit'>) => {
      const server = find(id)
      const { name, kind, timeout = server.timeout, startTimeout = server.startTimeout } = input
      const { oauth } = input.kind === 'stdio' ? {} : input
      return Object.assign(
        server,
        { name, kind, timeout, startTimeout },
        input.kind === 'stdio'
          ? {
              ...{
                command: input.command,
                args: input.args,
                cwd: input.cwd ?? null,
                env: Object.keys(input.env),
              },
              confined: input.confined ?? server.confined,
            }
          : {
              url: input.url,
              headers: Object.keys(input.headers),
              oauth: oauth ? { clientId: oauth.clientId, scopes: oauth.scopes ?? [] } : null,
            },
      )
    },
    'servers.remove': ({ id }: { id: string }) => {
      state.servers = state.servers.filter((one) => one.id !== id)
    },
    'servers.start': ({ id, seen }: Parsed<'servers.start'>) => {
      const server = find(id)
      if (server.state === 'draft' && seen !== server.fingerprint)
        throw new HostError({ code: 'draft-not-seen', message: 'Nobody looked at it.', hint: 'Look at it.' })
      return starting(server)
    },
    'servers.stop': ({ id }: { id: string }) => Object.assign(find(id), { state: 'stopped' }),
    'servers.restart': ({ id }: { id: string }) => find(id),
    'servers.check': ({ id }: { id: string }) => {
      const ok = !find(id).name.startsWith('bad')
      const lastError = ok ? null : { at: 1, message: 'It did not answer within 5 seconds.' }
      return Object.assign(find(id), {
        health: { checkedAt: 1, ok, requests: 1, median: ok ? 1.25 : null, p95: 2, lastError },
      })
    },
    'servers.signIn': ({ id }: { id: string }) => {
      const server = find(id)
      server.signIn = { ...server.signIn, state: 'waiting', url: 'https://sign-in.example/authorize?x=1' }
      const shown = structuredClone(server)
      setTimeout(() => {
        const problem = { code: 'refused', message: 'The page said no.', hint: 'Ask whoever runs it.' }
        server.signIn = server.name.startsWith('bad')
          ? { ...server.signIn, state: 'needed', url: null, problem }
          : { ...server.signIn, state: 'signed-in', url: null, issuer: 'https://sign-in.example' }
      }, 300)
      return shown
    },
    'servers.signOut': ({ id }: { id: string }) => Object.assign(find(id), { signIn: noSignIn }),
    'connectors.list': () => [harbour],
    'connectors.save': ({ id, name, values }: Parsed<'connectors.save'>) => {
      const known = harbour.accounts.find((one) => one.id === id)
      const account = known ?? { id: 'acc_1', name: 'My account', values: {}, secrets: [] }
      if (!known) harbour.accounts.push(account)
      const { key, ...others } = values
      const kept = Object.entries({ ...account.values, ...others }).filter(([, value]) => value)
      return Object.assign(account, {
        name: name ?? account.name,
        values: Object.fromEntries(kept),
        secrets: key ? ['key'] : account.secrets,
      })
    },
    'connectors.remove': () => void harbour.accounts.pop(),
    'tools.list': () => state.tools,
    'tools.set': ({ id, enabled, alias }: Parsed<'tools.set'>) => {
      const found = state.tools.find((one) => one.id === id)
      if (!found) throw gone('tool-unknown')
      if (enabled !== undefined) found.enabled = enabled
      if (alias !== undefined) Object.assign(found, { alias, name: alias ?? found.id })
      return found
    },
    'tools.accept': ({ tools }: Parsed<'tools.accept'>) =>
      tools.map(({ id, seen }) => {
        const found = state.tools.find((one) => one.id === id)
        if (!found) throw gone('tool-unknown')
        if (found.review?.seen !== seen) throw gone('tool-changed')
        return Object.assign(found, { risk: found.review.risk, review: null })
      }),
    'adminKey.get': () => ({ createdAt: state.adminKeyAt }),
    'adminKey.create': () => {
      state.adminKeyAt = 1_700_000_000_000
      return { key: fixtureAdminKey }
    },
    'adminKey.remove': () => {
      state.adminKeyAt = null
    },
  }
}
