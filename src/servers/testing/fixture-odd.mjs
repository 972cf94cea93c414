// A stdio MCP server (2025-11-25) that answers as its argument says: JSON of method → the raw text of a line, in which ID stands for the
// id of the request. `null`: no answer. What is not named is answered as it should.
import { createInterface } from 'node:readline'

const odd = JSON.parse(process.argv[2])
const usual = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {}, resources: {}, prompts: {} },
    serverInfo: { name: 'odd', version: '1' },
  },
  'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object', properties: {} } }] },
  'resources/list': { resources: [{ uri: 'test://a', name: 'a' }] },
  'resources/templates/list': { resourceTemplates: [] },
  'prompts/list': { prompts: [{ name: 'greet' }] },
  ping: {},
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  const key = method === 'tools/call' && params.name in odd ? params.name : method
  if (key in odd) {
    if (odd[key] !== null) process.stdout.write(`${odd[key].replaceAll('ID', id)}\n`)
    return
  }
  if (method === 'tools/call') {
    // Byte for byte what came.
    const sent = line.slice(line.indexOf('"arguments":') + 12, line.lastIndexOf('}}'))
    process.stdout.write(
      `{"jsonrpc":"2.0","id":${id},"result":{"content":[{"type":"text","text":${JSON.stringify(sent)}}],"structuredContent":${sent}}}\n`,
    )
    return
  }
  const answer =
    method in usual ? { result: usual[method] } : { error: { code: -32601, message: 'Method not found' } }
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`)
})
