/**
 * For tests: the public side of services that cannot be had here. Stand-ins of their programs register a name with it and hold a
 * connection; whoever asks for the name is led to where the program leads. `fetch` is what an assistant's would be.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Agent, fetch } from 'undici'
import type { ProbeFetch } from '../public-fetch.ts'

export type Edge = Awaited<ReturnType<typeof startEdge>>

export async function startEdge() {
  /** By name: where it leads to. */
  const targets = new Map<string, string>()
  const held = new Map<ServerResponse, string>()
  const parts = {
    /** What a program hears instead of being let in; null: it is let in. */
    refusal: null as string | null,
    /** What the account's name is, or the next random one. */
    name: () => 'name.example',
    /** Which rules the user set up at the service, as its program shows them. */
    ingress: [] as { hostname?: string; service: string }[],
    /** What visitors get instead; null: what is behind it. */
    page: null as { status: number; headers: Record<string, string>; body: string } | null,
    /** The same for some of them, by their user agent. */
    turnsAway: (
      _userAgent: string,
    ): { status: number; headers: Record<string, string>; body: string } | null => null,
    isDown: false,
    registered: 0,
  }
  const register = (req: IncomingMessage, res: ServerResponse) => {
    if (parts.isDown) return void req.socket.destroy()
    if (parts.refusal !== null) return void res.writeHead(403).end(parts.refusal)
    const asked = req.headers['x-name'] as string
    // A tunnel of the user's own has the name that its rules give it.
    const name = asked === 'tunnel' ? (parts.ingress[0]?.hostname ?? asked) : asked || parts.name()
    parts.registered += 1
    targets.set(name, req.headers['x-target'] as string)
    held.set(res, name)
    res.on('close', () => {
      held.delete(res)
      if (![...held.values()].includes(name)) targets.delete(name)
    })
    res.writeHead(200).write(`${JSON.stringify({ name, ingress: parts.ingress })}\n`)
  }
  const visit = (req: IncomingMessage, res: ServerResponse) => {
    const { 'x-host': asked, ...headers } = req.headers
    const host = String(asked ?? headers.host)
    const target = targets.get(host)
    if (parts.isDown) return void req.socket.destroy()
    const page = parts.page ?? parts.turnsAway(req.headers['user-agent'] ?? '')
    if (page) return void res.writeHead(page.status, page.headers).end(page.body)
    if (target === undefined) return void res.writeHead(530).end('error code: 1033')
    const { hostname, port } = new URL(target)
    // The name stays, and who asks is told, as by the real ones.
    const told = { ...headers, host, 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' }
    const to = { hostname, port, path: req.url!, method: req.method!, headers: told, agent: false }
    const onward = request(to, (from) => {
      res.writeHead(from.statusCode!, from.headers)
      from.pipe(res)
    })
    onward.on('error', () => res.destroy())
    res.on('close', () => onward.destroy())
    req.pipe(onward)
  }
  const server = createServer((req, res) => (req.url === '/register' ? register(req, res) : visit(req, res)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // Each visit on a connection of its own.
  const dispatcher = new Agent({ pipelining: 0 })
  const asOutside: ProbeFetch = (url, init) => {
    const { host, pathname } = new URL(url)
    return fetch(`http://127.0.0.1:${port}${pathname}`, {
      ...init,
      dispatcher,
      headers: { ...init.headers, 'x-host': host },
    }) as unknown as Promise<Response>
  }
  return Object.assign(parts, {
    port,
    targets,
    fetch: asOutside,
    /** For a server before it that has a certificate: answers what is asked of the name in `host`. */
    visit,
    /** The connections of all programs break. */
    drop() {
      for (const res of held.keys()) res.destroy()
    },
    status: (origin: string, path = '/hello') =>
      asOutside(`${origin}${path}`, {
        headers: {},
        redirect: 'manual',
        signal: AbortSignal.timeout(1_000),
      }).then(
        ({ status }) => status,
        () => 0,
      ),
    async close() {
      await dispatcher.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
