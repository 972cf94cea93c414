/**
 * A server that answers with what it got, after as many milliseconds as it is told, so that answers come in another order than
 * the questions did.
 *
 *   node echo-server.ts --stdio       the 2025 era, one connection for everybody
 *   node echo-server.ts --http        both eras, at the address it prints
 */
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import * as z from 'zod'

function createEcho(): McpServer {
  const server = new McpServer({ name: 'echo', version: '1.0.0' })
  server.registerTool(
    'echo',
    {
      description: 'Answers with what it got, later',
      inputSchema: z.object({ text: z.string(), wait: z.number() }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ text, wait }, ctx) => {
      const progressToken = ctx.mcpReq._meta?.progressToken
      if (progressToken !== undefined)
        await ctx.mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress: 1, total: 2, message: text },
        })
      await sleep(wait)
      return { content: [{ type: 'text', text }], structuredContent: { text } }
    },
  )
  return server
}

if (process.argv[2] === '--stdio') {
  await createEcho().connect(new StdioServerTransport())
} else {
  const node = toNodeHandler(createMcpHandler(createEcho))
  const server = createServer((request, response) => void node(request, response))
  server.listen(0, '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${(server.address() as { port: number }).port}/mcp`)
  })
}
