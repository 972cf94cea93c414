import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { longestHold, slowness, surelyHeld } from '../../kernel/testing/held-thread.ts'
import { originOfTunnel, resourceAtOpenAi, tunnelAt } from '../../mcp/tunnelled.ts'
import { openai } from '../providers/openai.ts'
import type { OpenTunnel, ProviderField, ProviderKit } from '../providers/provider.ts'
import { createPublicFetch } from '../public-fetch.ts'
import { type FakeOpenAiTunnel, startFakeOpenAiTunnel } from '../testing/fake-openai-tunnel-service.ts'
import type { TunnelFailure } from '../tunnel-failure.ts'
import { readTimeout } from './commands.ts'

vi.setConfig({ testTimeout: 20_000 })
const tunnelId = `tunnel_${'0123456789abcdef'.repeat(2)}`
const key = `sk-fake-${'s3cret'.repeat(6)}`
const origin = originOfTunnel(tunnelId)

/** Stands where our public listener stands. */
type Listener = (req: IncomingMessage, res: ServerResponse) => void
let answer: Listener
let listener: Server
let service: FakeOpenAiTunnel
let tunnel: OpenTunnel
let lost: (TunnelFailure | undefined)[]
let noted: string[]
const port = () => (listener.address() as AddressInfo).port
const json = (res: ServerResponse, status: number, body: unknown, headers = {}) =>
  void res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
/** Answers with what it was asked. */
const echo: Listener = (req, res) =>
  void text(req).then((body) =>
    json(res, 200, { jsonrpc: '2.0', id: JSON.parse(body).id, result: { ...req.headers, url: req.url } }),
  )

const kit = (
  values: Record<string, string> = { tunnel: tunnelId },
  secret: string | null = key,
): ProviderKit =>
  ({
    value: (name: string) => values[name] ?? '',
    secret: async () => secret,
    now: () => Date.now(),
    note: (event: string, fields: object) => void noted.push(`${event} ${JSON.stringify(fields)}`),
  }) as never
const visitor = createPublicFetch()
async function open(as = kit()): Promise<OpenTunnel> {
  tunnel = await openai.open(
    {
      ...{ host: service.base, name: '', localPort: port, fetch: visitor.fetch },
      signal: AbortSignal.timeout(5_000),
    },
    as,
  )
  tunnel.onLost((why) => void lost.push(why))
  return tunnel
}
const call = (method: string, more: object = {}, command: object = {}, within?: number) =>
  service.ask(
    { command_type: 'jsonrpc', jsonrpc: { jsonrpc: '2.0', id: 7, method, ...more }, ...command },
    within,
  )

beforeEach(async () => {
  service = await startFakeOpenAiTunnel({ tunnelId, key })
  answer = echo
  listener = createServer((req, res) => answer(req, res))
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve))
  lost = []
  noted = []
})
afterEach(async () => {
  await tunnel?.close()
  await service.close()
  listener.closeAllConnections()
  listener.close()
})

describe('work', () => {
  it('is asked for as documented: by whom, with the key in one header, and no more than may be', async () => {
    await open(kit({ tunnel: tunnelId, organization: 'org-abc' }))
    await call('ping')
    for (const { limit, headers } of service.polled) {
      expect(limit).toBeLessThanOrEqual(25)
      expect(headers).toMatchObject({
        authorization: `Bearer ${key}`,
        'openai-organization': 'org-abc',
        'x-tunnel-client-name': 'drawbridge',
        'x-tunnel-client-wire-protocol-version': '2026-08-25',
        'x-tunnel-client-instance-id': service.polled[0]!.headers['x-tunnel-client-instance-id'],
      })
      expect(JSON.parse(String(headers['x-tunnel-mcp-server-info']))).toEqual({
        version: 1,
        channels: [{ name: 'main' }, { name: 'harpoon', proc_affinity: true }],
      })
    }
    const [{ shardToken, payload }] = service.posted as [(typeof service.posted)[0]]
    expect(shardToken).toMatch(/^shard /)
    expect(payload).toMatchObject({ channel: 'main', resp_type: 'jsonrpc_response', resp_code: 200 })
    expect(JSON.stringify(payload)).not.toContain(shardToken)
  })

  it('comes to our own listener as a stranger’s request to the tunnel’s origin, without what others would believe of it', async () => {
    await open()
    const { resp_json } = await call(
      'tools/list',
      {},
      {
        headers: {
          Authorization: ['Bearer of-a-client'],
          'Mcp-Session-Id': ['s1'],
          'Mcp-Protocol-Version': ['2025-11-25'],
          Accept: ['application/json'],
          Host: ['127.0.0.1'],
          Cookie: ['db=1'],
          'X-Forwarded-For': ['127.0.0.1'],
          'Content-Length': ['3'],
          'Transfer-Encoding': ['chunked'],
          'Mcp-Name': ['a\r\nHost: b'],
        },
      },
    )
    const { result } = resp_json as { result: Record<string, string> }
    expect(result).toMatchObject({
      ...{ url: '/mcp', host: new URL(origin).host, authorization: 'Bearer of-a-client' },
      ...{ 'mcp-session-id': 's1', 'mcp-protocol-version': '2025-11-25', accept: 'application/json' },
    })
    for (const name of ['cookie', 'x-forwarded-for', 'transfer-encoding', 'mcp-name'])
      expect(result[name]).toBeUndefined()
  })

  it('is done once, however many come at once, and however often each is handed over', async () => {
    const asked: unknown[] = []
    answer = (req, res) =>
      void text(req).then((body) => {
        const { id } = JSON.parse(body)
        asked.push(id)
        json(res, 200, { jsonrpc: '2.0', id, result: {} })
      })
    await open()
    service.isCareless = true
    const ids = Array.from({ length: 60 }, (_, at) => at)
    const answers = await Promise.all(ids.map((id) => call('ping', { id })))
    expect(answers.map(({ resp_json }) => resp_json!.id)).toEqual(ids)
    expect(asked.toSorted((a, b) => Number(a) - Number(b))).toEqual(ids)
  })

  it('is not read before it is known whose it is: however much a stranger sends, others are answered', async () => {
    answer = (req, res) => {
      if (Number(req.headers['content-length']) < 1_000) return echo(req, res)
      req.resume().on('end', () => json(res, 401, { error: 'unauthorized' }))
    }
    await open()
    const limit = 60 * slowness()
    const held = await surelyHeld(limit, async () => {
      service.isHolding = true
      await expect.poll(service.waiting).toBe(1)
      const params = Array(1_400_000).fill({})
      const all = Promise.all([
        call('a', { params }),
        call('b', { params }),
        call('c', { params }),
        call('ping'),
      ])
      // What the service needs to write it is over then.
      service.release()
      return longestHold(async () =>
        expect((await all).map((one) => one.resp_code)).toEqual([401, 401, 401, 200]),
      )
    })
    expect(held).toBeLessThan(limit)
  })

  it('is taken as far as it can be held, all of a poll; what is more waits at the service', async () => {
    const held: (() => void)[] = []
    answer = (req, res) => {
      req.resume()
      held.push(() => json(res, 200, { jsonrpc: '2.0', id: 7, result: {} }))
    }
    await open()
    service.isHolding = true
    await expect.poll(service.waiting).toBe(1)
    const params = 'x'.repeat(4_400_000)
    const calls = Array.from({ length: 17 }, () => call('tools/call', { params }))
    service.release()
    await expect.poll(() => held.length, { timeout: 8_000 }).toBe(17)
    expect(tunnel.idle()).toBe(0)
    for (const go of held) go()
    expect((await Promise.all(calls)).map((one) => one.resp_code)).toEqual(Array(17).fill(200))
    await expect.poll(() => tunnel.idle()).toBe(100)
  })

  it('is asked for without haste, however soon the service answers with nothing new', async () => {
    service.longestWait = 0
    await open()
    await sleep(1_000)
    expect(service.polled.length).toBeLessThan(5)
    service.longestWait = 1_500
    service.isForgetful = true
    expect((await call('ping')).resp_code).toBe(200)
    service.polled.length = 0
    await sleep(1_000)
    expect(service.polled.length).toBeLessThan(5)
  })

  it('is asked for over other connections after a renewal: those of before may be dead', async () => {
    answer = (_req, res) => json(res, 200, {})
    await open()
    await expect.poll(service.waiting).toBe(1)
    const signal = AbortSignal.timeout(5_000)
    await tunnel.visit!(`${origin}/health`, { headers: {}, redirect: 'manual', signal })
    answer = echo
    const before = new Set(service.ports)
    service.polled.length = 0
    tunnel.renew!()
    await expect.poll(() => service.polled.length).toBeGreaterThan(0)
    expect(before).not.toContain(service.polled[0]!.port)
    expect((await call('ping')).resp_code).toBe(200)
  })

  it('keeps numbers as they are', async () => {
    let body = ''
    answer = (req, res) =>
      void text(req).then((sent) => {
        body = sent
        res.setHeader('content-type', 'application/json')
        res.end('{"jsonrpc":"2.0","id":7,"result":{"n":9007199254740993}}')
      })
    await open()
    const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }
    await call('tools/call', { params: { n: rawJSON('12345678901234567890') } })
    expect(body).toContain('{"n":12345678901234567890}')
    expect(service.posted[0]!.body).toContain('{"n":9007199254740993}')
  })

  it('streams: what comes on the way in its order, then the answer; what the server asks stays here', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'mcp-session-id': 's2', 'x-other': 'no' })
      const say = (message: object) =>
        res.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`)
      for (let n = 0; n < 5; n += 1) say({ method: 'notifications/progress', params: { n } })
      say({ id: 'ours', method: 'elicitation/create', params: {} })
      say({ id: 7, result: { ok: true } })
    }
    await open()
    const { resp_json, resp_headers } = await call('tools/call')
    expect(resp_json).toMatchObject({ id: 7, result: { ok: true } })
    expect(resp_headers).toEqual({ 'Content-Type': ['text/event-stream'], 'Mcp-Session-Id': ['s2'] })
    const posted = service.posted.map(({ payload }) => [payload.resp_type, payload.resp_json?.params])
    expect(posted).toEqual([
      ...[0, 1, 2, 3, 4].map((n) => ['jsonrpc_notify', { n }]),
      ['jsonrpc_response', undefined],
    ])
  })

  it('that wants no answer, and the end of a session, are acknowledged', async () => {
    const seen: string[] = []
    answer = (req, res) => {
      seen.push(`${req.method} ${req.headers['mcp-session-id']}`)
      res.writeHead(req.method === 'DELETE' ? 204 : 202).end()
    }
    await open()
    const headers = { 'mcp-session-id': ['s3'] }
    const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 7 } }
    expect(await service.ask({ command_type: 'jsonrpc', headers, jsonrpc: cancelled })).toMatchObject({
      ...{ resp_type: 'notify_ack', resp_code: 202 },
    })
    expect(await service.ask({ command_type: 'session_termination', headers })).toMatchObject({
      ...{ resp_type: 'session_termination_response', resp_code: 204 },
    })
    expect(seen).toEqual(['POST s3', 'DELETE s3'])
  })

  it('of a kind or for a channel that is not ours goes to nobody else', async () => {
    await open()
    await expect(service.ask({ command_type: 'of_next_year', jsonrpc: {} }, 300)).rejects.toThrow()
    expect(noted.join()).toContain('of_next_year')
    const { resp_code, resp_json } = await call('tools/list', {}, { channel: 'search' })
    expect(resp_code).toBe(400)
    expect(resp_json).toMatchObject({
      id: 7,
      error: { message: expect.stringContaining('unsupported channel') },
    })
    expect((await call('ping')).resp_code).toBe(200)
  })
})

describe('an answer', () => {
  it('that is refused keeps its status and where to sign in; a failure says where it was, without a word of ours', async () => {
    await open()
    const challenge = 'Bearer resource_metadata="https://x/y"'
    answer = (_req, res) => json(res, 401, { error: 'unauthorized' }, { 'www-authenticate': challenge })
    const refused = await call('tools/list')
    expect(refused).toMatchObject({ resp_code: 401, resp_headers: { 'WWW-Authenticate': [challenge] } })
    expect(refused.resp_json).toMatchObject({
      error: { code: -32603, data: { tunnel_failure: { source: 'target_http', upstream_status: 401 } } },
    })
    answer = (_req, res) =>
      json(res, 400, { jsonrpc: '2.0', id: 7, error: { code: -32004, message: 'old', data: [1] } })
    expect((await call('tools/list')).resp_json).toMatchObject({
      error: { code: -32004, message: 'old', data: [1] },
    })
    answer = (_req, res) => void res.end('<html>')
    expect((await call('tools/list')).resp_json).toMatchObject({
      error: { data: { tunnel_failure: { source: 'protocol' } } },
    })
    answer = (req) => void req.socket.destroy()
    expect((await call('tools/list')).resp_json).toMatchObject({
      error: { data: { tunnel_failure: { source: 'connect', upstream_response_received: false } } },
    })
  })

  it('is delivered again, the same, where the service says later; not where nobody waits for it', async () => {
    await open()
    service.refusesAnswers = [{ status: 503 }, { status: 429, retryAfter: '1' }]
    const begun = performance.now()
    expect((await call('ping')).resp_code).toBe(200)
    expect(performance.now() - begun).toBeGreaterThan(1_000)
    service.refusesAnswers = [{ status: 404 }]
    await expect(call('ping', {}, {}, 400)).rejects.toThrow()
    expect(noted.join()).toContain('gone')
    service.refusesAnswers = [{ status: 413 }]
    expect((await call('ping')).resp_json).toMatchObject({
      error: { message: 'The answer is too large for the tunnel.' },
    })
    expect(lost).toEqual([])
  })

  it.each(['broken', 'silent'] as const)(
    'is delivered again after a refusal that is broken off: %s',
    async (cut) => {
      await open()
      service.refusesAnswers = [
        { status: 503, cut },
        { status: 503, cut },
      ]
      expect((await call('ping', {}, {}, 6_000)).resp_code).toBe(200)
      // Nobody keeps a connection open for what is not read.
      await expect.poll(() => service.cutOpen).toBe(0)
      expect((await call('ping')).resp_code).toBe(200)
      expect(lost).toEqual([])
    },
  )

  it('that is late is not given, and its work is broken off', async () => {
    let brokenOff = false
    answer = (_req, res) => void res.on('close', () => (brokenOff = true))
    await open()
    await expect(call('tools/call', {}, { response_timeout: '150ms' }, 500)).rejects.toThrow()
    expect(brokenOff).toBe(true)
    let isAsked = false
    answer = () => {
      isAsked = true
    }
    await expect(call('tools/call', {}, { response_timeout: '0s' }, 300)).rejects.toThrow()
    expect(isAsked).toBe(false)
    expect(service.posted).toEqual([])
  })

  it.each<[unknown, number | null]>([
    ['30s', 30_000],
    ['4500ms', 4_500],
    ['0s', 0],
    ['2h', 7_200_000],
    ['4.5s', null],
    ['1m30s', null],
    ['-1s', null],
    [' 1s', null],
    ['30d', null],
    ['999999999999999999999999h', null],
    [30, null],
    [null, null],
    [undefined, null],
  ])('has until %s', (given, ms) => expect(readTimeout(given)).toBe(ms))
})

describe('what is said of trouble', () => {
  it.each<[number, string | undefined, string, string]>([
    [401, undefined, 'tunnel-needs-user', 'OpenAI does not take the key.'],
    [401, 'tunnel_use_forbidden', 'tunnel-needs-user', 'OpenAI does not let this key use the tunnel.'],
    [403, 'tunnel_use_forbidden', 'tunnel-needs-user', 'OpenAI does not let this key use the tunnel.'],
    [401, 'tunnel_missing_principals', 'tunnel-needs-user', 'OpenAI does not let this key use the tunnel.'],
    [
      401,
      'tunnel_active_organization_required',
      'tunnel-needs-user',
      'OpenAI wants to know which organization the tunnel belongs to.',
    ],
    [400, 'invalid_tunnel_id_format', 'tunnel-needs-user', 'OpenAI knows no tunnel with this id.'],
    [404, undefined, 'tunnel-needs-user', 'OpenAI knows no tunnel with this id.'],
    [409, undefined, 'tunnel-in-use', 'Your tunnel at OpenAI is in use on another computer.'],
    [429, 'rate_limit_exceeded', 'tunnel-quota', 'Too much came through OpenAI’s tunnel at once.'],
    [
      503,
      'tunnel_transport_unavailable',
      'tunnel-unreachable',
      'OpenAI’s tunnel service does not work at the moment.',
    ],
  ])('%d %s', async (status, code, kind, message) => {
    service.refusal = { status, ...(code && { code }) }
    const failure = await open().catch((error: TunnelFailure) => error as TunnelFailure)
    expect(failure).toMatchObject({ code: kind, message })
    expect(JSON.stringify(failure)).not.toContain(key)
  })

  it('of a key, when no more of it comes than that: it is refused all the same', async () => {
    service.refusal = { status: 401, cut: 'broken' }
    const whole = await open().catch((error: TunnelFailure) => error)
    service.refusal = { status: 401 }
    await expect(open()).rejects.toMatchObject({ code: (whole as TunnelFailure).code })
    expect(whole).toMatchObject({ code: 'tunnel-needs-user' })
  })

  it('of a page that stands in the service’s place: that it is away', async () => {
    service.refusal = { status: 200, page: '<html>blocked</html>' }
    await expect(open()).rejects.toMatchObject({ code: 'tunnel-unreachable', detail: '200 without commands' })
    service.refusal = null
    await open()
    service.refusal = { status: 200, page: '<html>blocked</html>' }
    await expect.poll(() => tunnel.isUp!(), { timeout: 5_000 }).toBe(false)
  })

  it('of a key that is revoked while the tunnel is open, and of a service that is away: that it comes back by itself', async () => {
    await open()
    let troubles = 0
    tunnel.onTrouble(() => {
      troubles += 1
    })
    service.refusal = { status: 503 }
    await expect.poll(() => troubles, { timeout: 5_000 }).toBeGreaterThan(0)
    expect([tunnel.isUp!(), lost]).toEqual([false, []])
    service.refusal = { status: 429, retryAfter: '1' }
    await sleep(700)
    expect(lost).toEqual([])
    service.refusal = null
    expect((await call('ping')).resp_code).toBe(200)
    service.key = 'sk-another'
    await expect.poll(() => lost.length, { timeout: 5_000 }).toBe(1)
    expect(lost[0]).toMatchObject({
      code: 'tunnel-needs-user',
      action: { url: expect.stringContaining('api-keys') },
    })
  })

  it('a key goes nowhere unencrypted, and not after a redirect', async () => {
    for (const host of ['http://api.openai.example', 'https://api.openai.example/v1', 'ftp://x'])
      await expect(
        openai.open(
          { ...{ host, name: '', localPort: port, fetch: visitor.fetch }, signal: AbortSignal.timeout(500) },
          kit(),
        ),
      ).rejects.toMatchObject({ code: 'tunnel-host-invalid' })
    service.refusal = { status: 302 }
    await expect(open()).rejects.toMatchObject({ code: 'tunnel-unreachable' })
  })

  it('what is told is read from where it stands, and an admin key is not taken', () => {
    const [tunnelField, keyField] = openai.fields as [ProviderField, ProviderField]
    for (const typed of [
      tunnelId,
      `https://platform.openai.com/tunnels/${tunnelId}`,
      `--tunnel-id=${tunnelId} --x`,
    ])
      expect(tunnelField.read(typed)).toBe(tunnelId)
    for (const typed of ['tunnel_123', `${tunnelId}0`, `my${tunnelId}`, tunnelId.toUpperCase()])
      expect(tunnelField.read(typed), typed).toBeNull()
    expect(keyField.read(key)).toBe(key)
    expect(keyField.read('2abc')).toBeNull()
    expect(() => keyField.read(`sk-admin-${'a'.repeat(30)}`)).toThrow('whole organization')
  })
})

describe('what OpenAI’s service writes instead of our resource', () => {
  const at = (host: string, id = tunnelId) => `https://${host}/v1/mcp/${id}`
  it('is understood at its own hosts only, and is one tunnel’s', () => {
    for (const host of ['api.openai.com', 'tunnel-service.gateway.unified-0.internal.api.openai.org'])
      expect(resourceAtOpenAi(at(host))).toBe(`${origin}/mcp`)
    for (const resource of [
      at('openai.com.evil.example'),
      at('evilopenai.com'),
      at('api.openai.com:8443'),
      at('api.openai.com@evil.example'),
      at('api.openai.com', 'tunnel_1'),
      `${at('api.openai.com')}/other`,
      `${at('api.openai.com')}?x=1`,
      at('api.openai.com').replace('https', 'http'),
    ])
      expect(resourceAtOpenAi(resource), resource).toBeNull()
    expect(tunnelAt(origin)).toBe(tunnelId)
    expect(tunnelAt(`${origin}.example`)).toBeNull()
  })
})
