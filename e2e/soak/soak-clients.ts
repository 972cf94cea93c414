import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { Pool } from 'undici'

interface Answered {
  text: string
  /** What the notifications of progress said on the way. */
  progress: string[]
}

/** One client; every kind uses the same JSON-RPC ids as all the others. */
export interface SoakClient {
  kind: string
  /** How many calls it may have open at a time. */
  atOnce: number
  call(tool: string, args: { text: string; wait: number }, withProgress: boolean): Promise<Answered>
  toolNames(): Promise<string[]>
  close(): Promise<void>
}

type Content = { content?: { text?: string }[]; isError?: boolean }
const textOf = (result: unknown): string => (result as Content).content?.[0]?.text ?? JSON.stringify(result)

/** The official client, in one era or the other. */
export async function sdkClient(mcpUrl: string, token: string, mode: 'legacy' | 'auto'): Promise<SoakClient> {
  const client = new Client({ name: `soak-${mode}`, version: '1' }, { versionNegotiation: { mode } })
  const headers = { Authorization: `Bearer ${token}` }
  await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl), { requestInit: { headers } }))
  return {
    kind: `the official client, ${mode === 'legacy' ? '2025' : '2026'}`,
    atOnce: 2,
    async call(name, args, withProgress) {
      const progress: string[] = []
      const onprogress = ({ message }: { message?: string }) => void progress.push(message ?? '')
      const result = await client.callTool(
        { name, arguments: args },
        { timeout: 20_000, ...(withProgress ? { onprogress } : {}) },
      )
      return { text: textOf(result), progress }
    },
    toolNames: async () => (await client.listTools()).tools.map((tool) => tool.name),
    close: () => client.close(),
  }
}

interface Message {
  id?: unknown
  method?: string
  params?: { message?: string; progressToken?: unknown }
  result?: Record<string, unknown>
  error?: unknown
}

/** A client by hand that says 1 for every id and `p` for every progress token. */
export async function rawClient(
  pool: Pool,
  token: string,
  kind: 'stateless' | 'session' | 'modern',
): Promise<SoakClient> {
  const base = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${token}`,
    'mcp-protocol-version': kind === 'modern' ? '2026-07-28' : '2025-11-25',
  }
  let session: Record<string, string> = {}

  const send = async (message: object, more: Record<string, string> = {}) => {
    const answer = await pool.request({
      method: 'POST',
      path: '/mcp',
      headers: { ...base, ...session, ...more },
      body: JSON.stringify(message),
      headersTimeout: 20_000,
      bodyTimeout: 20_000,
    })
    const body = await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, body }
  }
  const ask = async (method: string, params: Record<string, unknown>, withProgress = false) => {
    const _meta = {
      ...(withProgress ? { progressToken: 'p' } : {}),
      ...(kind === 'modern'
        ? {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientCapabilities': {},
          }
        : {}),
    }
    const name = params.name as string | undefined
    const headers: Record<string, string> =
      kind === 'modern' ? { 'mcp-method': method, ...(name ? { 'mcp-name': name } : {}) } : {}
    const { status, body } = await send(
      { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } },
      headers,
    )
    const messages = messagesIn(body)
    const answers = messages.filter((message) => message.method === undefined)
    if (status !== 200 || answers.length !== 1 || answers[0]!.id !== 1 || !answers[0]!.result)
      throw new Error(`${status} ${body.slice(0, 500)}`)
    const told = messages.filter((message) => message.method !== undefined)
    if (told.some(({ method: said, params: more }) => said !== progressMethod || more?.progressToken !== 'p'))
      throw new Error(`told what was not asked for: ${body.slice(0, 500)}`)
    return { result: answers[0]!.result, progress: told.map((message) => message.params?.message ?? '') }
  }

  if (kind === 'session') {
    const opened = await send({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'soak', version: '1' } },
    })
    const id = opened.headers['mcp-session-id']
    if (typeof id !== 'string') throw new Error(`no session: ${opened.status} ${opened.body}`)
    session = { 'mcp-session-id': id }
    await send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  }
  return {
    kind: `by hand, ${kind}`,
    // within a session an id may not be used twice at a time
    atOnce: kind === 'session' ? 1 : 2,
    async call(name, args, withProgress) {
      const { result, progress } = await ask('tools/call', { name, arguments: args }, withProgress)
      return { text: textOf(result), progress }
    },
    async toolNames() {
      const { result } = await ask('tools/list', {})
      return (result.tools as { name: string }[]).map((tool) => tool.name)
    },
    close: async () => {},
  }
}

const progressMethod = 'notifications/progress'

/** JSON, or the events of a stream (one line of data each, as we send them). */
function messagesIn(body: string): Message[] {
  if (body.startsWith('{')) return [JSON.parse(body) as Message]
  return [...body.matchAll(/^data: ?(.+)$/gm)].map((line) => JSON.parse(line[1]!) as Message)
}
