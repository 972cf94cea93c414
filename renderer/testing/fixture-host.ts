/**
 * A loopback stand-in for the host, for looking at the pages and trying them: the built renderer under the real
 * content security policy, calls answered from a scripted scene. What goes in and out is checked against the contract.
 *
 *   node renderer/testing/fixture-host.ts --dir out/renderer --port 4100 --scene busy
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { parseArgs } from 'node:util'
import { api, type CallName, type EventName } from '../../src/contract/api.ts'
import type { Reply } from '../../src/contract/pipe.ts'
import { answer } from './fixture-answers.ts'
import { makeWorld, type Scene, type World } from './scenes.ts'

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

export interface FixtureHost {
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

export async function startFixtureHost(options: {
  dir: string
  port?: number
  scene?: Scene
}): Promise<FixtureHost> {
  const csrf = randomBytes(12).toString('hex')
  const streams = new Set<ServerResponse>()
  let world = makeWorld(options.scene ?? 'busy', Date.now())

  const tell = (name: EventName, payload: unknown) => {
    const data = JSON.stringify({ name, payload: api[name].payload.parse(payload) })
    for (const stream of streams) stream.write(`data: ${data}\n\n`)
  }

  const dispatch = async (name: string, input: unknown): Promise<Reply> => {
    const entry = Object.hasOwn(api, name) ? api[name as CallName] : undefined
    if (!entry || !('input' in entry)) throw new Error(`Not in the contract: ${name}`)
    const parsed = entry.input.safeParse(input)
    if (!parsed.success) throw new Error(`${name}: ${parsed.error.message}`)
    host.called.push({ name, input: parsed.data })
    const failing = world.failing[name]
    if (failing) return { ok: false, error: failing }
    const reply = await answer(world, name as CallName, parsed.data as never, tell)
    return reply.ok ? { ok: true, value: entry.output.parse(reply.value) } : reply
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
  const host: FixtureHost = {
    url: '',
    called: [],
    mode: 'normal',
    world: () => world,
    show: (scene) => {
      world = makeWorld(scene, Date.now())
      host.called.length = 0
      return world
    },
    tell,
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
  const host = await startFixtureHost({
    dir: values.dir ?? 'out/renderer',
    port: Number(values.port ?? 0),
    scene: (values.scene as Scene | undefined) ?? 'busy',
  })
  console.log(host.url)
}
