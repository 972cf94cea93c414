import { join } from 'node:path'
import { openHttpClient, openModernClient } from '../clients/http-client.ts'
import { openStdioClient } from '../clients/stdio-client.ts'
import { bench, line, start, startHttpServer, stdioArgs } from './processes.ts'
import type { Prepare, Running } from './subject.ts'

const withoutKey = (url: string): Pick<Running, 'open' | 'openModern' | 'tool'> => {
  const endpoint = { url, headers: {} }
  return {
    open: (lanes) => openHttpClient(endpoint, lanes),
    openModern: (lanes) => openModernClient(endpoint, lanes),
    tool: () => 'echo',
  }
}

/** The server itself over HTTP, as the SDK serves it (`createMcpHandler` behind `toNodeHandler`): no gateway at all. */
export const prepareDirect: Prepare = async (upstreams, folder) => ({
  name: 'direct',
  async start() {
    const { child, url } = await startHttpServer(folder, upstreams.tools)
    return { child, ...withoutKey(url) }
  },
  async dispose() {},
})

/** A gateway that does nothing in front of the server over stdio. */
export const prepareBare: Prepare = async (upstreams, folder) => ({
  name: 'bare',
  async start() {
    const gateway = join(bench, 'subjects/bare-gateway.mjs')
    const child = start([gateway, process.execPath, ...stdioArgs(upstreams)], { cwd: folder })
    const url = await line(child, (text) => (text.startsWith('http://') ? text : null))
    return { child, ...withoutKey(url) }
  },
  async dispose() {},
})

/** The server itself over stdio: no HTTP either. */
export const prepareStdio: Prepare = async (upstreams, folder) => ({
  name: 'stdio',
  async start() {
    const child = start(stdioArgs(upstreams), {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    return { child, open: () => openStdioClient(child), tool: () => 'echo' }
  },
  async dispose() {},
})
