import { Agent, type IncomingMessage, request } from 'node:http'
import type { Registration } from '../fixtures/assistant.ts'
import type { InProcess } from '../fixtures/in-process.ts'

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

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** Unlike fetch, it leaves Host, path and headers alone. A connection the host closed while it was idle is tried again. */
export async function sendRaw(to: InProcess, wanted: Wanted): Promise<Got> {
  const { port } = new URL(to.local)
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

const listTools = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}'

/** What an access token or key is answered right now. */
export const statusOf = async (under: InProcess, token: string): Promise<number> =>
  (await sendRaw(under, { method: 'POST', path: '/mcp', headers: mcpHeaders(token), body: listTools })).status

/** The token endpoint's answer to a refresh. */
export async function refreshRaw(
  under: InProcess,
  clientId: string,
  refreshToken: string,
): Promise<{ status: number; error?: string; access_token?: string; refresh_token?: string }> {
  const got = await sendRaw(under, {
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
