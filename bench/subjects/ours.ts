import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { nodeFlags } from '../../scripts/node-flags.mjs'
import { createHostClient } from '../../src/cli/host-client.ts'
import { openHttpClient, openModernClient } from '../clients/http-client.ts'
import { line, root, start, stdioArgs, stop } from './processes.ts'
import type { Prepare, Upstreams } from './subject.ts'

const built = join(root, 'out/main/drawbridge.js')

/**
 * Drawbridge as it is built and started for users, in a process of its own: the headless shell, a named key that may do everything,
 * policy, validation and the log on disk as always. Only the limit of requests a minute is off.
 */
export const prepareOurs =
  (entry = built, nodeOptions: readonly string[] = nodeFlags): Prepare =>
  async (upstreams, folder) => {
    const dataDir = join(folder, 'data')
    mkdirSync(dataDir, { recursive: true })
    const serve = async () => {
      const child = start(
        [...nodeOptions, entry, 'serve', '--json', '--no-open', '--data', dataDir],
        // nobody listens there: no tunnel
        { cwd: folder, env: { DRAWBRIDGE_TUNNEL_HOST: 'http://127.0.0.1:9' } },
      )
      const ready = await line(child, (text) => (text.startsWith('{') ? text : null))
      return { child, url: (JSON.parse(ready) as { mcp: string }).mcp }
    }
    const first = await serve()
    const token = await configure(dataDir, upstreams)
    await stop(first.child)

    return {
      name: 'ours',
      async start() {
        const { child, url } = await serve()
        const endpoint = { url, headers: { authorization: `Bearer ${token}` } }
        return {
          child,
          open: (lanes) => openHttpClient(endpoint, lanes),
          openModern: (lanes) => openModernClient(endpoint, lanes),
          tool: (n) => `s${n}__echo`,
        }
      },
      dispose: async () => rmSync(folder, { recursive: true, force: true }),
    }
  }

/** What a person would do in the app: add the servers, make a key. Gives the key. */
async function configure(dataDir: string, upstreams: Upstreams): Promise<string> {
  const { kind, count, url } = upstreams
  const host = createHostClient(dataDir)
  const preferences = await host.call('preferences.get', undefined)
  await host.call('preferences.set', { ...preferences, requestsPerMinute: null })
  for (let n = 0; n < count; n++) {
    const name = `s${n}`
    if (kind === 'http') await host.call('servers.add', { kind, name, url: url!, headers: {} } as never)
    else
      await host.call('servers.add', {
        ...{ kind, name, command: process.execPath, args: stdioArgs(upstreams), env: {} },
      } as never)
  }
  const until = Date.now() + 60_000
  while ((await host.call('servers.list', undefined)).some((server) => server.state !== 'running')) {
    if (Date.now() > until) throw new Error('the servers did not start')
    await delay(200)
  }
  const { token } = await host.call('keys.create', {
    ...{ name: 'bench', access: 'everything', workspace: 'default', tools: null, expiresAt: null },
  })
  return token
}
