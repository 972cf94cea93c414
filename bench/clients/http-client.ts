import { type Client, clientInfo, type Endpoint, initializeParams, messageWithId } from './client.ts'
import { createLane } from './lane.ts'

const json = 'content-type: application/json\r\naccept: application/json, text/event-stream\r\n'
const lines = (headers: Record<string, string>) =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')

/** Streamable HTTP in the 2025 era: one session if the server wants one, one connection per lane. */
export async function openHttpClient({ url, headers }: Endpoint, lanes: number): Promise<Client> {
  const channels = Array.from({ length: lanes }, () => createLane(new URL(url)))
  const close = () => {
    for (const channel of channels) channel.close()
  }
  let nextId = 1
  let common = json + lines(headers)
  const request: Client['request'] = async (lane, method, params) => {
    const id = nextId++
    const text = JSON.stringify({ jsonrpc: '2.0', id, method, params })
    const { status, type, body } = await channels[lane]!.send('POST', common, text)
    if (status !== 200) throw new Error(`HTTP ${status}: ${body.slice(0, 300)}`)
    return messageWithId(type, body, id)
  }
  try {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params: initializeParams })
    const { status, type, session, body } = await channels[0]!.send('POST', common, text)
    if (status !== 200) throw new Error(`HTTP ${status}: ${body.slice(0, 300)}`)
    const { protocolVersion } = messageWithId(type, body, 0)
    common += `mcp-protocol-version: ${String(protocolVersion)}\r\n`
    if (session !== null) common += `mcp-session-id: ${session}\r\n`
    const done = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })
    await channels[0]!.send('POST', common, done)
    return {
      request,
      async close() {
        if (session !== null) await channels[0]!.send('DELETE', common, '').catch(() => {})
        close()
      },
    }
  } catch (error) {
    close()
    throw error
  }
}

/** The same in the 2026-07-28 era: no session, every request says who asks. */
export async function openModernClient({ url, headers }: Endpoint, lanes: number): Promise<Client> {
  const channels = Array.from({ length: lanes }, () => createLane(new URL(url)))
  const version = '2026-07-28'
  const common = `${json}mcp-protocol-version: ${version}\r\n${lines(headers)}`
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': clientInfo,
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  let nextId = 1
  return {
    async request(lane, method, params) {
      const id = nextId++
      const name = 'name' in params ? `mcp-name: ${String(params.name)}\r\n` : ''
      const text = JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } })
      const { status, type, body } = await channels[lane]!.send(
        'POST',
        `${common}mcp-method: ${method}\r\n${name}`,
        text,
      )
      if (status !== 200) throw new Error(`HTTP ${status}: ${body.slice(0, 300)}`)
      return messageWithId(type, body, id)
    },
    async close() {
      for (const channel of channels) channel.close()
    },
  }
}
