/**
 * How fast the gateway is with a tool that costs nothing, beside a bare Node server that answers the same bytes. For a
 * look, not for a promise: `node src/gateway/testing/fixture-measure.ts [calls] [concurrency]`.
 */
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { reads, source, startGateway, text } from './fixture-gateway.ts'
import { rpc } from './fixture-http.ts'

const calls = Number(process.argv[2] ?? 4_000)
const concurrency = Number(process.argv[3] ?? 8)
const agent = new Agent({ keepAlive: true, maxSockets: concurrency })

const gateway = await startGateway({
  sources: [
    source(
      'demo',
      [
        {
          name: 'echo',
          annotations: reads,
          inputSchema: { type: 'object', properties: { say: { type: 'string' } }, required: ['say'] },
        },
        { name: 'write' },
      ],
      async (_tool, args) => text(String(args.say)),
    ),
  ],
})
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
const barePort = (bare.address() as AddressInfo).port

const modern = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}

function once(port: number, era: 'legacy' | 'modern', tool: string, say: string): Promise<number> {
  const params = { name: tool, arguments: { say }, ...(era === 'modern' && { _meta: modern }) }
  const body = JSON.stringify(rpc('tools/call', params))
  const before = performance.now()
  return new Promise((resolve, reject) => {
    const req = request(
      {
        port,
        agent,
        host: '127.0.0.1',
        method: 'POST',
        path: '/mcp',
        headers: {
          Authorization: 'Bearer good',
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
          'Content-Length': Buffer.byteLength(body),
          ...(era === 'modern' && {
            'MCP-Protocol-Version': '2026-07-28',
            'Mcp-Method': 'tools/call',
            'Mcp-Name': tool,
          }),
        },
      },
      (res) => {
        let got = ''
        res.on('data', (chunk) => {
          got += chunk
        })
        res.on('end', () =>
          JSON.parse(got).result?.content?.[0]?.text === say
            ? resolve(performance.now() - before)
            : reject(new Error(got)),
        )
      },
    )
    req.on('error', reject)
    req.end(body)
  })
}

async function measure(name: string, port: number, era: 'legacy' | 'modern', tool = 'demo__echo') {
  const times: number[] = []
  let next = 0
  const worker = async () => {
    while (next < calls) {
      next += 1
      times.push(await once(port, era, tool, `canary ${next}`))
    }
  }
  const cpu = process.cpuUsage()
  const before = performance.now()
  await Promise.all(Array.from({ length: concurrency }, worker))
  const seconds = (performance.now() - before) / 1_000
  const used = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  const at = (part: number) => times[Math.floor(times.length * part)]!.toFixed(2)
  console.log(
    `${name}: ${Math.round(calls / seconds)} calls/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
      `${Math.round((used.user + used.system) / calls)} µs CPU per call (client included)`,
  )
}

console.log(`${calls} calls, ${concurrency} at a time`)
for (let round = 1; round <= 2; round += 1) {
  await measure('bare server        ', barePort, 'legacy')
  await measure('read, 2025 era     ', gateway.port, 'legacy')
  await measure('read, 2026 era     ', gateway.port, 'modern')
  await measure('change, 2026 era   ', gateway.port, 'modern', 'demo__write')
}
agent.destroy()
bare.close()
await gateway.stop()
