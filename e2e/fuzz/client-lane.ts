import { random } from '../../src/oauth/testing/hostile-requests.ts'
import { type Era, openSession, type Sent, type Session } from './client-sessions.ts'
import type { Lane, Outcome } from './fuzz-run.ts'
import { mutate, pickFieldMutation, places, type Random, told, tooDeep } from './mutations.ts'
import { type Raw, write } from './raw-json.ts'
import type { World } from './world.ts'

const eras: readonly Era[] = ['2025-11-25', '2025-11-25', '2026-07-28', '2024-11-05']
const clientInfo = { name: 'odd', title: 'Odd', version: '1', websiteUrl: 'https://example.com' }
const call = { name: 'near__echo', arguments: { text: 'odd', wait: 0 } }

/** What clients of the 2025 era send, with every field that may be absent. */
const requests: Raw[] = [
  { method: 'tools/call', params: { ...call, _meta: { progressToken: 'p', x: 1 } } },
  { method: 'tools/list', params: { cursor: undefined, _meta: {} } },
  { method: 'resources/list', params: { _meta: {} } },
  { method: 'prompts/list', params: { _meta: {} } },
  { method: 'ping', params: { _meta: {} } },
  {
    method: 'initialize',
    params: {
      ...{ protocolVersion: '2025-11-25', clientInfo, _meta: {} },
      capabilities: {
        roots: { listChanged: true },
        sampling: {},
        elicitation: { form: {}, url: {} },
        experimental: {},
      },
    },
  },
]
const notifications: Raw[] = [
  { method: 'notifications/initialized', params: { _meta: {} } },
  { method: 'notifications/cancelled', params: { requestId: 12345, reason: 'x' } },
  { method: 'notifications/progress', params: { progressToken: 1, progress: 1, total: 2, message: 'x' } },
  { method: 'notifications/roots/list_changed', params: {} },
  { method: 'notifications/zzz', params: {} },
]
const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { sampling: {}, elicitation: { form: {} } },
  'io.modelcontextprotocol/clientInfo': clientInfo,
  'io.modelcontextprotocol/logLevel': 'info',
  progressToken: 'p',
}
const registration: Raw = {
  ...{ client_name: 'Odd', client_uri: 'https://example.com', logo_uri: 'https://example.com/x.png' },
  ...{
    redirect_uris: ['http://127.0.0.1:49152/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
  },
  ...{
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'mcp',
    contacts: ['a@example.com'],
  },
  ...{ software_id: 'odd', software_version: '1', application_type: 'native' },
}
/** Fields that nothing can be answered without. */
const needed = ['jsonrpc', 'id', 'method', 'name', 'arguments', 'protocolVersion', 'requestId']

/** Clients of all eras that send something wrong, and are answered; who sends nothing wrong never notices. */
export async function startClientLane(world: World): Promise<Lane> {
  const lane = new ClientLane(world, await world.newKey('Odd'))
  return { name: 'client', run: (seed) => lane.run(seed), stop: async () => {} }
}

class ClientLane {
  readonly #world: World
  readonly #token: string

  constructor(world: World, token: string) {
    this.#world = world
    this.#token = token
  }

  async run(seed: number): Promise<Outcome> {
    const r = random(seed)
    const era = r.pick(eras)
    const what = r.next()
    if (what < 0.05) return this.#registered(r)
    if (what < 0.25) return this.#framed(r)
    if (what < 0.4 && era !== '2026-07-28') return this.#notified(r, era)
    const message = era === '2026-07-28' ? modern(r.pick(requests.slice(0, 4))) : r.pick(requests)
    const whole: Raw = { jsonrpc: '2.0', id: 7, ...message }
    const mutation = pickFieldMutation(r, whole, places(whole))
    const session = await this.#session(era)
    const sent = await session.send(write(mutate(whole, mutation) ?? ''), String(message.method))
    const problems = this.#sane(sent)
    const { path, change } = mutation
    // `params` as a whole can be left out by those that need nothing of it.
    const isPlain =
      !path.some((key) => needed.includes(String(key))) &&
      (path.length > 1 || (path[0] === 'params' && era !== '2026-07-28'))
    // The tool is the judge of what it is given; of nothing it is given nothing.
    const isNothing = path.length === 2 && path[1] === 'arguments' && change === 'nulled'
    if (isNothing) {
      const bare = await session.send(
        write(mutate(whole, { ...mutation, change: 'dropped' })),
        String(message.method),
      )
      if (bare.text !== sent.text) problems.push(`null is not as absent: ${sent.text.slice(0, 300)}`)
    }
    if (isPlain && change === 'nulled') {
      const bare = await session.send(
        write(mutate(whole, { ...mutation, change: 'dropped' })),
        String(message.method),
      )
      if (bare.isGood && !sent.isGood)
        problems.push(`null is not as absent: ${sent.status} ${sent.text.slice(0, 300)}`)
    }
    // What is nested without end is refused, wherever it stands.
    if (
      isPlain &&
      path.length > 1 &&
      change === 'unknown beside it' &&
      mutation.value !== tooDeep &&
      !sent.isGood
    )
      problems.push(`what is unknown is not passed over: ${sent.status} ${sent.text.slice(0, 300)}`)
    return {
      how: `${era} ${message.method}: ${told(mutation)}`,
      problems: [...problems, ...(await this.#after(session))],
    }
  }

  async #notified(r: Random, era: Era): Promise<Outcome> {
    const whole: Raw = { jsonrpc: '2.0', ...r.pick(notifications) }
    const mutation = pickFieldMutation(r, whole, places(whole))
    const session = await this.#session(era)
    const sent = await session.send(write(mutate(whole, mutation) ?? ''), '')
    const problems = sent.status >= 500 ? [`status ${sent.status}`] : []
    return {
      how: `${era} ${whole.method}: ${told(mutation)}`,
      problems: [...problems, ...(await this.#after(session))],
    }
  }

  /** Introduces itself (RFC 7591) while its owner waits for one. */
  async #registered(r: Random): Promise<Outcome> {
    await this.#world.host.ask('connect.open', { client: 'other' })
    const mutation = pickFieldMutation(r, registration, places(registration))
    const register = async (body: unknown) => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${this.#world.origin}/oauth/register`, {
        method: 'POST',
        headers,
        body: write(body),
      })
      return { status: response.status, text: await response.text() }
    }
    const sent = await register(mutate(registration, mutation) ?? null)
    const problems = sent.status >= 500 ? [`status ${sent.status}: ${sent.text.slice(0, 200)}`] : []
    if (mutation.change === 'nulled' && mutation.path.length > 0 && sent.status !== 429) {
      const bare = await register(mutate(registration, { ...mutation, change: 'dropped' }))
      if (bare.status === 201 && sent.status !== 201)
        problems.push(`null is not as absent: ${sent.status} ${sent.text}`)
    }
    await this.#world.host.ask('connect.close')
    return {
      how: `registration: ${told(mutation)}`,
      problems: [...problems, ...(await this.#world.neighbours('beside'))],
    }
  }

  async #framed(r: Random): Promise<Outcome> {
    const framing = r.pick(framings)
    const session = await this.#session('2025-11-25')
    const text = write({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: call })
    const sent = await session.send(framing.of?.(text) ?? text, 'tools/call', framing.headers)
    const problems = sent.status >= 500 ? [`status ${sent.status}`] : []
    if (framing.plain && !sent.isGood)
      problems.push(`not understood: ${sent.status} ${sent.text.slice(0, 300)}`)
    return { how: `framed: ${framing.how}`, problems: [...problems, ...(await this.#after(session))] }
  }

  /** The same client goes on, and so do all others. */
  async #after(session: Session): Promise<string[]> {
    const whole = { jsonrpc: '2.0', id: 8, method: 'tools/call', params: call }
    const message = session.era === '2026-07-28' ? { ...whole, ...modern(whole) } : whole
    const [own, near] = await Promise.all([
      session.send(write(message), 'tools/call'),
      this.#world.neighbours('beside a client'),
    ])
    session.end()
    if (!own.isGood || !own.text.includes('odd'))
      near.push(`afterwards it gets ${own.status} ${own.text.slice(0, 200)}`)
    return near
  }

  #sane({ status, text }: Sent): string[] {
    if (status >= 500) return [`status ${status}: ${text.slice(0, 200)}`]
    if (/\n +at |node_modules|\.ts:\d/.test(text)) return [`a stack: ${text.slice(0, 200)}`]
    return []
  }

  #session(era: Era): Promise<Session> {
    return openSession(this.#world.host.mcpUrl, this.#token, era, call.name)
  }
}

function modern(message: Raw): Raw {
  const { _meta, ...params } = (message.params ?? {}) as Raw
  return { method: message.method, params: { ...params, _meta: modernMeta } }
}

const json = (type: string) => ({ 'content-type': type })
const framings: {
  how: string
  plain: boolean
  of?(text: string): string | Buffer<ArrayBuffer>
  headers?: Record<string, string>
}[] = [
  { how: 'a byte order mark', plain: true, of: (text) => `\ufeff${text}` },
  {
    how: 'spaces and lines around',
    plain: true,
    of: (text) => `\r\n ${text.replaceAll(',"', ',\r\n\t"')} \n`,
  },
  { how: 'escaped', plain: true, of: (text) => text.replace('tools/call', 'tools\\/\\u0063all') },
  { how: 'charset', plain: true, headers: json('application/json; charset=utf-8') },
  { how: 'capitals', plain: true, headers: json('Application/JSON;Charset=UTF-8') },
  { how: 'its id as text', plain: true, of: (text) => text.replace('"id":7', '"id":"seven"') },
  { how: 'a large id', plain: true, of: (text) => text.replace('"id":7', '"id":9007199254740991') },
  { how: 'no Accept', plain: true, headers: { accept: '*/*' } },
  {
    how: 'Accept with weights',
    plain: true,
    headers: { accept: 'text/event-stream;q=0.5, application/json;q=0.9' },
  },
  { how: 'text/plain', plain: false, headers: json('text/plain') },
  { how: 'a list of it', plain: false, of: (text) => `[${text}]` },
  { how: 'twice', plain: false, of: (text) => text + text },
  { how: 'cut off', plain: false, of: (text) => text.slice(0, 30) },
  { how: 'nothing', plain: false, of: () => '' },
  { how: 'UTF-16', plain: false, of: (text) => Buffer.from(text, 'utf16le') as Buffer<ArrayBuffer> },
  { how: 'said to be gzip', plain: false, headers: { 'content-encoding': 'gzip' } },
  { how: 'another version', plain: false, headers: { 'mcp-protocol-version': '2031-01-01' } },
  { how: 'no session of ours', plain: false, headers: { 'mcp-session-id': 'AAAA' } },
]
