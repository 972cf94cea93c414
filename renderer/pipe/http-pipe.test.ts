import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EventSource } from 'undici'
import { afterEach, expect, it, vi } from 'vitest'
import { HttpPipe } from './http-pipe.ts'
import type { LinkState, ShellPipe } from './shell-pipe.ts'

/** A busy machine may need a while. */
const soon = <T>(check: () => T) => vi.waitFor(check, 15_000)

const running: { server?: Server; pipe?: ShellPipe } = {}
afterEach(async () => {
  running.pipe?.close()
  running.server?.closeAllConnections()
  await new Promise((resolve) => (running.server ? running.server.close(resolve) : resolve(null)))
  running.server = undefined
})

type Handle = (req: IncomingMessage, res: ServerResponse, body: string) => void

async function start(handle: Handle, port = 0): Promise<string> {
  running.server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    handle(req, res, body)
  })
  await new Promise<void>((resolve) => running.server?.listen(port, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(running.server.address() as AddressInfo).port}`
}

function open(base: string) {
  const told: [string, unknown][] = []
  const links: LinkState[] = []
  running.pipe = new HttpPipe({ base, csrf: 'token-1', fetch, openEvents: (url) => new EventSource(url) })
  running.pipe.on((name, payload) => told.push([name, payload]))
  running.pipe.onLink((state) => links.push(state))
  return { pipe: running.pipe, told, links }
}

const stream = (res: ServerResponse) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.write(':\n\n')
}

it('posts input and token, and gives the reply', async () => {
  const seen: unknown[] = []
  const base = await start((req, res, body) => {
    if (req.url === '/api/events') return stream(res)
    seen.push([req.method, req.url, req.headers['x-drawbridge-csrf'], JSON.parse(body)])
    res.end(JSON.stringify({ ok: true, value: 7 }))
  })
  const { pipe } = open(base)
  expect(await pipe.call('tools.set', { name: 'a' })).toEqual({ ok: true, value: 7 })
  expect(await pipe.call('status.get', undefined)).toEqual({ ok: true, value: 7 })
  expect(seen).toEqual([
    ['POST', '/api/call/tools.set', 'token-1', { input: { name: 'a' } }],
    ['POST', '/api/call/status.get', 'token-1', {}],
  ])
})

it('passes on a refusal and makes one out of an answer it cannot read', async () => {
  const answers = [
    JSON.stringify({ ok: false, error: { code: 'x', message: 'm', hint: 'h' } }),
    '<html>',
    '{"ok":false}',
    'null',
  ]
  const base = await start((req, res) => {
    if (req.url === '/api/events') return stream(res)
    res.statusCode = 400
    res.end(answers.shift())
  })
  const { pipe } = open(base)
  expect(await pipe.call('a', 1)).toEqual({ ok: false, error: { code: 'x', message: 'm', hint: 'h' } })
  for (let i = 0; i < 3; i++)
    expect(await pipe.call('a', 1)).toMatchObject({ ok: false, error: { code: 'bad_answer' } })
})

it('tells events, and overlooks what is not one', async () => {
  const base = await start((_req, res) => {
    stream(res)
    res.write(
      'data: not json\n\ndata: 5\n\ndata: {"name":1}\n\ndata: {"name":"tools.changed","payload":{}}\n\n',
    )
  })
  const { told } = open(base)
  await soon(() => expect(told).toEqual([['tools.changed', {}]]))
})

it('notices a host that is gone, and that it is back', async () => {
  const base = await start((_req, res) => stream(res))
  const { pipe, links, told } = open(base)
  const old = running.server as Server
  await soon(async () => expect(await connections(old)).toBeGreaterThan(0))
  await new Promise((resolve) => setTimeout(resolve, 100))
  old.closeAllConnections()
  await new Promise((resolve) => old.close(resolve))
  await soon(() => expect(links).toEqual(['lost']))
  expect(await pipe.call('status.get', undefined)).toMatchObject({
    ok: false,
    error: { code: 'unreachable' },
  })

  await start(
    (_req, res) => {
      stream(res)
      res.write('data: {"name":"again","payload":1}\n\n')
    },
    Number(new URL(base).port),
  )
  await soon(() => expect(links).toEqual(['lost', 'up']))
  await soon(() => expect(told).toEqual([['again', 1]]))
})

it('knows a refusal from a host that is gone', async () => {
  const base = await start((_req, res) => {
    res.statusCode = 401
    res.end('{}')
  })
  const { pipe } = open(base)
  await soon(() => expect(pipe.link()).toBe('signed-out'))
})

const connections = (server: Server) =>
  new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))

it('tells the number of each event, and of the last one before a stream', async () => {
  const base = await start((_req, res) => {
    stream(res)
    res.write('event: hello\nid: 41\ndata: {}\n\nid: 42\ndata: {"name":"tools.changed","payload":{}}\n\n')
  })
  const { pipe } = open(base)
  const seen: unknown[] = []
  pipe.on((name, _payload, revision) => seen.push([name, revision]))
  pipe.onBegin?.((revision) => seen.push(['hello', revision]))
  await soon(() =>
    expect(seen).toEqual([
      ['hello', 41],
      ['tools.changed', 42],
    ]),
  )
})
