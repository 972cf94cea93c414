/** For tests: stands where the public listener will stand, and shows what reaches it. */
import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'

const healthOf = (instance: string) => () => ({
  type: 'application/json',
  body: JSON.stringify({ name: 'drawbridge', instance, version: '0' }),
})

export type LocalApp = Awaited<ReturnType<typeof startApp>>

export async function startApp(instance: string) {
  const paths: string[] = []
  const open = new Set<{ write(text: string): void }>()
  const held: (() => void)[] = []
  const ours = healthOf(instance)
  const parts = { health: ours, ours, holdsCalls: false }
  const server: Server = createServer((req, res) => {
    const path = req.url!.split('?')[0]!
    paths.push(path)
    if (path === '/health') {
      const { type, body } = parts.health()
      res.setHeader('content-type', type).end(body)
    } else if (path === '/digest') {
      const hash = createHash('sha256')
      req.on('data', (chunk) => hash.update(chunk)).on('end', () => res.end(hash.digest('hex')))
    } else if (path === '/stream') {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
      open.add(res)
      res.on('close', () => open.delete(res))
    } else if (path === '/mcp' && req.method === 'POST') {
      req.resume()
      const answer = () =>
        void res.setHeader('content-type', 'application/json').end('{"jsonrpc":"2.0","id":1,"result":{}}')
      if (parts.holdsCalls) held.push(answer)
      else answer()
    } else if (path === '/slow') held.push(() => res.end('slow'))
    else res.setHeader('x-seen-host', req.headers.host!).end('hello')
  })
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  return Object.assign(parts, {
    port,
    paths,
    streams: () => open.size,
    send: (text: string) => {
      for (const res of open) res.write(text)
    },
    release: () => {
      for (const go of held.splice(0)) go()
    },
    connections: () => new Promise<number>((resolve) => server.getConnections((_e, count) => resolve(count))),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}
