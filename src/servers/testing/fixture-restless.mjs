// An MCP server by hand whose tools are as many and as large as its arguments say, and which says all the time that they changed:
// node fixture-restless.mjs <count> <characters each> <milliseconds between changes, 0: never>
import { createInterface } from 'node:readline'

const [count, size, every] = process.argv.slice(2).map(Number)
const write = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
let asked = 0
const tool = (name, description) => ({ name, description, inputSchema: { type: 'object' } })
const pageSize = 200
const answers = {
  initialize: () => ({
    protocolVersion: '2025-11-25',
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: 'restless', version: '1' },
  }),
  'tools/list': ({ cursor }) => {
    const from = Number(cursor ?? 0)
    if (from === 0) asked += 1
    const tools = Array.from({ length: Math.min(pageSize, count - from) }, (_, n) =>
      tool(`tool_${from + n}`, 'x'.repeat(size)),
    )
    // One of them is another one each time.
    if (from === 0) tools[0] = tool('tool_0', `${asked} ${'x'.repeat(size)}`)
    return { tools, ...(from + pageSize < count && { nextCursor: String(from + pageSize) }) }
  },
  'tools/call': () => ({ content: [{ type: 'text', text: String(asked) }] }),
}
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params = {} } = JSON.parse(line)
  if (id === undefined) return
  const answer = answers[method]
  write(answer ? { id, result: answer(params) } : { id, error: { code: -32601, message: 'no' } })
})
if (every > 0) setInterval(() => write({ method: 'notifications/tools/list_changed' }), every)
