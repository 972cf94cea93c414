import { openHttpClient, openModernClient } from '../clients/http-client.ts'
import { openStdioClient } from '../clients/stdio-client.ts'
import { start, startHttpServer, stdioArgs } from './processes.ts'
import type { Prepare } from './subject.ts'

/** The server itself over HTTP, as the SDK serves it (`createMcpHandler` behind `toNodeHandler`): no gateway at all. */
export const prepareDirect: Prepare = async (upstreams, folder) => ({
  name: 'direct',
  async start() {
    const { child, url } = await startHttpServer(folder, upstreams.tools)
    const endpoint = { url, headers: {} }
    return {
      child,
      open: (lanes) => openHttpClient(endpoint, lanes),
      openModern: (lanes) => openModernClient(endpoint, lanes),
      tool: () => 'echo',
    }
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
