// `node stdio.mjs [TOOLS]`: the echo server over stdio.
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { echoServer } from './echo-server.mjs'

serveStdio(() => echoServer(Number(process.argv[2] ?? 1)))
