import { mkdtempSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Access, ConnectionRequest, Grant } from '../../src/contract/access.ts'
import type { Reply } from '../../src/contract/pipe.ts'
import { createHost } from '../../src/host/create-host.ts'
import type { Host, HostOptions } from '../../src/host/host.ts'
import { type Assistant, connectAssistant, type Registration } from '../fixtures/assistant.ts'
import { browserByHand } from '../fixtures/browser-by-hand.ts'

/** A whole host in this process whose clock the test moves, and requests to it exactly as written. */
export interface AttackedHost {
  host: Host
  dataDir: string
  origin: string
  mcpUrl: string
  /** The host's clock from now on: real time plus this many milliseconds. */
  moveTo(ahead: number): void
  move(ms: number): void
  /** A call of the contract; throws what it answers when it is refused. */
  ask<T>(name: string, input?: unknown): Promise<T>
  send(wanted: Wanted): Promise<Got>
  /** Connect pressed, the page opened, the digits typed, tokens fetched. */
  connect(registration: Registration, access?: Access, told?: (back: URL) => void): Promise<Assistant>
  grants(): Promise<Grant[]>
  stop(): Promise<void>
}

export interface Wanted {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string
}

export interface Got {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

/**
 * A well-known client whose document is pinned, one for every id: as many clients as a test wants without using up the
 * registrations of the hour.
 */
export const pinnedClient = (id: string): Registration => ({
  kind: 'metadata-document',
  clientId: `https://chatgpt.com/oauth/codex/${id}/client.json`,
  redirect: 'http://127.0.0.1:49152/callback',
})

export async function openHost(more: Partial<HostOptions> = {}): Promise<AttackedHost> {
  const dataDir = more.dataDir ?? mkdtempSync(join(tmpdir(), 'drawbridge-attack-'))
  let ahead = 0
  const host = await createHost({
    dataDir,
    shell: 'headless',
    version: '0.0.0-test',
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
    tunnelHost: 'http://127.0.0.1:9',
    clock: { now: () => Date.now() + ahead },
    ...more,
  })
  const { origin, port } = new URL(host.mcpUrl)
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })

  const ask = async <T>(name: string, input?: unknown): Promise<T> => {
    const reply = (await host.dispatch(name, input)) as Reply<T>
    if (!reply.ok) throw new Error(`${name}: ${JSON.stringify(reply.error)}`)
    return reply.value
  }
  return {
    host,
    dataDir,
    origin,
    mcpUrl: host.mcpUrl,
    moveTo(to) {
      ahead = to
    },
    move(ms) {
      ahead += ms
    },
    ask,
    grants: () => ask<Grant[]>('grants.list'),
    async connect(registration, access = 'everything', told = () => {}) {
      await ask('connect.open', { client: 'other' })
      const browser = browserByHand(async (digits) => {
        const [waiting] = await ask<ConnectionRequest[]>('connections.list')
        await ask('connections.approve', { id: waiting!.id, ...(digits === '' ? {} : { digits }), access })
      })
      return connectAssistant(host.mcpUrl, registration, async (url, redirect) => {
        const back = await browser(url, redirect)
        told(back)
        return back
      })
    },
    send: (wanted) => send(agent, port, wanted),
    async stop() {
      agent.destroy()
      await host.stop()
    },
  }
}

/** Unlike fetch, it leaves Host, path and headers alone. A connection the host closed while it was idle is tried again. */
async function send(agent: Agent, port: string, wanted: Wanted): Promise<Got> {
  try {
    return await sendOnce(agent, port, wanted)
  } catch (error) {
    if (!['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return sendOnce(false, port, wanted)
  }
}

function sendOnce(agent: Agent | false, port: string, wanted: Wanted): Promise<Got> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        method: wanted.method ?? 'GET',
        path: wanted.path ?? '/',
        setHost: false,
        headers: {
          host: `127.0.0.1:${port}`,
          ...(wanted.body === undefined ? {} : { 'content-length': Buffer.byteLength(wanted.body) }),
          ...wanted.headers,
        },
      },
      (response) => {
        const { statusCode: status = 0, headers } = response
        const chunks: Buffer[] = []
        const done = () => resolve({ status, headers, text: Buffer.concat(chunks).toString() })
        // headers too large to be read are refused before anybody knows that it was HEAD, with a body
        if (wanted.method === 'HEAD') done()
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', done)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(wanted.body)
  })
}

/** The header of a bearer token and what else a call of the MCP endpoint needs. */
export const mcpHeaders = (token: string): Record<string, string> => ({
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  authorization: `Bearer ${token}`,
})

export const listTools = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}'

/** What an access token or key is answered right now. */
export const statusOf = async (under: AttackedHost, token: string): Promise<number> =>
  (await under.send({ method: 'POST', path: '/mcp', headers: mcpHeaders(token), body: listTools })).status

/** The token endpoint's answer to a refresh. */
export async function refreshRaw(
  under: Pick<AttackedHost, 'send'>,
  clientId: string,
  refreshToken: string,
): Promise<{ status: number; error?: string; access_token?: string; refresh_token?: string }> {
  const got = await under.send({
    method: 'POST',
    path: '/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: clientId,
    }).toString(),
  })
  return { status: got.status, ...(JSON.parse(got.text) as object) }
}
