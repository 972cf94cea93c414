/**
 * The fake host on loopback, for looking at the pages and trying them: the built renderer under the real content security policy,
 * calls answered from a scene.
 *
 *   node renderer/testing/fake-host-server.ts --dir out/renderer --port 4100 --scene busy
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { parseArgs } from 'node:util'
import type { EventName } from '../../src/contract/api.ts'
import type { Reply } from '../../src/contract/pipe.ts'
import { FakeHost } from '../../src/contract/testing/fake-host.ts'
import { makeWorld, type Scene, type World } from './scenes.ts'

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

export interface FakeHostServer {
  url: string
  /** Shows another scene; open pages reload what they show. */
  show(scene: Scene): World
  world(): World
  tell(name: EventName, payload: unknown): void
  /** What was called, oldest first. */
  called: { name: string; input: unknown }[]
  /** `refuse`: 401 to everything. `drop`: streams cut and calls not answered. */
  mode: 'normal' | 'refuse' | 'drop'
  cutStreams(): void
  close(): Promise<void>
}

export async function serveFakeHost(options: {
  dir: string
  port?: number
  scene?: Scene
}): Promise<FakeHostServer> {
  const csrf = randomBytes(12).toString('hex')
  const streams = new Set<ServerResponse>()
  const fake = new FakeHost({ state: makeWorld(options.scene ?? 'busy', Date.now()) })
  fake.on((name, payload) => {
    for (const stream of streams) stream.write(`data: ${JSON.stringify({ name, payload })}\n\n`)
  })
  const dispatch = async (name: string, input: unknown): Promise<Reply> => {
    const reply = await fake.dispatch(name, input)
    // A page that breaks the contract shall be found out.
    if (!reply.ok && ['bad-input', 'internal'].includes(reply.error.code))
      throw new Error(`${name}: ${reply.error.message} ${reply.error.hint}`)
    return reply
  }

  const page = async (path: string, res: ServerResponse) => {
    const file = normalize(path === '/' ? '/index.html' : path)
    const body = await readFile(join(options.dir, file)).catch(() => null)
    if (!body) return void res.writeHead(404).end()
    res.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': CSP,
      'x-content-type-options': 'nosniff',
    })
    res.end(
      file === '/index.html'
        ? String(body).replace(
            'name="drawbridge-csrf" content=""',
            `name="drawbridge-csrf" content="${csrf}"`,
          )
        : body,
    )
  }

  const handle = async (req: IncomingMessage, res: ServerResponse) => {
    const { pathname } = new URL(req.url ?? '/', 'http://fixture')
    if (host.mode === 'drop' && pathname.startsWith('/api/')) return void req.socket.destroy()
    if (host.mode === 'refuse' && pathname.startsWith('/api/')) return void res.writeHead(401).end('{}')
    if (pathname === '/api/events') {
      res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }).write(':\n\n')
      streams.add(res)
      return void res.on('close', () => streams.delete(res))
    }
    if (!pathname.startsWith('/api/call/')) return await page(decodeURIComponent(pathname), res)
    if (req.headers['x-drawbridge-csrf'] !== csrf) return void res.writeHead(403).end('{}')
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk as Buffer)
    const { input } = JSON.parse(Buffer.concat(chunks).toString()) as { input?: unknown }
    const reply = await dispatch(pathname.slice('/api/call/'.length), input)
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
  }

  const web = createServer((req, res) => {
    handle(req, res).catch((error: unknown) => {
      console.error(error)
      if (!res.headersSent) res.writeHead(500)
      res.end()
    })
  })
  const cutStreams = () => {
    for (const stream of streams) stream.destroy()
  }
  const host: FakeHostServer = {
    url: '',
    called: fake.called,
    mode: 'normal',
    world: () => fake.state,
    show: (scene) => {
      fake.state = makeWorld(scene, Date.now())
      fake.called.length = 0
      return fake.state
    },
    tell: (name, payload) => fake.tell(name, payload as never),
    cutStreams,
    close: async () => {
      cutStreams()
      web.closeAllConnections()
      await new Promise((resolve) => web.close(resolve))
    },
  }
  await new Promise<void>((resolve) => web.listen(options.port ?? 0, '127.0.0.1', resolve))
  host.url = `http://127.0.0.1:${(web.address() as { port: number }).port}/`
  return host
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { dir: { type: 'string' }, port: { type: 'string' }, scene: { type: 'string' } },
  })
  const host = await serveFakeHost({
    dir: values.dir ?? 'out/renderer',
    port: Number(values.port ?? 0),
    scene: (values.scene as Scene | undefined) ?? 'busy',
  })
  console.log(host.url)
}
