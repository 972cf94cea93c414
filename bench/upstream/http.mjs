// `node http.mjs [TOOLS]`: the echo server over HTTP, as the SDK serves it. Prints its address.
import { createServer } from 'node:http'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { echoServer } from './echo-server.mjs'

const handler = toNodeHandler(createMcpHandler(() => echoServer(Number(process.argv[2] ?? 1))))
const server = createServer((req, res) => void handler(req, res))
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/mcp`))
