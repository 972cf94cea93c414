/** Both transports ask once more before each time that they send: after a refusal, where a redirect leads, when a token was waited for. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, it, vi } from 'vitest'
import { HostError } from '../../kernel/errors.ts'
import { ourInfo } from '../session/connection.ts'
import { RpcConnection } from '../session/rpc-connection.ts'
import { HttpTransport } from './http-transport.ts'
import { SseTransport } from './sse-transport.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Answer = (req: IncomingMessage, res: ServerResponse) => void
/** Where it is, and the tokens and addresses of what was posted to it. */
async function serve(answer: Answer) {
  const posted: string[] = []
  const web = createServer((req, res) => {
    if (req.method !== 'POST') {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write('event: endpoint\ndata: /mcp\n\n')
      return
    }
    posted.push(`${req.url} ${req.headers.authorization}`)
    req.resume().on('end', () => answer(req, res))
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    web.closeAllConnections()
    web.close()
  })
  return { posted, url: new URL(`http://127.0.0.1:${(web.address() as AddressInfo).port}/mcp`) }
}

/** Anna is signed in, until somebody else is. */
function account() {
  const edited = new HostError({ code: 'server-edited', params: { name: 'Web' } })
  const made = {
    who: 'anna',
    edition: 0,
    checkSame: (edition: number) => {
      if (edition !== made.edition) throw edited
    },
    token: (): string | Promise<string> => made.who,
    refused: async () => {},
    tooLittle: () => edited,
    accepted: () => {},
    signIn: (who: string) => {
      made.who = who
      made.edition += 1
    },
  }
  return made
}

const kinds = { http: HttpTransport, sse: SseTransport }
async function open(kind: keyof typeof kinds, url: URL, signIn: ReturnType<typeof account>) {
  const options = { url, headers: {}, signIn, refused: () => undefined, onBroken: () => {} }
  const transport = new kinds[kind]({ ...options, tool: () => undefined })
  ends.push(() => transport.close())
  return transport
}
async function opened(...at: Parameters<typeof open>) {
  const transport = await open(...at)
  await transport.start()
  return (checkWanted = () => {}) =>
    transport.send(
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a', arguments: {} } },
      { request: { checkWanted } },
    )
}

it.each(['http', 'sse'] as const)('%s: what one account is refused is not sent as another', async (kind) => {
  const signIn = account()
  const { posted, url } = await serve((_req, res) => {
    signIn.signIn('bert')
    res.writeHead(401).end()
  })
  const send = await opened(kind, url, signIn)
  await expect(send()).rejects.toMatchObject({ code: 'server-edited' })
  expect(posted).toEqual(['/mcp Bearer anna'])
})

it.each(['http', 'sse'] as const)('%s: what waited for a token is not sent with another’s', async (kind) => {
  const signIn = account()
  const { posted, url } = await serve((_req, res) => res.writeHead(202).end())
  const send = await opened(kind, url, signIn)
  signIn.token = async () => {
    signIn.signIn('bert')
    return signIn.who
  }
  await expect(send()).rejects.toMatchObject({ code: 'server-edited' })
  expect(posted).toEqual([])
})

it.each(['http', 'sse'] as const)(
  '%s: what was taken back is not sent where a redirect leads',
  async (kind) => {
    let allowed = true
    const { posted, url } = await serve((req, res) => {
      allowed = false
      if (req.url === '/mcp') res.writeHead(307, { location: '/there' }).end()
      else res.writeHead(202).end()
    })
    const send = await opened(kind, url, account())
    const why = new Error('taken back')
    const sent = send(() => {
      if (!allowed) throw why
    })
    await expect(sent).rejects.toBe(why)
    expect(posted).toEqual(['/mcp Bearer anna'])
  },
)

it.each(['http', 'sse'] as const)('%s: what was taken back while it waited for a token', async (kind) => {
  const signIn = account()
  const { posted, url } = await serve((_req, res) => res.writeHead(202).end())
  const send = await opened(kind, url, signIn)
  signIn.token = async () => 'anna'
  const why = new Error('taken back')
  const sent = send(() => {
    throw why
  })
  await expect(sent).rejects.toBe(why)
  expect(posted).toEqual([])
})

it.each(['http', 'sse'] as const)('%s: what was cancelled while it waited for a token', async (kind) => {
  const signIn = account()
  const { posted, url } = await serve((_req, res) => res.writeHead(202).end())
  const hooks = { onListChanged: () => {}, onResourceUpdated: () => {}, onLog: () => {} }
  const rpc = new RpcConnection(await open(kind, url, signIn), ourInfo('1'), hooks)
  ends.push(() => rpc.close())
  await rpc.start()
  const token = Promise.withResolvers<string>()
  signIn.token = () => token.promise
  const gone = new AbortController()
  const asked = rpc.request('tools/call', { name: 'a' }, { timeout: 5_000, signal: gone.signal })
  gone.abort(new Error('gone'))
  await expect(asked).rejects.toThrow('gone')
  token.resolve('anna')
  // Only that it is cancelled.
  await vi.waitFor(() => expect(posted).not.toEqual([]))
  await sleep(50)
  expect(posted).toHaveLength(1)
})
