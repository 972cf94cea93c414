import type { CallName, EventName, Output, Parsed } from '../../src/contract/api.ts'
import type { ErrorReply } from '../../src/contract/errors.ts'
import type { Reply } from '../../src/contract/pipe.ts'
import type { Server } from '../../src/contract/servers.ts'
import { isHostError } from '../../src/kernel/errors.ts'
import { readPasted } from '../../src/setup/pasted/read-pasted.ts'
import { workspace } from './access-samples.ts'
import { grant, PUBLIC } from './samples.ts'
import type { World } from './scenes.ts'
import { server, signIn } from './server-samples.ts'

type Tell = (name: EventName, payload: unknown) => void
type Answers = {
  [K in CallName]: (world: World, input: Parsed<K>, tell: Tell) => Output<K> | Promise<Output<K>>
}

class Failure extends Error {
  readonly reply: ErrorReply
  constructor(code: string, message: string, hint: string) {
    super(message)
    this.reply = { code, message, hint }
  }
}

const find = <T extends { id: string }>(list: T[], id: string): T => {
  const found = list.find((one) => one.id === id)
  if (!found) throw new Failure('gone', 'This is not there any more.', 'Look at the page again.')
  return found
}

const statusChanged = (world: World, tell: Tell) => {
  world.status.waiting = {
    connections: world.connections.length,
    calls: world.approvals.filter((approval) => approval.state === 'waiting').length,
    tools: world.tools.filter((tool) => tool.review !== null).length,
  }
  tell('status.changed', world.status)
  return world.status
}

const setBridge = (
  world: World,
  tell: Tell,
  state: World['status']['bridge']['state'],
  publicUrl?: string,
) => {
  world.status.bridge = {
    ...world.status.bridge,
    state,
    publicUrl: publicUrl ?? world.status.bridge.publicUrl,
    message: '',
    hint: '',
  }
  return statusChanged(world, tell)
}

const changed = (known: Server, patch: Partial<Server>, tell: Tell): Server => {
  Object.assign(known, patch)
  tell('servers.changed', {})
  return known
}

const added = (world: World, input: Parsed<'servers.add'>, state: Server['state'], tell: Tell): Server => {
  if (world.servers.some((one) => one.name === input.name))
    throw new Failure(
      'name_taken',
      `There is already a server called “${input.name}”.`,
      'Choose another name.',
    )
  // An address with this in it stands for a server that wants a sign-in.
  const signedOut = input.kind !== 'stdio' && input.url.includes('sign-in')
  const { kind, name, timeout } = input
  const made = server(`s${Date.now()}`, name, {
    kind,
    timeout,
    state: signedOut ? 'signed-out' : state,
    signIn: signIn(signedOut ? { state: 'needed', issuer: 'https://accounts.notes.example' } : {}),
    ...(input.kind === 'stdio'
      ? {
          command: input.command,
          args: input.args,
          cwd: input.cwd ?? null,
          env: Object.keys(input.env),
        }
      : { url: input.url, headers: Object.keys(input.headers) }),
  })
  world.servers.push(made)
  tell('servers.changed', {})
  return made
}

const ANSWERS: Answers = {
  'status.get': (world) => world.status,
  'notices.dismiss': (world, { id }) => {
    world.status.notices = world.status.notices.filter((notice) => notice.id !== id)
  },
  'bridge.lower': (world, _input, tell) =>
    setBridge(world, tell, 'open', 'https://quiet-otter-71.loca.lt/mcp'),
  'bridge.raise': (world, _input, tell) => setBridge(world, tell, 'raised'),
  'bridge.newAddress': (world, _input, tell) =>
    setBridge(world, tell, 'open', 'https://brave-heron-12.loca.lt/mcp'),
  'connect.open': (world, { client }, tell) => {
    world.status.window = { open: true, expects: client, closesAt: Date.now() + 600_000 }
    statusChanged(world, tell)
    return world.flows[client]
  },
  'connect.close': (world, _input, tell) => {
    world.status.window = { open: false, expects: null, closesAt: null }
    statusChanged(world, tell)
  },
  'connect.flow': (world, { client }) => world.flows[client],
  'connections.list': (world) => world.connections,
  'connections.approve': (world, { id, digits, access, tools, expiresAt }, tell) => {
    const request = find(world.connections, id)
    if (request.needsDigits && digits !== '123')
      throw new Failure(
        'wrong_digits',
        'These are not the digits that the browser shows.',
        'Look again; two tries are left.',
      )
    world.connections = world.connections.filter((one) => one.id !== id)
    tell('connections.changed', world.connections)
    statusChanged(world, tell)
    return { ...world.grants[0]!, id: 'g9', name: `MCP — ${request.clientName}`, access, tools, expiresAt }
  },
  'connections.deny': (world, { id }, tell) => {
    world.connections = world.connections.filter((one) => one.id !== id)
    tell('connections.changed', world.connections)
    statusChanged(world, tell)
  },
  'grants.list': (world) => world.grants,
  'grants.update': (world, { id, ...patch }) => {
    const known = find(world.grants, id)
    for (const [key, value] of Object.entries(patch))
      if (value !== undefined) Object.assign(known, { [key]: value })
    return known
  },
  'grants.askAgain': (world, { id }, tell) => {
    const known = find(world.grants, id)
    known.sessions = []
    tell('grants.changed', {})
    return known
  },
  'grants.revoke': (world, { id }, tell) => {
    world.grants = world.grants.filter((grant) => grant.id !== id)
    tell('grants.changed', {})
  },
  'keys.create': (world, { name, ...rest }, tell) => {
    const made = grant(`k${world.grants.length}`, name, Date.now(), { kind: 'key', ...rest })
    world.grants.push(made)
    tell('grants.changed', {})
    return { grant: made, token: 'db_fixture_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM' }
  },
  'clients.list': (world) => world.clients,
  'clients.register': (world, { access, ...input }, tell) => {
    const made = { ...input, clientId: `app_${world.clients.length}_4f9c2b71`, createdAt: Date.now() }
    world.clients.push(made)
    tell('clients.changed', {})
    if (input.grantTypes.includes('client_credentials'))
      world.grants.push(grant(made.clientId, `MCP — ${input.name}`, Date.now(), { access }))
    tell('grants.changed', {})
    return {
      ...made,
      clientSecret: input.confidential ? 'db_secret_fixture_0123456789abcdefghijklmnopqrstuvwxyz' : null,
      issuer: PUBLIC,
      resource: `${PUBLIC}/mcp`,
      authorizationEndpoint: `${PUBLIC}/oauth/authorize`,
      tokenEndpoint: `${PUBLIC}/oauth/token`,
      registrationEndpoint: `${PUBLIC}/oauth/register`,
    }
  },
  'clients.remove': (world, { clientId }, tell) => {
    world.clients = world.clients.filter((client) => client.clientId !== clientId)
    tell('clients.changed', {})
  },
  'workspaces.list': (world) => world.workspaces,
  'workspaces.create': (world, { name, title, sources }, tell) => {
    const made = workspace(name, title, sources)
    world.workspaces.push(made)
    tell('workspaces.changed', {})
    return made
  },
  'workspaces.update': (world, { name, title, sources }, tell) => {
    const known = world.workspaces.find((one) => one.name === name)
    if (!known) throw new Failure('gone', 'This workspace is not there any more.', '')
    known.title = title ?? known.title
    known.sources = sources ?? known.sources
    tell('workspaces.changed', {})
    return known
  },
  'workspaces.remove': (world, { name }, tell) => {
    world.workspaces = world.workspaces.filter((one) => one.name !== name)
    world.grants = world.grants.filter((one) => one.workspace !== name)
    tell('workspaces.changed', {})
  },
  'preferences.get': (world) => world.preferences,
  'preferences.set': (world, wanted, tell) => {
    for (const [key, value] of Object.entries(wanted))
      if (value !== undefined) Object.assign(world.preferences, { [key]: value })
    tell('preferences.changed', world.preferences)
    return world.preferences
  },
  'security.rotate': (world, { keys }, tell) => {
    for (const one of world.grants) one.sessions = []
    if (keys) world.grants = world.grants.filter((one) => one.kind !== 'key')
    tell('grants.changed', {})
  },
  'doctor.run': (world) => ({ ...world.diagnosis, at: Date.now() }),
  'adminKey.get': (world) => ({ createdAt: world.adminKey }),
  'adminKey.create': (world) => {
    world.adminKey = Date.now()
    return { key: 'dba_fixture_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJK' }
  },
  'adminKey.remove': (world) => {
    world.adminKey = null
  },
  'servers.list': (world) => world.servers,
  'servers.read': (_world, { text }) => {
    try {
      return readPasted(text, { home: '/home/me', isFolder: (path) => path === '/home/me/notes' })
    } catch (error) {
      if (!isHostError(error)) throw error
      throw new Failure(error.code, error.message, error.hint)
    }
  },
  'servers.add': (world, input, tell) => added(world, input, 'running', tell),
  'servers.draft': (world, input, tell) => added(world, input, 'draft', tell),
  'servers.update': (world, { id, ...patch }, tell) => {
    const known = find(world.servers, id)
    for (const [key, value] of Object.entries(patch))
      if (value !== undefined) Object.assign(known, { [key]: value })
    tell('servers.changed', {})
    return known
  },
  'servers.edit': (world, { id, ...input }, tell) => {
    if (world.servers.some((one) => one.id !== id && one.name === input.name))
      throw new Failure(
        'name_taken',
        `There is already a server called “${input.name}”.`,
        'Choose another name.',
      )
    return changed(
      find(world.servers, id),
      input.kind === 'stdio'
        ? { name: input.name, command: input.command, args: input.args, env: Object.keys(input.env) }
        : { name: input.name, url: input.url, headers: Object.keys(input.headers) },
      tell,
    )
  },
  'servers.remove': (world, { id }, tell) => {
    const gone = world.servers.find((server) => server.id === id)
    world.servers = world.servers.filter((server) => server.id !== id)
    world.tools = world.tools.filter((tool) => tool.sourceKind !== 'server' || tool.sourceId !== gone?.slug)
    tell('servers.changed', {})
  },
  'servers.start': (world, { id, seen }, tell) => {
    const known = find(world.servers, id)
    if (known.state === 'draft' && seen !== known.fingerprint)
      throw new Failure(
        'draft-not-seen',
        'It was changed meanwhile.',
        'Look at it again before you start it.',
      )
    return changed(known, { state: 'running', tools: 0, error: null }, tell)
  },
  'servers.stop': (world, { id }, tell) =>
    changed(find(world.servers, id), { state: 'stopped', tools: 0, resources: 0, prompts: 0 }, tell),
  'servers.restart': (world, { id }, tell) =>
    changed(find(world.servers, id), { state: 'running', error: null }, tell),
  'servers.check': (world, { id }, tell) => {
    const known = find(world.servers, id)
    return changed(known, { health: { ...known.health, ok: true, checkedAt: Date.now() } }, tell)
  },
  'servers.signIn': (world, { id }, tell) => {
    const known = find(world.servers, id)
    const url = 'https://accounts.notes.example/authorize?response_type=code&state=fixture'
    return changed(known, { signIn: { ...known.signIn, state: 'waiting', url, problem: null } }, tell)
  },
  'servers.signOut': (world, { id }, tell) =>
    changed(
      find(world.servers, id),
      { state: 'signed-out', signIn: signIn({ state: 'needed' }), tools: 0 },
      tell,
    ),
  'connectors.list': (world) => world.connectors,
  'connectors.save': (world, { slug, id, name, values }, tell) => {
    const connector = world.connectors.find((one) => one.slug === slug)!
    const known = connector.accounts.find((one) => one.id === id)
    const made = known ?? { id: `acc_${Date.now()}`, name: 'My account', values: {}, secrets: [] }
    if (values.site === 'wrong') throw new Failure('field-invalid', 'Site: there is none like it.', '')
    if (known === undefined) connector.accounts.push(made)
    made.name = name ?? made.name
    for (const [field, value] of Object.entries(values)) {
      const isSecret = connector.fields.some((one) => one.name === field && one.kind === 'secret')
      if (isSecret) made.secrets = [...new Set([...made.secrets, field])]
      else made.values[field] = value ?? ''
    }
    connector.ready = true
    tell('connectors.changed', {})
    return made
  },
  'connectors.remove': (world, { id }, tell) => {
    for (const one of world.connectors) one.accounts = one.accounts.filter((account) => account.id !== id)
    tell('connectors.changed', {})
  },
  'tools.list': (world) => world.tools,
  'tools.set': (world, { id, enabled, alias }, tell) => {
    const tool = find(world.tools, id)
    if (alias && world.tools.some((other) => other.id !== id && other.name === alias))
      throw new Failure('name-taken', 'Another tool has this name already.', 'Choose another one.')
    if (enabled !== undefined) tool.enabled = enabled
    if (enabled === false) tool.review = null
    if (alias !== undefined) {
      tool.alias = alias
      tool.name = alias ?? tool.id
    }
    tell('tools.changed', {})
    return tool
  },
  'tools.accept': (world, { tools }, tell) => {
    const accepted = tools.map(({ id }) => {
      const tool = find(world.tools, id)
      const { risk, openWorld } = tool.review ?? tool
      return Object.assign(tool, { risk, openWorld, review: null })
    })
    tell('tools.changed', {})
    statusChanged(world, tell)
    return accepted
  },
  'approvals.list': (world) => world.approvals,
  'approvals.get': (world, { id }) => find(world.approvals, id),
  'approvals.decide': (world, { id, ...answer }, tell) => {
    if (answer.decision === 'once' && answer.seen !== find(world.approvals, id).seen)
      throw new Failure('not-seen', 'This is not what was shown.', 'Look at it again.')
    world.approvals = world.approvals.filter((approval) => approval.id !== id)
    tell('approvals.changed', world.approvals)
    statusChanged(world, tell)
    return { heard: !world.unheard, until: world.unheard ? Date.now() + 120_000 : null }
  },
  'activity.list': (world, { before, limit, search }) => {
    const all = search
      ? world.calls.filter((call) => JSON.stringify(call).toLowerCase().includes(search.toLowerCase()))
      : world.calls
    const from = before ? all.findIndex((call) => call.id === before) + 1 : 0
    return all.slice(from, from + limit)
  },
  'activity.get': (world, { id }) => find(world.calls, id),
}

/** What the scripted host says to one call, and what it does to the scene. */
export async function answer<K extends CallName>(
  world: World,
  name: K,
  input: Parsed<K>,
  tell: Tell,
): Promise<Reply<Output<K>>> {
  try {
    return { ok: true, value: await ANSWERS[name](world, input, tell) }
  } catch (error) {
    if (error instanceof Failure) return { ok: false, error: error.reply }
    throw error
  }
}
