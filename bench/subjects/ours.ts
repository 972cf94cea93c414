import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { nodeFlags } from '../../scripts/node-flags.mjs'
import { createHostClient } from '../../src/cli/host-client.ts'
import { openHttpClient, openModernClient } from '../clients/http-client.ts'
import { line, root, start, stdioArgs, stop } from './processes.ts'
import type { Prepare, Running, Upstreams } from './subject.ts'

const built = join(root, 'out/main/drawbridge.js')
const patience = 60_000

export interface OursOptions {
  /** Another build. */
  entry?: string | undefined
  nodeOptions?: readonly string[] | undefined
  /** Whether the (first) tool counts as one that changes something: then nothing but the remembered answer allows its calls. */
  changes?: boolean
}

/**
 * Drawbridge as it is built and started for users, in a process of its own: the headless shell, a named key that is asked about
 * changes, an answer of the owner remembered for the (first) tool, policy, validation and the log on disk as always. Only the limit of
 * requests a minute is off.
 */
export const prepareOurs =
  ({ entry = built, nodeOptions = nodeFlags, changes = false }: OursOptions = {}): Prepare =>
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
    const tool: Running['tool'] = (n) => `s${n}__echo`
    const first = await serve()
    const token = await configure(dataDir, upstreams)
    const endpointAt = (url: string) => ({ url, headers: { authorization: `Bearer ${token}` } })
    await rememberAnswer(dataDir, endpointAt(first.url), tool(0), changes)
    await stop(first.child)

    return {
      name: changes ? 'ours-by-rule' : 'ours',
      async start() {
        const { child, url } = await serve()
        const endpoint = endpointAt(url)
        return {
          child,
          open: (lanes) => openHttpClient(endpoint, lanes),
          openModern: (lanes) => openModernClient(endpoint, lanes),
          tool,
        }
      },
      dispose: async () => rmSync(folder, { recursive: true, force: true }),
    }
  }

/** What a person would do in the app: add the servers, make a key. Gives the key. */
async function configure(dataDir: string, { kind, count, url, ...of }: Upstreams): Promise<string> {
  const host = createHostClient(dataDir)
  const preferences = await host.call('preferences.get', undefined)
  await host.call('preferences.set', { ...preferences, requestsPerMinute: null })
  for (let n = 0; n < count; n++) {
    const name = `s${n}`
    if (kind === 'http') await host.call('servers.add', { kind, name, url: url!, headers: {} } as never)
    else
      await host.call('servers.add', {
        ...{ kind, name, command: process.execPath, args: stdioArgs(of), env: {} },
      } as never)
  }
  const areRunning = async () =>
    (await host.call('servers.list', undefined)).every((server) => server.state === 'running')
  await until(areRunning, 'the servers did not start')
  const { token } = await host.call('keys.create', {
    ...{ name: 'bench', access: 'ask', workspace: 'default', tools: null, expiresAt: null },
  })
  return token
}

/** Takes a tool for one that changes something, calls it, and answers the question with "Always for this tool and assistant". */
async function rememberAnswer(
  dataDir: string,
  endpoint: Parameters<typeof openHttpClient>[0],
  name: string,
  changes: boolean,
): Promise<void> {
  const host = createHostClient(dataDir)
  const tool = (await host.call('tools.list', undefined)).find((one) => one.name === name)
  if (tool === undefined) throw new Error(`there is no tool ${name}`)
  await host.call('tools.set', { id: tool.id, risk: 'write' })
  const client = await openHttpClient(endpoint, 1)
  const called = client.request(0, 'tools/call', { name, arguments: { text: 'a question' } })
  called.catch(() => {})
  const waiting = () => host.call('approvals.list', undefined)
  await until(async () => (await waiting()).length > 0, 'nobody was asked')
  const { id } = (await waiting())[0]!
  const { seen } = await host.call('approvals.get', { id })
  await host.call('approvals.decide', { id, decision: 'tool', seen })
  await called
  await client.close()
  if (!changes) await host.call('tools.set', { id: tool.id, risk: null })
}

async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  const end = Date.now() + patience
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(otherwise)
    await delay(200)
  }
}
