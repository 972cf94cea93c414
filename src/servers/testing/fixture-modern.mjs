// A stdio server of the 2026-07-28 era, built with the SDK.
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'

serveStdio(
  () => {
    const server = new McpServer({ name: 'modern', version: '1' })
    server.registerTool('hello', { description: 'says hello' }, () => ({
      content: [{ type: 'text', text: 'hello' }],
    }))
    return server
  },
  { legacy: 'reject' },
)
