/** A client of the 2025 era by hand, for tests of sessions. */
import type { startGateway } from './fixture-gateway.ts'
import { openEvents, rpc } from './fixture-http.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>

export async function openSession(
  gateway: Gateway,
  options: { token?: string; path?: string; capabilities?: object; version?: string } = {},
) {
  const { token = 'good', path = '/mcp', capabilities = {}, version = '2025-11-25' } = options
  const bearer = { Authorization: `Bearer ${token}` }
  const initialize = { protocolVersion: version, capabilities, clientInfo: { name: 'by hand', version: '1' } }
  const initialized = await gateway.post(rpc('initialize', initialize), bearer, path)
  const id = initialized.headers['mcp-session-id'] as string
  const headers = { ...bearer, 'Mcp-Session-Id': id, 'MCP-Protocol-Version': version }
  const plain = {
    Host: gateway.host,
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    ...headers,
  }
  return {
    id,
    initialized,
    headers,
    post: (body: unknown, more: Record<string, string> = {}) =>
      gateway.post(body, { ...headers, ...more }, path),
    /** A request whose answer is read while it comes. */
    open: (body: unknown) =>
      openEvents(gateway.port, { method: 'POST', path, headers: plain, body: JSON.stringify(body) }),
    listen: () => openEvents(gateway.port, { path, headers: { ...plain, Accept: 'text/event-stream' } }),
    end: () => gateway.send({ method: 'DELETE', path, headers }),
  }
}
