/** Long because the two eras and the older way are tried against the same server, whose answers each test sets by hand. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { HostError } from '../../kernel/errors.ts'
import type { Exchange, Raw } from '../../mcp/tool-source.ts'
import { AnswerBudgets } from '../framing/answer-budget.ts'
import type { Connection, Hooks } from '../session/connection.ts'
import { openHttp } from './http-connection.ts'
import { openSse } from './sse-connection.ts'

/** One request as the server saw it. */
interface Seen {
  method: string
  headers: IncomingMessage['headers']
  message: Raw | null
}
type Answer = (seen: Seen, res: ServerResponse) => void

const servers: Server[] = []
const connections: Connection[] = []
let seen: Seen[] = []
let lost: HostError[] = []
let tools: Raw[] = []
beforeEach(() => {
  seen = []
  lost = []
  tools = []
})
afterEach(async () => {
  await Promise.all(connections.splice(0).map((one) => one.close()))
  await Promise.all(
    servers.splice(0).map((one) => {
      one.closeAllConnections()
      return new Promise((resolve) => one.close(resolve))
    }),
  )
})

async function serve(answer: Answer): Promise<string> {
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    const one: Seen = { method: req.method!, headers: req.headers, message: body ? JSON.parse(body) : null }
    seen.push(one)
    answer(one, res)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}

const hooks = (): Hooks => ({
  signal: AbortSignal.timeout(10_000),
  isLegacy: false,
  onLost: (reason) => void lost.push(reason),
  onListChanged: () => {},
  onResourceUpdated: () => {},
  onLog: () => {},
  tool: (name) => tools.find((tool) => tool.name === name),
  onStarted: () => {},
})
const spec = (url: string, headers = {}) => ({
  ...{ name: 'Web', url, headers, signIn: null, version: '1', startTimeout: 5_000 },
  budget: new AnswerBudgets(() => 4_000_000).budgetOf(),
})
async function open(url: string, headers = {}, how = openHttp): Promise<Connection> {
  const connection = await how(spec(url, headers), hooks())
  connections.push(connection)
  return connection
}
const call = (connection: Connection, more: Partial<Exchange> = {}, args: Raw = {}, name = 'echo') => {
  const { signal } = new AbortController()
  const exchange: Exchange = { signal, client: 'a', capabilities: {}, ...more }
  return connection.rpc.request('tools/call', { name, arguments: args }, { timeout: 5_000, exchange })
}

const json = (res: ServerResponse, message: Raw, headers = {}) =>
  res.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(message))
const event = (message: Raw, id?: string) =>
  `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`
const stream = (res: ServerResponse) => res.writeHead(200, { 'content-type': 'text/event-stream' })
const done = (id: unknown): Raw => ({
  jsonrpc: '2.0',
  id,
  result: { content: [{ type: 'text', text: 'ok' }] },
})

/** A server of the 2025 era with sessions; `more` answers what is neither handshake nor goodbye. */
const legacy =
  (more: Answer): Answer =>
  (one, res) => {
    const method = one.message?.method
    if (method === 'server/discover') {
      res.writeHead(400, { 'content-type': 'application/json' })
      res.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message: 'no session' } }))
    } else if (method === 'initialize')
      json(
        res,
        {
          jsonrpc: '2.0',
          id: one.message!.id,
          result: {
            protocolVersion: '2025-11-25',
            capabilities: { tools: {} },
            serverInfo: { name: 'old', version: '1' },
          },
        },
        { 'mcp-session-id': 's1' },
      )
    else if (one.message && one.message.id === undefined) res.writeHead(202).end()
    else if (one.method === 'DELETE') res.writeHead(200).end()
    else more(one, res)
  }
const modern =
  (more: Answer): Answer =>
  (one, res) => {
    if (one.message?.method !== 'server/discover') return more(one, res)
    json(res, {
      jsonrpc: '2.0',
      id: one.message.id,
      result: {
        ...{ resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
        ...{ serverInfo: { name: 'new', version: '1' }, ttlMs: 0, cacheScope: 'private' },
      },
    })
  }
const isCall = ({ message }: Seen) => message?.method === 'tools/call'

describe('the 2025 era over HTTP', () => {
  it('keeps to its session from the handshake to the goodbye', async () => {
    const url = await serve(
      legacy((one, res) =>
        one.method === 'GET' ? void res.writeHead(405).end() : json(res, done(one.message!.id)),
      ),
    )
    const connection = await open(url, { 'X-Tenant': 't1' })
    expect(await call(connection)).toMatchObject({ content: [{ text: 'ok' }] })
    await connection.close()
    const [first, ...rest] = seen.filter(({ message }) => message?.method !== 'server/discover')
    expect(first!.headers['mcp-session-id']).toBeUndefined()
    for (const { headers } of rest)
      expect(headers).toMatchObject({
        ...{ 'mcp-session-id': 's1', 'mcp-protocol-version': '2025-11-25', 'x-tenant': 't1' },
      })
    expect(rest.map(({ method }) => method).sort()).toEqual(['DELETE', 'GET', 'POST', 'POST'])
    expect(lost).toEqual([])
  })

  it('says when the server has forgotten the session, whatever it says with it', async () => {
    const url = await serve(
      legacy((one, res) => {
        if (one.method === 'GET') return void res.writeHead(405).end()
        const id = one.message!.id
        res.writeHead(404).end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32001, message: 'x' } }))
      }),
    )
    await expect(call(await open(url))).rejects.toMatchObject({ data: { status: 404 } })
  })

  it('asks for the rest of an answer that broke off, after the pause the server wants', async () => {
    let brokeOff = 0
    const url = await serve(
      legacy((one, res) => {
        if (one.method === 'GET' && one.headers['last-event-id'] === undefined)
          return void res.writeHead(405).end()
        if (one.method === 'GET') {
          expect(performance.now() - brokeOff).toBeGreaterThanOrEqual(280)
          stream(res).end(event(done(seen.find(isCall)!.message!.id), 'e2'))
          return
        }
        stream(res).write('retry: 300\nid: e1\ndata: \n\n')
        setTimeout(() => {
          brokeOff = performance.now()
          res.end()
        }, 50)
      }),
    )
    expect(await call(await open(url))).toMatchObject({ content: [{ text: 'ok' }] })
    expect(seen.at(-1)!.headers).toMatchObject({ 'last-event-id': 'e1', 'mcp-session-id': 's1' })
  })

  it('listens for what nobody asked for, again after an end, and notices when nobody is there any more', async () => {
    const streams: ServerResponse[] = []
    const url = await serve(
      legacy((one, res) => {
        if (one.method !== 'GET') return void json(res, done(one.message!.id))
        streams.push(stream(res))
        res.write('retry: 20\n\n')
      }),
    )
    await open(url)
    await expect.poll(() => streams.length).toBe(1)
    streams[0]!.write(event({ jsonrpc: '2.0', method: 'notifications/x' }, 'e7'))
    streams[0]!.end()
    await expect.poll(() => streams.length).toBe(2)
    expect(seen.at(-1)!.headers['last-event-id']).toBe('e7')
    expect(lost).toEqual([])
    const [server] = servers.splice(0)
    server!.closeAllConnections()
    server!.close()
    await expect.poll(() => lost.map(({ code }) => code)).toEqual(['server-unreachable'])
  })

  it('gives what comes on the stream of an answer to the client of that request', async () => {
    const asked: string[] = []
    const url = await serve(
      legacy((one, res) => {
        if (one.method === 'GET') return void res.writeHead(405).end()
        if (!isCall(one)) return void res.writeHead(202).end()
        const { id } = one.message!
        stream(res).write(
          event({ jsonrpc: '2.0', id: `q${id}`, method: 'elicitation/create', params: { message: 'x' } }),
        )
        setTimeout(() => res.end(event(done(id))), 300)
      }),
    )
    const connection = await open(url)
    const ask = (who: string) => () => {
      asked.push(who)
      return Promise.resolve({ action: 'decline' })
    }
    await Promise.all([
      call(connection, { client: 'a', ask: ask('a') }),
      call(connection, { client: 'b', ask: ask('b') }),
    ])
    expect(asked.sort()).toEqual(['a', 'b'])
    const answers = seen.filter(({ message }) => message?.result)
    expect(answers).toHaveLength(2)
  })
})

describe('the 2026 era over HTTP', () => {
  it('repeats in headers what it says in the message', async () => {
    tools = [
      {
        name: 'köder',
        inputSchema: {
          type: 'object',
          properties: {
            region: { type: 'string', 'x-mcp-header': 'Region' },
            deep: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
            none: { type: 'string', 'x-mcp-header': 'None' },
          },
        },
      },
    ]
    const url = await serve(modern((one, res) => void json(res, done(one.message!.id))))
    const connection = await open(url)
    await call(connection, {}, { region: ' é', deep: { n: 4 } }, 'köder')
    const { headers } = seen.at(-1)!
    expect(headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': '=?base64?a8O2ZGVy?=',
      'mcp-param-region': `=?base64?${Buffer.from(' é').toString('base64')}?=`,
      'mcp-param-n': '4',
    })
    expect(headers['mcp-param-none']).toBeUndefined()
    expect(headers['mcp-session-id']).toBeUndefined()
    expect(connection.usable?.(tools[0]!)).toBe(true)
    for (const property of [
      { type: 'number', 'x-mcp-header': 'A' },
      { type: 'string', 'x-mcp-header': 'A B' },
      { type: 'array', items: { type: 'string', 'x-mcp-header': 'A' } },
    ])
      expect(connection.usable?.({ name: 'x', inputSchema: { properties: { property } } })).toBe(false)
  })

  it('ends the stream of a request that is not wanted any more', async () => {
    let ended = false
    const url = await serve(
      modern((_one, res) => {
        stream(res).write(': open\n\n')
        res.on('close', () => {
          ended = true
        })
      }),
    )
    const connection = await open(url)
    const stop = new AbortController()
    const { rpc } = connection
    const running = rpc.request('tools/call', { name: 'echo' }, { timeout: 5_000, signal: stop.signal })
    await expect.poll(() => seen.filter(isCall).length).toBe(1)
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await expect.poll(() => ended).toBe(true)
    expect(seen.filter(({ message }) => message?.method === 'notifications/cancelled')).toEqual([])
    expect(lost).toEqual([])
  })

  it.each<[string, Answer, object]>([
    ['an answer that ends early', (_one, res) => void stream(res).end(': bye\n\n'), {}],
    ['an answer to something else', (_one, res) => void json(res, done('other')), {}],
    ['a page', (_one, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<p>'), {}],
    [
      'half an answer',
      (_one, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end('{"a'),
      {},
    ],
    ['a connection that breaks', (_one, res) => void res.destroy(), {}],
    [
      'an endless event',
      (_one, res) => {
        stream(res).write('data: ')
        for (let i = 0; i < 50; i += 1) res.write('x'.repeat(100_000))
      },
      { code: 'server-answer-too-large' },
    ],
    [
      'a refusal in words',
      (one, res) => {
        const { id } = one.message!
        res.writeHead(400).end(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32602, message: 'no' } }))
      },
      { code: -32602 },
    ],
  ])('answers at once on %s, and goes on', async (_what, odd, error) => {
    let isOdd = true
    const url = await serve(
      modern((one, res) => (isOdd ? odd(one, res) : void json(res, done(one.message!.id)))),
    )
    const connection = await open(url)
    const began = performance.now()
    await expect(call(connection)).rejects.toMatchObject(error)
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(lost).toEqual([])
    isOdd = false
    expect(await call(connection)).toMatchObject({ content: [{ text: 'ok' }] })
  })
})

describe('the older way with two addresses', () => {
  /** Streamable HTTP is answered with `status`. */
  async function older(status: number, endpoint: string | (() => string) = '/messages?s=1'): Promise<string> {
    let events: ServerResponse | null = null
    return serve((one, res) => {
      if (one.method === 'GET') {
        events = stream(res)
        const where = typeof endpoint === 'string' ? endpoint : endpoint()
        res.write(`event: endpoint\ndata: ${where}\n\n`)
        return
      }
      if (events === null) return void res.writeHead(status).end()
      res.writeHead(202).end()
      const { id, method } = one.message!
      if (method === 'initialize')
        legacy(() => {})(one, {
          writeHead: () => ({ end: (text: string) => events!.write(`event: message\ndata: ${text}\n\n`) }),
        } as never)
      else if (id !== undefined) events.write(`event: message\ndata: ${JSON.stringify(done(id))}\n\n`)
    })
  }

  it.each([400, 404, 405, 406, 415, 422, 501])(
    'is found by a refusal of the newer one (%i)',
    async (status) => {
      const connection = await open(await older(status), { Authorization: 'Bearer k' })
      expect(connection.transport).toBe('sse')
      expect(await call(connection)).toMatchObject({ content: [{ text: 'ok' }] })
      expect(seen.every(({ headers }) => headers.authorization === 'Bearer k')).toBe(true)
      servers[0]!.closeAllConnections()
      await expect.poll(() => lost.map(({ code }) => code)).toEqual(['server-unreachable'])
    },
  )

  it('is spoken at once where the user says so', async () => {
    const connection = await open(await older(500), {}, openSse)
    expect(connection.transport).toBe('sse')
    expect(seen[0]!.method).toBe('GET')
  })

  it.each(['\n', '\r\n'])('loses one answer that is too large, and nothing else (%j)', async (line) => {
    let events: ServerResponse | null = null
    const url = await serve((one, res) => {
      if (one.method === 'GET') {
        events = stream(res)
        res.write(`event: endpoint${line}data: /messages${line}${line}`)
        return
      }
      res.writeHead(202).end()
      const { id, method, params } = one.message!
      const say = (text: string) => events!.write(`event: message${line}data: ${text}${line}${line}`)
      if (method === 'initialize') legacy(() => {})(one, { writeHead: () => ({ end: say }) } as never)
      else if ((params as Raw | undefined)?.name === 'huge')
        say(JSON.stringify({ ...done(id), result: { content: 'x'.repeat(9_000_000) } }))
      else if (id !== undefined) say(JSON.stringify(done(id)))
    })
    const connection = await open(url, {}, openSse)
    const huge = call(connection, {}, {}, 'huge')
    const next = call(connection)
    await expect(huge).rejects.toMatchObject({ message: expect.stringContaining('larger than 4 MB') })
    expect(await next).toMatchObject({ content: [{ text: 'ok' }] })
    expect(await call(connection)).toMatchObject({ content: [{ text: 'ok' }] })
    expect(lost).toEqual([])
  })

  it.each(['0.0.0.0', 'localhost', '127.1', '[::1]', '[::]'])(
    'that calls itself %s is posted to under the name that it was given',
    async (name) => {
      let port = ''
      const url = await older(404, () => `http://${name}:${port}/messages`)
      port = new URL(url).port
      expect(await call(await open(url, {}, openSse))).toMatchObject({ content: [{ text: 'ok' }] })
      expect(seen.at(-1)!.headers.host).toBe(`127.0.0.1:${port}`)
    },
  )

  it('posts to no other origin', async () => {
    let canary = 0
    const other = await serve((_one, res) => {
      canary += 1
      res.end()
    })
    const url = await older(404, other)
    seen = []
    await expect(open(url, { Authorization: 'Bearer k' }, openSse)).rejects.toMatchObject({
      name: 'HostError',
    })
    expect(canary).toBe(0)
  })

  it('is not looked for behind a refusal that means something else', async () => {
    const url = await serve((_one, res) => void res.writeHead(503).end())
    await expect(open(url)).rejects.toMatchObject({ code: 'server-unreachable' })
    expect(seen.every(({ method }) => method === 'POST')).toBe(true)
  })
})
