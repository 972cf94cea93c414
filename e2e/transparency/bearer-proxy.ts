import { Agent, createServer, request } from 'node:http'

/**
 * A loopback proxy that adds a bearer token, for the suite, which cannot. Everything else passes as it came: a request with a
 * foreign Host or Origin is still one for whoever is behind; only its own address is changed to theirs.
 */
export async function startBearerProxy(
  target: string,
  token: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const { hostname, port, host, pathname } = new URL(target)
  const agent = new Agent({ keepAlive: true })
  const translated = (value: string | undefined, own: string) => value?.replaceAll(own, host)

  const proxy = createServer((incoming, outgoing) => {
    const { port: bound } = proxy.address() as { port: number }
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` }
    for (const own of [`127.0.0.1:${bound}`, `localhost:${bound}`]) {
      headers.host = translated(headers.host, own)
      if (headers.origin !== undefined) headers.origin = translated(headers.origin, own)
    }
    const onward = request(
      { hostname, port, agent, method: incoming.method, path: incoming.url, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        outgoing.flushHeaders()
        answer.pipe(outgoing)
        answer.on('error', () => outgoing.destroy())
      },
    )
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port: bound } = proxy.address() as { port: number }
  return {
    url: `http://127.0.0.1:${bound}${pathname}`,
    async close() {
      agent.destroy()
      proxy.closeAllConnections()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}
