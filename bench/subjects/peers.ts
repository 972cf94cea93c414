// The other gateways, started the way their own documentation says.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openHttpClient } from '../clients/http-client.ts'
import { openSseClient } from '../clients/sse-client.ts'
import { bench, freePort, start, stdioArgs } from './processes.ts'
import type { Prepare } from './subject.ts'

const installed = (path: string) => join(bench, 'node_modules', path)

/** Many servers as one; clients reach it by HTTP with server-sent events, the only way it has. */
export const prepareMcpHub: Prepare = async (upstreams, folder) => {
  const port = await freePort()
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'servers.json')
  const server =
    upstreams.kind === 'http'
      ? { url: upstreams.url }
      : { command: process.execPath, args: stdioArgs(upstreams) }
  const mcpServers = Object.fromEntries(Array.from({ length: upstreams.count }, (_, n) => [`s${n}`, server]))
  writeFileSync(config, JSON.stringify({ mcpServers }))
  return {
    name: 'mcp-hub',
    async start() {
      const child = start([installed('mcp-hub/dist/cli.js'), '--port', String(port), '--config', config], {
        cwd: folder,
      })
      child.stdout!.resume()
      const endpoint = { url: `http://127.0.0.1:${port}/mcp`, headers: {} }
      return { child, open: (lanes) => openSseClient(endpoint, lanes), tool: (n) => `s${n}__echo` }
    },
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** One stdio server behind Streamable HTTP. */
export const prepareMcpProxy: Prepare = async (upstreams, folder) => {
  const port = await freePort()
  return {
    name: 'mcp-proxy',
    async start() {
      const own = ['--host', '127.0.0.1', '--port', String(port), '--server', 'stream']
      const child = start(
        [
          installed('mcp-proxy/dist/bin/mcp-proxy.mjs'),
          ...own,
          '--',
          process.execPath,
          ...stdioArgs(upstreams),
        ],
        { cwd: folder },
      )
      child.stdout!.resume()
      const endpoint = { url: `http://127.0.0.1:${port}/mcp`, headers: {} }
      return { child, open: (lanes) => openHttpClient(endpoint, lanes), tool: () => 'echo' }
    },
    async dispose() {},
  }
}

/** One stdio server behind Streamable HTTP; with sessions, because without them it starts a server for every request. */
export const prepareSupergateway: Prepare = async (upstreams, folder) => {
  const port = await freePort()
  return {
    name: 'supergateway',
    async start() {
      const command = [process.execPath, ...stdioArgs(upstreams)].join(' ')
      const out = ['--outputTransport', 'streamableHttp', '--stateful', '--logLevel', 'none']
      const child = start(
        [installed('supergateway/dist/index.js'), '--stdio', command, ...out, '--port', String(port)],
        { cwd: folder },
      )
      child.stdout!.resume()
      const endpoint = { url: `http://127.0.0.1:${port}/mcp`, headers: {} }
      return { child, open: (lanes) => openHttpClient(endpoint, lanes), tool: () => 'echo' }
    },
    async dispose() {},
  }
}
