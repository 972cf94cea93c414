/** Long because every answer of the contract has an example here, and they are read side by side. */
import { HostError } from '../../kernel/errors.ts'
import { readPasted } from '../../setup/pasted/read-pasted.ts'
import { createWays, type Ways } from '../../tunnel/ways.ts'
import { ClientCredentials, Grant } from '../access.ts'
import { passes } from '../agreed/passes.ts'
import { shownValue } from '../agreed/shown-value.ts'
import type { CallName, Output, Parsed } from '../api.ts'
import type { Connector } from '../connectors.ts'
import { Folder } from '../folders.ts'
import { Server } from '../servers.ts'
import type { Status } from '../status.ts'
import { TimelineEvent } from '../timeline.ts'
import type { CloudflareSignIn } from '../tunnel.ts'
import { fakeDiary, fakeUsage } from './fake-record.ts'
import type { Fake } from './fake-state.ts'
import { sampleOf } from './sample.ts'

export type Answers = {
  [K in CallName]?: (input: Parsed<K>, host: Fake) => Output<K> | Promise<Output<K>>
}

export const fakeAdminKey = `db_admin_${'a'.repeat(43)}`

const refused = (code: string, message: string, hint = 'Look again.') =>
  new HostError({ code, told: { message, hint } })

const find = <T>(list: readonly T[], is: (one: T) => boolean, code: string): T => {
  const found = list.find(is)
  if (found !== undefined) return found
  throw refused(code, 'It is not there.')
}
const grantOf = ({ state }: Fake, id: string) => find(state.grants, (one) => one.id === id, 'grant-gone')
const toolOf = ({ state }: Fake, id: string) => find(state.tools, (one) => one.id === id, 'tool-unknown')
export const serverOf = ({ state }: Fake, id: string): Server =>
  find(state.servers, (one) => one.id === id, 'server-not-found')
const workspaceOf = ({ state }: Fake, name: string) =>
  find(state.workspaces, (one) => one.name === name, 'workspace-unknown')

/** What is left out stays as it is. */
const change = <T extends object>(known: T, wanted: { [K in keyof T]?: T[K] | undefined }): T =>
  Object.assign(known, Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined)))

export function statusNow(host: Fake): Status {
  const { status, connections, approvals, tools } = host.state
  status.waiting = {
    connections: connections.length,
    calls: approvals.filter(({ state }) => state === 'waiting').length,
    tools: tools.filter(({ review }) => review !== null).length,
  }
  return status
}

const tellStatus = (host: Fake): Status => {
  const status = statusNow(host)
  host.tell('status.changed', status)
  return status
}

const setBridge = (host: Fake, bridge: Partial<Status['bridge']>): Status => {
  const { status } = host.state
  status.bridge = { ...status.bridge, message: '', hint: '', ...bridge }
  return tellStatus(host)
}

const setWindow = (host: Fake, window: Status['window']): void => {
  host.state.status.window = window
  tellStatus(host)
}

const forgetConnection = (host: Fake, id: string): void => {
  host.state.connections = host.state.connections.filter((one) => one.id !== id)
  host.tell('connections.changed', host.state.connections)
  tellStatus(host)
}

/** One more entry of the Access page; nobody is told. */
export function addGrant({ state, now }: Fake, more: Partial<Grant>): Grant {
  const id = `grant_${state.grants.length}abc`
  const made = sampleOf(Grant, { id, workspace: 'default', access: 'ask', createdAt: now(), ...more })
  state.grants.push(made)
  return made
}

const fakeSignInPage =
  'https://dash.cloudflare.com/argotunnel?aud=&callback=https%3A%2F%2Flogin.example%2Fabc'

function setSignIn<T extends CloudflareSignIn | null>({ state, tell }: Fake, signIn: T): T {
  state.signIn = signIn
  tell('tunnel.cloudflareSignInChanged', signIn)
  return signIn
}

/** Where it is to be reached, for the outside if it can be. */
const origin = ({ state }: Fake): string =>
  new URL(state.status.bridge.publicUrl ?? state.status.bridge.localUrl).origin

export function setServer(host: Fake, id: string, wanted: Partial<Server>): Server {
  const server = Object.assign(serverOf(host, id), wanted)
  host.tell('servers.changed', {})
  return server
}

const checkServerName = ({ state }: Fake, name: string, but?: string): void => {
  if (!state.servers.some((one) => one.name === name && one.id !== but)) return
  throw refused('name-taken', `There is already a server called “${name}”.`, 'Choose another name.')
}

/** How a server is reached, as it is shown. */
const target = (input: Parsed<'servers.add'> | Parsed<'servers.edit'>): Partial<Server> =>
  input.kind === 'stdio'
    ? {
        command: input.command,
        args: input.args,
        cwd: input.cwd ?? null,
        env: Object.keys(input.env),
        ...(input.confined !== undefined && { confined: input.confined }),
      }
    : {
        url: input.url,
        headers: Object.keys(input.headers),
        oauth: input.oauth ? { clientId: input.oauth.clientId, scopes: input.oauth.scopes ?? [] } : null,
      }

export function addServer(host: Fake, input: Parsed<'servers.add'>, state: Server['state']): Server {
  checkServerName(host, input.name)
  const values = Object.entries(input.kind === 'stdio' ? input.env : input.headers)
  const made = sampleOf(Server, {
    id: `srv_${host.state.servers.length}def`,
    name: input.name,
    slug: input.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    kind: input.kind,
    ...target(input),
    values: state === 'draft' ? values.map(([name, value]) => shownValue(name, value)) : null,
    prefixed: true,
    timeout: input.timeout,
    startTimeout: input.startTimeout ?? Math.max(30_000, input.timeout),
    state,
    fingerprint: `fingerprint of ${input.name}`,
  })
  // An address with this in it stands for a server that wants a sign-in.
  if (state !== 'draft' && made.url?.includes('sign-in'))
    Object.assign(made, {
      state: 'signed-out',
      signIn: { ...made.signIn, state: 'needed', issuer: 'https://accounts.notes.example' },
    })
  host.state.servers.push(made)
  host.tell('servers.changed', {})
  return made
}

/** The real ones, with what they keep in memory. */
const waysOf = ({ state }: Fake): Ways => {
  const { ways } = state
  return createWays({
    settings: {
      get: (name) => ways.kept[name] as never,
      set(name, value) {
        ways.kept[name] = value
      },
      delete(name) {
        delete ways.kept[name]
      },
    },
    vault: {
      status: state.status.vault,
      get: async (name) => ways.secrets[name] ?? null,
      async set(name, value) {
        ways.secrets[name] = value
      },
      async delete(name) {
        delete ways.secrets[name]
      },
    },
    env: {},
    helpers: { has: () => false, offer: () => ({ version: '2026.8.2', bytes: 39_799_316 }) },
    localPort: () => 8_470,
    tunnel: {
      provider: () => ways.chosen,
      use(id) {
        ways.chosen = id
      },
    },
  })
}

export const fakeBackup = {
  id: 'backup_0123456789ab',
  passphrase: 'three words and more',
  bytes: Buffer.from('a backup in several parts'),
  part: 10,
  facts: {
    ...{ version: '0.1.0', computer: 'kitchen-mac', publicOrigin: 'https://quiet-otter-71.loca.lt' },
    ...{ grants: 3, servers: 4, log: false },
  },
}

export const fakeAnswers: Answers = {
  'status.get': (_input, host) => statusNow(host),
  'notices.dismiss': ({ id }, { state }) => {
    state.status.notices = state.status.notices.filter((notice) => notice.id !== id)
  },
  'bridge.lower': (_input, host) =>
    setBridge(host, { state: 'open', publicUrl: 'https://quiet-otter-71.loca.lt/mcp' }),
  'bridge.raise': ({ endAllAccess }, host) => {
    if (endAllAccess) {
      host.state.grants = []
      host.state.adminKeyAt = null
      host.tell('grants.changed', {})
    }
    return setBridge(host, {
      state: 'raised',
      message: 'Nobody passes.',
      hint: 'Who has access will come back.',
    })
  },
  'bridge.newAddress': (_input, host) =>
    setBridge(host, { state: 'open', publicUrl: 'https://brave-heron-12.loca.lt/mcp' }),
  'tunnel.moved': (_input, { state }) => state.move ?? null,
  'tunnel.list': (_input, host) => waysOf(host).list(),
  'tunnel.use': async ({ id, values }, host) => {
    await waysOf(host).use(id, values)
    return statusNow(host)
  },
  'tunnel.cloudflareDomains': ({ token }) => {
    if (token.startsWith('expired'))
      throw refused(
        'cloudflare-token',
        'Cloudflare does not take the API token.',
        'Copy it again, all of it.',
      )
    return [{ name: 'example.com' }, { name: 'bakery.example' }]
  },
  'tunnel.cloudflareSetUp': ({ label, domain, replace }, host) => {
    const name = `${label}.${domain}`
    if (label === 'www' && !replace)
      throw refused('cloudflare-name-used', `${name} already leads to 192.0.2.7.`, 'Choose another name.')
    host.state.ways.chosen = 'cloudflare'
    return setBridge(host, { state: 'open', publicUrl: `https://${name}/mcp` })
  },
  'tunnel.cloudflareSignIn': (_input, { state }) => state.signIn,
  'tunnel.cloudflareSignInBegin': (_input, host) =>
    setSignIn(host, { state: 'waiting', url: fakeSignInPage, failure: null }),
  'tunnel.cloudflareSignInCancel': (_input, host) => setSignIn(host, null),
  'tunnel.cloudflareSignInSetUp': ({ label, replace }, host) => {
    if (label === 'www' && !replace)
      throw refused('cloudflare-name-used', `“${label}” already leads elsewhere.`, 'Choose another name.')
    setSignIn(host, null)
    host.state.ways.chosen = 'cloudflare'
    return setBridge(host, { state: 'open', publicUrl: `https://${label}.bakery.example/mcp` })
  },
  'helpers.downloads': (_input, { state }) => state.downloads,
  'helpers.fetch': ({ id }, { state, tell }) => {
    state.downloads = [
      { id, title: id, version: '2026.8.2', done: 12_400_000, bytes: 39_799_316, failure: null },
    ]
    tell('helpers.changed', state.downloads)
    return state.downloads
  },
  'helpers.cancel': ({ id }, { state, tell }) => {
    state.downloads = state.downloads.filter((one) => one.id !== id)
    tell('helpers.changed', state.downloads)
    return state.downloads
  },
  'tunnel.takeOver': (_input, host) => {
    delete host.state.status.bridge.elsewhere
    return setBridge(host, { state: 'open', publicUrl: 'https://quiet-otter-71.loca.lt/mcp' })
  },
  'backup.create': () => ({ id: fakeBackup.id, bytes: fakeBackup.bytes.length }),
  'backup.read': ({ from }) => {
    const next = from + fakeBackup.part
    return {
      data: fakeBackup.bytes.subarray(from, next).toString('base64'),
      next: next < fakeBackup.bytes.length ? next : null,
    }
  },
  'backup.put': () => ({ id: fakeBackup.id }),
  'backup.look': ({ passphrase }, { now }) => {
    if (passphrase !== fakeBackup.passphrase) throw new HostError({ code: 'backup-wrong-passphrase' })
    return { ...fakeBackup.facts, madeAt: now() - 86_400_000 }
  },
  'backup.restore': (_input, { now }) => ({
    facts: { ...fakeBackup.facts, madeAt: now() - 86_400_000 },
    aside: '/home/ada/.local/share/drawbridge/before-restore-2026-11-28.drawbridge-backup',
    restarts: true,
  }),
  'connect.open': ({ client }, host) => {
    setWindow(host, { open: true, expects: client, closesAt: host.now() + 600_000 })
    return host.state.flows[client]
  },
  'connect.close': (_input, host) => setWindow(host, { open: false, expects: null, closesAt: null }),
  'connect.flow': ({ client }, { state }) => state.flows[client],

  'connections.list': (_input, { state }) => state.connections,
  'connections.approve': ({ id, digits, access, tools, expiresAt }, host) => {
    const request = find(host.state.connections, (one) => one.id === id, 'connection-gone')
    if (request.needsDigits && digits !== '123')
      throw refused('wrong-digits', 'These are not the digits that the browser shows.', 'Two tries are left.')
    forgetConnection(host, id)
    const { clientId, redirectHost } = request
    const name = `MCP — ${request.clientName}`
    return addGrant(host, { kind: 'client', clientId, name, redirectHost, access, tools, expiresAt })
  },
  'connections.deny': ({ id }, host) => forgetConnection(host, id),

  'grants.list': (_input, { state }) => state.grants,
  'grants.update': ({ id, ...wanted }, host) => change(grantOf(host, id), wanted),
  'grants.askAgain': ({ id }, host) => {
    const known = Object.assign(grantOf(host, id), { sessions: [] })
    host.tell('grants.changed', {})
    return known
  },
  'grants.pause': ({ id, minutes }, host) => {
    const known = Object.assign(grantOf(host, id), { pausedUntil: host.now() + minutes * 60_000 })
    host.tell('grants.changed', {})
    return known
  },
  'grants.resume': ({ id }, host) => {
    const known = Object.assign(grantOf(host, id), { pausedUntil: null })
    host.tell('grants.changed', {})
    return known
  },
  'grants.revoke': ({ id }, { state, tell }) => {
    state.grants = state.grants.filter((grant) => grant.id !== id)
    tell('grants.changed', {})
  },
  'keys.create': ({ abilities, ...input }, host) => {
    const scopes = abilities.map((one) => (one === 'mcp.access' ? 'mcp:use' : one))
    const grant = addGrant(host, { kind: 'key', ...input, scopes: scopes.length > 0 ? scopes : null })
    host.tell('grants.changed', {})
    return { grant, token: `db_key_${'k'.repeat(40)}` }
  },
  'clients.list': (_input, { state }) => state.clients,
  'clients.register': ({ access, ...input }, host) => {
    const { clients } = host.state
    const made = { ...input, clientId: `client_${clients.length}abc`, createdAt: host.now() }
    clients.push(made)
    if (input.grantTypes.includes('client_credentials'))
      addGrant(host, { kind: 'client', clientId: made.clientId, name: `MCP — ${input.name}`, access })
    host.tell('clients.changed', {})
    host.tell('grants.changed', {})
    const issuer = origin(host)
    return sampleOf(ClientCredentials, {
      ...made,
      clientSecret: input.confidential ? `db_secret_${'s'.repeat(43)}` : null,
      issuer,
      resource: `${issuer}/mcp`,
      authorizationEndpoint: `${issuer}/oauth/authorize`,
      tokenEndpoint: `${issuer}/oauth/token`,
      registrationEndpoint: `${issuer}/oauth/register`,
    })
  },
  'clients.remove': ({ clientId }, { state, tell }) => {
    state.clients = state.clients.filter((client) => client.clientId !== clientId)
    tell('clients.changed', {})
  },
  'security.rotate': ({ keys }, { state, tell }) => {
    for (const one of state.grants) one.sessions = []
    if (keys) state.grants = state.grants.filter((one) => one.kind !== 'key')
    tell('grants.changed', {})
  },

  'workspaces.list': (_input, { state }) => state.workspaces,
  'workspaces.create': (input, { state, tell }) => {
    const { localUrl, publicUrl } = state.status.bridge
    const made = {
      ...input,
      localUrl: `${localUrl}/${input.name}`,
      publicUrl: publicUrl && `${publicUrl}/${input.name}`,
    }
    state.workspaces.push(made)
    tell('workspaces.changed', {})
    return made
  },
  'workspaces.update': ({ name, ...wanted }, host) => {
    const known = change(workspaceOf(host, name), wanted)
    host.tell('workspaces.changed', {})
    return known
  },
  'workspaces.remove': ({ name }, host) => {
    const { state, tell } = host
    const gone = workspaceOf(host, name)
    state.workspaces = state.workspaces.filter((one) => one !== gone)
    state.grants = state.grants.filter((one) => one.workspace !== name)
    tell('workspaces.changed', {})
  },

  'preferences.get': (_input, { state }) => state.preferences,
  'preferences.set': (wanted, { state, tell }) => {
    tell('preferences.changed', change(state.preferences, wanted))
    return state.preferences
  },
  'doctor.run': (_input, { state, now }) => ({ ...state.diagnosis, at: now() }),
  'adminKey.get': (_input, { state }) => ({ createdAt: state.adminKeyAt }),
  'adminKey.create': (_input, { state, now }) => {
    state.adminKeyAt = now()
    return { key: fakeAdminKey }
  },
  'adminKey.remove': (_input, { state }) => {
    state.adminKeyAt = null
  },

  'servers.list': (_input, { state }) => state.servers,
  'servers.use': (_input, { state }) =>
    state.servers
      .filter(({ kind, state }) => kind === 'stdio' && state !== 'draft')
      .map(({ id, name, state }) =>
        state === 'running'
          ? { id, name, programs: 2, memory: 84_000_000, cpu: 0.03 }
          : { id, name, programs: 0, memory: 0, cpu: 0 },
      ),
  'servers.read': ({ text }) =>
    readPasted(text, { home: '/home/me', isFolder: (path) => path === '/home/me/notes' }),
  'servers.add': (input, host) => addServer(host, input, 'running'),
  'servers.draft': (input, host) => addServer(host, input, 'draft'),
  'servers.update': ({ id, ...wanted }, host) => {
    const known = change(serverOf(host, id), wanted)
    host.tell('servers.changed', {})
    return known
  },
  'servers.edit': ({ id, ...input }, host) => {
    const { timeout, startTimeout } = serverOf(host, id)
    checkServerName(host, input.name, id)
    return setServer(host, id, {
      name: input.name,
      kind: input.kind,
      ...target({ id, ...input } as Parsed<'servers.edit'>),
      timeout: input.timeout ?? timeout,
      startTimeout: input.startTimeout ?? startTimeout,
    })
  },
  'servers.remove': ({ id }, host) => {
    const { state, tell } = host
    const gone = serverOf(host, id)
    state.servers = state.servers.filter((server) => server !== gone)
    state.tools = state.tools.filter((tool) => tool.sourceKind !== 'server' || tool.sourceId !== gone.slug)
    tell('servers.changed', {})
  },
  'servers.start': ({ id, seen }, host) => {
    checkSeen(serverOf(host, id), seen)
    return setServer(host, id, { state: 'running', tools: 0, error: null })
  },
  'servers.stop': ({ id }, host) =>
    setServer(host, id, { state: 'stopped', tools: 0, resources: 0, prompts: 0 }),
  'servers.restart': ({ id }, host) =>
    setServer(host, id, { state: 'running', error: null, restarts: serverOf(host, id).restarts + 1 }),
  'servers.check': ({ id }, host) => {
    const { health } = serverOf(host, id)
    return setServer(host, id, { health: { ...health, ok: true, checkedAt: host.now() } })
  },
  'servers.signIn': ({ id }, host) => {
    const url = 'https://accounts.notes.example/authorize?response_type=code&state=fixture'
    const { signIn } = serverOf(host, id)
    return setServer(host, id, { signIn: { ...signIn, state: 'waiting', url, problem: null } })
  },
  'servers.signOut': ({ id }, host) =>
    setServer(host, id, {
      state: 'signed-out',
      signIn: { ...sampleOf(Server.shape.signIn), state: 'needed' },
      tools: 0,
    }),

  'connectors.list': (_input, { state }) => state.connectors,
  'connectors.save': ({ slug, id, name, values }, { state, tell }) => {
    const connector = find(state.connectors, (one) => one.slug === slug, 'connector-unknown')
    const known = connector.accounts.find((one) => one.id === id)
    const made = known ?? {
      id: `acc_${connector.accounts.length + 1}`,
      name: 'My account',
      values: {},
      secrets: [],
    }
    if (values.site === 'wrong') throw refused('field-invalid', 'Site: there is none like it.', '')
    if (known === undefined) connector.accounts.push(made)
    made.name = name ?? made.name
    for (const [field, value] of Object.entries(values)) {
      const isSecret = connector.fields.some((one) => one.name === field && one.kind === 'secret')
      if (isSecret) made.secrets = [...new Set([...made.secrets, field])]
      else if (value) made.values[field] = value
      else delete made.values[field]
    }
    connector.ready = true
    tell('connectors.changed', {})
    return made
  },
  'connectors.remove': ({ id }, { state, tell }) => {
    for (const one of state.connectors) one.accounts = one.accounts.filter((account) => account.id !== id)
    tell('connectors.changed', {})
  },
  'connectors.test': ({ id }, { state }) => {
    const isIt = ({ accounts }: Connector) => accounts.some((account) => account.id === id)
    const { name } = find(state.connectors, isIt, 'account-unknown')
    return { message: `It works: ${name} answers.` }
  },
  'folders.list': (_input, { state }) => state.folders,
  'folders.add': ({ path, excludes, writable, paused }, { state, tell }) => {
    const name = path.split('/').at(-1)!
    if (name === 'nowhere') throw refused('folder-not-found', 'There is no such folder.', 'Check the path.')
    const added = sampleOf(Folder, {
      id: `folder_${state.folders.length + 1}`,
      name,
      path,
      excludes,
      state: paused ? 'paused' : 'reading',
      isWritable: writable,
    })
    state.folders.push(added)
    tell('folders.changed', {})
    return added
  },
  'folders.change': ({ id, paused, writable }, { state, tell }) => {
    const folder = find(state.folders, (one) => one.id === id, 'folder-unknown')
    if (paused !== undefined) folder.state = paused ? 'paused' : 'ready'
    if (writable !== undefined) folder.isWritable = writable
    tell('folders.changed', {})
    return folder
  },
  'folders.refresh': ({ id }, { state }) => find(state.folders, (one) => one.id === id, 'folder-unknown'),
  'folders.remove': ({ id }, { state, tell }) => {
    state.folders = state.folders.filter((one) => one.id !== id)
    tell('folders.changed', {})
  },
  'folders.skipped': () => ({
    reasons: [
      { reason: 'secret' as const, count: 1 },
      { reason: 'not-a-document' as const, count: 312 },
    ],
    items: [
      { path: 'Bank/passwords.txt', reason: 'secret' as const },
      { path: 'Photos/beach.jpg', reason: 'not-a-document' as const },
    ],
  }),
  'folders.browse': ({ path = '/home/ada' }) => ({
    path,
    parent: path === '/' ? null : path.replace(/\/[^/]*$/, '') || '/',
    folders:
      path === '/home/ada'
        ? ['Desktop', 'Documents', 'Downloads'].map((name) => ({ name, path: `${path}/${name}` }))
        : [],
  }),
  'folders.choose': () => ({ path: '/home/ada/Documents' }),
  'changes.of': ({ call }, { state }) => state.changes.find((one) => one.call === call) ?? null,
  'changes.undo': ({ call, over }, { state, tell }) => {
    const change = find(state.changes, (one) => one.call === call, 'change-not-found')
    const { folder, path } = change
    if (path.includes('shared') && over !== 'fingerprint')
      return {
        ...{ call, folder, path, state: 'changed' as const, seen: 'fingerprint' },
        ...{ now: '# Plan\n\nWritten by Ada since.\n', before: '# Plan\n' },
      }
    change.isUndone = true
    tell('changes.changed', {})
    return { call, folder, path, state: 'undone' as const }
  },
  'changes.undoAll': ({ grantId }, { state, tell }) => {
    const all = state.changes.filter((one) => one.grantId === grantId && !one.isUndone)
    tell('changes.changed', {})
    return all.map((one) => {
      const { call, folder, path } = one
      if (path.includes('shared')) return { call, folder, path, state: 'failed' as const, error: 'No.' }
      one.isUndone = true
      return { call, folder, path, state: 'undone' as const }
    })
  },
  'tools.list': (_input, { state }) => state.tools,
  'tools.offers': (_input, { state }) => state.offers,
  'tools.differences': ({ id }, host) => host.state.differences[toolOf(host, id).id] ?? [],
  'tools.servers': (_input, { state }) => state.changedServers,
  'tools.acceptServer': ({ sourceId, seen }, host) => {
    const { state } = host
    const known = state.changedServers.find((one) => one.sourceId === sourceId)
    if (known?.seen !== seen) throw refused('server-changed', 'It is another one now.')
    state.changedServers = state.changedServers.filter((one) => one !== known)
    for (const tool of state.tools)
      if (tool.sourceId === sourceId && tool.review?.why === 'identity') tool.review = null
    host.tell('tools.changed', {})
    tellStatus(host)
  },
  'tools.set': ({ id, enabled, alias, risk, note }, host) => {
    const tool = toolOf(host, id)
    if (alias && host.state.tools.some((other) => other.id !== id && other.name === alias))
      throw refused('name-taken', 'Another tool has this name already.', 'Choose another one.')
    change(tool, { enabled })
    if (enabled === false) tool.review = null
    if (alias !== undefined) Object.assign(tool, { alias, name: alias ?? tool.id })
    if (risk !== undefined) tool.override = risk && { risk, lowers: false }
    if (risk) tool.risk = risk
    if (note !== undefined) tool.note = note || null
    host.tell('tools.changed', {})
    return tool
  },
  'tools.restrict': ({ id, enabled, risk }, host) => {
    const tool = toolOf(host, id)
    if (risk === 'read' && tool.risk !== 'read') throw refused('needs-owner', 'Only its owner can say so.')
    change(tool, { enabled, risk })
    host.tell('tools.changed', {})
    return tool
  },
  'tools.accept': ({ tools }, host) => {
    const accepted = tools.map(({ id, seen }) => {
      const { review } = toolOf(host, id)
      if (review?.seen !== seen) throw refused('tool-changed', 'It is another one now.')
      return Object.assign(toolOf(host, id), { risk: review.risk, openWorld: review.openWorld, review: null })
    })
    host.tell('tools.changed', {})
    tellStatus(host)
    return accepted
  },

  'approvals.list': (_input, { state }) => state.approvals,
  'approvals.get': ({ id }, { state }) => find(state.approvals, (one) => one.id === id, 'approval-gone'),
  'approvals.decide': ({ id, ...answer }, host) => {
    const { state, tell } = host
    const asked = find(state.approvals, (one) => one.id === id, 'approval-gone')
    if ('seen' in answer && answer.seen !== asked.seen)
      throw refused('not-seen', 'This is not what was shown.')
    state.approvals = state.approvals.filter((one) => one !== asked)
    tell('approvals.changed', state.approvals)
    tellStatus(host)
  },

  'rules.list': (_input, { state }) => state.rules,
  'rules.change': ({ id, until, waivesTaint }, { state, tell }) => {
    const rule = find(state.rules, (one) => one.id === id, 'rule-gone')
    if (until !== undefined) rule.until = until
    if (waivesTaint !== undefined) rule.waivesTaint = waivesTaint
    tell('rules.changed', {})
    return rule
  },
  'rules.revoke': ({ id }, { state, tell }) => {
    const rule = find(state.rules, (one) => one.id === id, 'rule-gone')
    state.rules = state.rules.filter((one) => one !== rule)
    tell('rules.changed', {})
    return rule
  },
  'rules.revokeAll': ({ grantId }, { state, tell }) => {
    const before = state.rules.length
    state.rules = state.rules.filter((one) => one.grantId !== grantId)
    tell('rules.changed', {})
    return { revoked: before - state.rules.length }
  },

  'activity.list': ({ before, limit, search, filter }, { state }) => {
    const words = search?.toLowerCase() ?? ''
    const all = state.calls.filter(
      (call) => passes(call, filter ?? {}) && JSON.stringify(call).toLowerCase().includes(words),
    )
    const from = before ? all.findIndex((call) => call.id === before) + 1 : 0
    return all.slice(from, from + limit)
  },
  // A row a part, as lines whatever was asked for: that it goes on to the end is what matters.
  'activity.export': ({ filter, after }, { state }) => {
    const all = state.calls.filter((call) => passes(call, filter ?? {})).reverse()
    const { seq, rows } = after ?? { seq: 0, rows: 0 }
    const text = all[seq] ? `${JSON.stringify(all[seq])}\n` : ''
    const next = seq + 1 < all.length ? { seq: seq + 1, rows: rows + 1 } : null
    return { text, next, rows: rows + (text ? 1 : 0) }
  },
  'activity.check': (_nothing, { state }) => state.check,
  'activity.usage': ({ since, until }, { state }) => fakeUsage(state.calls, since, until),
  'activity.diary': ({ since, until }, { state }) => fakeDiary(state.calls, since, until),
  'activity.get': ({ id }, { state }) => ({
    ...find(state.calls, (call) => call.id === id, 'call-unknown'),
    link: 'lFsCKMXVwRsLH1c5Zrj9bU2k1rSs4b0FJzV3o4S0Jm8',
  }),

  'timeline.list': ({ before, limit, search = '', filter = {} }, { state }) => {
    const { kind, environment, severity } = filter
    const all = state.events.filter(
      (event) =>
        (kind ?? event.kind) === event.kind &&
        (environment ?? event.environment) === event.environment &&
        (severity ?? event.severity) === event.severity &&
        JSON.stringify(event).toLowerCase().includes(search.toLowerCase()),
    )
    const from = before ? all.findIndex(({ id }) => id === before) + 1 : 0
    return all.slice(from, from + limit)
  },
  'timeline.get': ({ id }, { state }) => find(state.events, (event) => event.id === id, 'event-not-found'),
  'timeline.overview': (_nothing, { state }) => {
    const own = state.events.filter(({ isExample }) => !isExample)
    const path = state.preferences.timelineFile ?? null
    return {
      total: own.length,
      kinds: [...new Set(own.map(({ kind }) => kind))],
      environments: [...new Set(own.flatMap(({ environment }) => environment ?? []))],
      since: 0,
      file:
        path === null ? null : { path, problem: path.includes('missing') ? 'It is not there yet.' : null },
      refused: path === null ? [] : [{ at: 0, offset: 1_204, line: '{"id": 7}', problem: 'it is not JSON' }],
    }
  },
  'timeline.send': ({ events }, { state, tell, now }) => {
    const sent = events.map((event, n) =>
      sampleOf(TimelineEvent, {
        ...(event as Partial<TimelineEvent>),
        ...{ id: `evt_${state.events.length + n}`, at: now(), kind: 'note', severity: null },
      }),
    )
    state.events.unshift(...sent)
    tell('timeline.changed', {})
    return { events: sent.map(({ id }) => ({ id, isNew: true })) }
  },
}

/** A draft runs only for who has seen what would run. */
export function checkSeen(server: Server, seen: string | undefined): void {
  if (server.state === 'draft' && seen !== server.fingerprint)
    throw refused('draft-not-seen', 'It was changed meanwhile.', 'Look at it again before you start it.')
}
