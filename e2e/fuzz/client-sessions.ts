/** How a client comes in. */
export type Era = '2025-11-25' | '2026-07-28' | '2024-11-05'

export interface Sent {
  status: number
  text: string
  isGood: boolean
}

export interface Session {
  era: Era
  send(text: string | Buffer<ArrayBuffer>, method: string, headers?: Record<string, string>): Promise<Sent>
  end(): void
}

/** A client by hand, which sends whatever it is given. `tool`: the one it calls, for the headers of 2026-07-28. */
export const openSession = (url: string, token: string, era: Era, tool: string): Promise<Session> =>
  era === '2024-11-05' ? openEvents(new URL(url).origin, token) : openHttp(url, token, era, tool)

async function openHttp(url: string, token: string, era: Era, tool: string): Promise<Session> {
  const base = { authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream' }
  let id: string | null = null
  const session: Session = {
    era,
    async send(body, method, more = {}) {
      const isModern = era === '2026-07-28'
      const headers: Record<string, string> = {
        ...{ ...base, 'content-type': 'application/json', 'mcp-protocol-version': era },
        ...(id !== null && method !== 'initialize' && { 'mcp-session-id': id }),
        ...(isModern && { 'mcp-method': method, ...(method === 'tools/call' && { 'mcp-name': tool }) }),
        ...more,
      }
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(20_000),
      })
      const text = await response.text()
      id = response.headers.get('mcp-session-id') ?? id
      return {
        status: response.status,
        text,
        isGood: response.ok && (text === '' || text.includes('"result":')),
      }
    },
    end() {
      if (id !== null)
        void fetch(url, { method: 'DELETE', headers: { ...base, 'mcp-session-id': id } }).catch(() => {})
    },
  }
  const clientInfo = { name: 'odd', version: '1' }
  const params = { protocolVersion: era, capabilities: {}, clientInfo }
  if (era === '2025-11-25')
    await session.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }), 'initialize')
  return session
}

/** The transport of 2024-11-05: answers come on the stream. */
async function openEvents(origin: string, token: string): Promise<Session> {
  const authorization = `Bearer ${token}`
  const ended = new AbortController()
  const stream = await fetch(`${origin}/sse`, {
    headers: { authorization, accept: 'text/event-stream' },
    signal: ended.signal,
  })
  let seen = ''
  let told = () => {}
  const reading = async () => {
    for await (const chunk of stream.body!) {
      seen += Buffer.from(chunk).toString()
      told()
    }
  }
  reading().catch(() => {})
  const wait = async (pattern: RegExp, from: number): Promise<string | null> => {
    for (const end = performance.now() + 20_000; performance.now() < end; ) {
      const found = pattern.exec(seen.slice(from))
      if (found) return found[0]
      await new Promise<void>((resolve) => {
        told = resolve
        setTimeout(resolve, 100)
      })
    }
    return null
  }
  const endpoint = /data: (\S+)/.exec((await wait(/data: \S+\n/, 0)) ?? '')![1]!
  return {
    era: '2024-11-05',
    async send(body, _method, more = {}) {
      const from = seen.length
      const headers = { authorization, 'content-type': 'application/json', ...more }
      const response = await fetch(new URL(endpoint, origin), { method: 'POST', headers, body })
      const text = await response.text()
      const id = /"id":[78]\b/.exec(String(body))?.[0]
      const isAsked = response.ok && id !== undefined && /"method":"(?!notifications)/.test(String(body))
      // Progress comes before its answer.
      const answer = isAsked ? await wait(new RegExp(`data: [^\\n]*${id}[^\\n]*\\n`), from) : text
      const isGood = response.ok && (!isAsked || (answer?.includes('"result":') ?? false))
      return { status: response.status, text: answer ?? '', isGood }
    },
    end: () => ended.abort(),
  }
}
