// `node stdio.mjs [TOOLS] [both]`: the echo server over stdio; in the era of 2025-11-25, as nearly all servers are, or in both.
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import { echoServer } from './echo-server.mjs'

const [tools = '1', eras] = process.argv.slice(2)
if (eras === 'both') serveStdio(() => echoServer(Number(tools)))
else await echoServer(Number(tools)).connect(new StdioServerTransport())
