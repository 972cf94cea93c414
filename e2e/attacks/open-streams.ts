import type { InProcess } from '../fixtures/in-process.ts'
import { mcpHeaders } from './raw-requests.ts'

/** A client of 2026-07-28 that wants to hear of changed lists. */
export const listening = {
  jsonrpc: '2.0',
  id: 'listen',
  method: 'subscriptions/listen',
  params: {
    notifications: { toolsListChanged: true },
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
}
export const listenHeaders = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' }
export const calling = (tool: string, args: object, progress: boolean) => ({
  jsonrpc: '2.0',
  id: 'call',
  method: 'tools/call',
  params: { name: tool, arguments: args, ...(progress ? { _meta: { progressToken: 'p' } } : {}) },
})

/** A request whose answer stays open. `ended` resolves with the time at which the host let go of it. */
export async function streamOf(
  under: Pick<InProcess, 'host'>,
  token: string,
  body: object,
  headers: Record<string, string> = {},
) {
  const began = fetch(under.host.mcpUrl, {
    method: 'POST',
    headers: { ...mcpHeaders(token), ...headers },
    body: JSON.stringify(body),
  })
  let read = ''
  let open = true
  const ended = (async () => {
    try {
      const response = await began
      read = `${response.status} ${response.headers.get('content-type')} `
      for await (const chunk of response.body!) read += Buffer.from(chunk).toString()
    } catch {
      // cut, as intended
    }
    open = false
    return performance.now()
  })()
  return { ended, isOpen: () => open, read: () => read }
}
