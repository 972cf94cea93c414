const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

const post = (origin: string, token: string, message: unknown, headers: Record<string, string> = {}) =>
  fetch(`${origin}/mcp`, {
    method: 'POST',
    headers: { ...json, authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(15_000),
  })

/** A session of the 2025 era; its id, or null from a server without sessions. */
export async function openSession(origin: string, token: string, end = false): Promise<string | null> {
  const answer = await post(origin, token, {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: { elicitation: { form: {} }, sampling: {} },
      clientInfo: { name: 'good', version: '1' },
    },
  })
  await answer.text()
  const id = answer.headers.get('mcp-session-id')
  if (id === null) return null
  const headers = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' }
  await (await post(origin, token, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers)).text()
  if (end)
    await fetch(`${origin}/mcp`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}`, ...headers },
    })
  return id
}

/** Good requests of both eras, and a call that goes all the way to the server behind. */
export async function ping(
  origin: string,
  token: string,
  session: string | null,
): Promise<{ took: number; problem: string | null }> {
  const started = performance.now()
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const modern = (method: string, name?: string) => ({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(name ? { 'mcp-name': name } : {}),
  })
  const old = {
    'mcp-protocol-version': '2025-11-25',
    ...(session === null ? {} : { 'mcp-session-id': session }),
  }
  const call = { name: 'echo', arguments: { text: 'still here' } }
  const asked: [string, unknown, Record<string, string>, RegExp][] = [
    ['ping', { jsonrpc: '2.0', id: 'p', method: 'ping' }, old, /"result":\{\}/],
    [
      'server/discover',
      { jsonrpc: '2.0', id: 'd', method: 'server/discover', params: { _meta } },
      modern('server/discover'),
      /2026-07-28/,
    ],
    [
      'tools/call',
      { jsonrpc: '2.0', id: 'c', method: 'tools/call', params: { ...call, _meta } },
      modern('tools/call', 'echo'),
      /still here/,
    ],
    ['tools/call', { jsonrpc: '2.0', id: 'c', method: 'tools/call', params: call }, old, /still here/],
  ]
  let problem: string | null = null
  for (const [name, message, headers, expected] of asked) {
    try {
      const answer = await post(origin, token, message, headers)
      const text = await answer.text()
      if (answer.status !== 200 || !expected.test(text))
        problem ??= `${name} was answered with ${answer.status} ${text.slice(0, 300)}`
    } catch (error) {
      problem ??= `${name} was not answered: ${String(error)}`
    }
  }
  return { took: performance.now() - started, problem }
}
