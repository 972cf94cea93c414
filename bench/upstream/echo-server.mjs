// The server that every subject stands in front of: the SDK's own low-level server, in both eras of the protocol.
// JavaScript, because published servers are: what starting it costs is then the server's, not TypeScript's.
import { Server } from '@modelcontextprotocol/server'

const text = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }
const echo = {
  name: 'echo',
  description: 'Gives the text back',
  inputSchema: text,
  annotations: { readOnlyHint: true },
}

/** A tool as they are found in the wild: some words, some arguments. */
const filler = (i) => ({
  name: `look_up_${i}`,
  title: `Look up number ${i}`,
  description: `Finds entries of kind ${i} by their text. Gives the newest first; use limit for fewer of them.`,
  inputSchema: {
    type: 'object',
    properties: {
      query: { type: 'string', description: 'Words that must occur' },
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
      since: { type: 'string', format: 'date-time', description: 'Nothing older than this' },
      kinds: { type: 'array', items: { type: 'string', enum: ['note', 'issue', 'page'] } },
    },
    required: ['query'],
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
})

/** @param {number} count how many tools it has, `echo` among them */
export function echoServer(count) {
  const tools = [echo, ...Array.from({ length: count - 1 }, (_, i) => filler(i + 1))]
  const server = new Server({ name: 'echo', version: '1.0.0' }, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => ({ tools }))
  server.setRequestHandler('tools/call', ({ params }) => ({
    content: [{ type: 'text', text: String(params.arguments?.text) }],
  }))
  return server
}
