/**
 * What listener and endpoint cost in CPU for each `tools/call`, with a pipeline that answers at once and its client in another
 * process, beside a bare Node server that answers the same bytes: `node src/gateway/testing/fixture-measure-endpoint.ts [calls]`.
 */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { createPublicListener, type PublicListenerDeps } from '../listener/public-listener.ts'
import { principal, text } from './fixture-gateway.ts'

const calls = Number(process.argv[2] ?? 10_000)
const concurrency = 8
const who = principal()
const origins: string[] = []

const deps = {
  port: 0,
  origins: () => origins,
  isRaised: () => false,
  requestsPerMinute: () => 1e9,
  sessionKey: Buffer.alloc(32),
  instance: 'instance',
  version: '0',
  clock: systemClock,
  log: silentLog,
  onTraffic: () => {},
  oauth: {
    handle: () => {},
    challenge: () => '',
    authenticate: async () => ({ ok: true as const, principal: who }),
  },
  catalog: {
    resolve: () => ({ definition: { inputSchema: { type: 'object' } } }),
    capabilities: () => ({}),
    instructions: () => '',
    onChanged: () => () => {},
  },
  pipeline: {
    request: async (_caller: unknown, { params }: { params: { arguments: { say: string } } }) =>
      text(params.arguments.say),
  },
  subscriptions: {},
}
const listener = createPublicListener(deps as unknown as PublicListenerDeps)
const { port } = await listener.listen()
origins.push(`http://127.0.0.1:${port}`)

const bare = createServer((req, res) => {
  const chunks: Buffer[] = []
  req.on('data', (chunk) => chunks.push(chunk))
  req.on('end', () => {
    const { id, params } = JSON.parse(Buffer.concat(chunks).toString())
    const body = JSON.stringify({ jsonrpc: '2.0', id, result: text(params.arguments.say) })
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) })
    res.end(body)
  })
})
await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve))

const greeting = { protocolVersion: '2025-11-25', capabilities: {} }
const greeted = await fetch(`${origins[0]}/mcp`, {
  method: 'POST',
  headers: { authorization: 'Bearer good', 'content-type': 'application/json' },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: greeting }),
})
await greeted.text()

const modern = {
  'MCP-Protocol-Version': '2026-07-28',
  'Mcp-Method': 'tools/call',
  'Mcp-Name': 'demo__echo',
}
const _meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'measure', version: '1' },
}
const session = {
  'Mcp-Session-Id': greeted.headers.get('mcp-session-id')!,
  'MCP-Protocol-Version': '2025-11-25',
}
const kinds = [
  { name: 'bare server       ', port: (bare.address() as AddressInfo).port, headers: {}, params: {} },
  { name: '2025, no session  ', port, headers: {}, params: {} },
  { name: '2025, in a session', port, headers: session, params: {} },
  { name: '2026              ', port, headers: modern, params: { _meta } },
]

/** Runs in another process, told what to do by its arguments. */
const client = `
const { Agent, request } = require('node:http')
const { port, headers, params, calls, concurrency } = JSON.parse(process.argv[1])
const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
const once = (say) => new Promise((resolve, reject) => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call',
    params: { name: 'demo__echo', arguments: { say }, ...params } })
  const req = request({ port, agent, host: '127.0.0.1', method: 'POST', path: '/mcp', headers: {
    Authorization: 'Bearer good', 'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream', 'Content-Length': Buffer.byteLength(body), ...headers } },
    (res) => {
      let got = ''
      res.on('data', (chunk) => { got += chunk })
      res.on('end', () => JSON.parse(got).result?.content[0].text === say ? resolve() : reject(new Error(got)))
    })
  req.on('error', reject)
  req.end(body)
})
let next = 0
const worker = async () => { while (next < calls) await once('canary ' + ++next) }
Promise.all(Array.from({ length: concurrency }, worker)).then(() => agent.destroy())
`
console.log(`${calls} calls, ${concurrency} at a time; µs of CPU per call in the server's process`)
for (let round = 1; round <= 3; round += 1)
  for (const { name, ...kind } of kinds) {
    const cpu = process.cpuUsage()
    const told = JSON.stringify({ ...kind, calls, concurrency })
    const child = spawn(process.execPath, ['-e', client, told], { stdio: ['ignore', 'inherit', 'inherit'] })
    await new Promise((resolve) => child.on('exit', resolve))
    const { user, system } = process.cpuUsage(cpu)
    console.log(`${name} ${((user + system) / calls).toFixed(1)}`)
  }
bare.close()
await listener.close()
