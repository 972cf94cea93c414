/**
 * ChatGPT by each way to a public address, end to end on loopback: a whole host that chose the way, what stands on its other side as in
 * src/tunnel/providers/contract.test.ts (the real ssh, sshd and localtunnel server; stand-ins of the other programs and of the services),
 * and a strict OAuth client that gets to the public address and to nothing else. Its names are had as by everybody: https through a proxy
 * that leads them here, with a certificate, for the host's own look at its address too. Not here: OpenAI's tunnel, which has no address
 * (openai-tunnel.test.ts), and names in DNS.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProxyAgent } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { TunnelId } from '../src/contract/tunnel.ts'
import { makeCertificate, startProxy } from '../src/net/testing/fixture-proxy.ts'
import { type Edge, startEdge } from '../src/tunnel/testing/fixture-edge.ts'
import { installPrograms } from '../src/tunnel/testing/installed-programs.ts'
import { freePort, type Sshd, startSshd } from '../src/tunnel/testing/real-sshd.ts'
import { type Assistant, connectAssistant, type Registration } from './fixtures/assistant.ts'
import { browserByHand } from './fixtures/browser-by-hand.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'
import { type LocaltunnelServer, startLocaltunnelServer } from './fixtures/localtunnel.ts'

const names = {
  'cloudflare-quick': 'random.trycloudflare.example',
  ngrok: 'otter.ngrok.example',
  tailscale: 'mine.tail1234.ts.net',
  own: 'bridge.example',
}
const redirect = 'https://chatgpt.com/connector/oauth/cb_Q7f-3x'
const registrations: (Registration & { era: 'probe' | 'legacy' })[] = [
  {
    ...{ kind: 'metadata-document', redirect, era: 'probe' },
    clientId: 'https://chatgpt.com/oauth/cb_Q7f-3x/client.json',
  },
  { kind: 'dynamic', name: 'ChatGPT', redirect, era: 'legacy' },
]
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
const token = Buffer.from(
  JSON.stringify({ a: 'account-0001', t: 'tunnel-0001', s: 'secret-0001-secret' }),
).toString('base64')

const certificate = makeCertificate(...Object.values(names))
const front = createServer(certificate, (req, res) => edge.visit(req, res))
let proxy: Awaited<ReturnType<typeof startProxy>>
let outside: ProxyAgent
let sshd: Sshd
let service: LocaltunnelServer
let edge: Edge
let folder: string
let world: InProcess

beforeAll(async () => {
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  const { port } = front.address() as AddressInfo
  proxy = await startProxy(Object.fromEntries(Object.values(names).map((name) => [`${name}:443`, port])))
  outside = new ProxyAgent({ uri: proxy.url, requestTls: { ca: certificate.cert } })
  sshd = await startSshd()
  service = await startLocaltunnelServer()
}, 60_000)
afterAll(async () => {
  await service?.stop()
  await sshd?.close()
  await outside?.destroy()
  await proxy?.close()
  front.closeAllConnections()
  front.close()
  certificate.remove()
})
beforeEach(async () => {
  edge = await startEdge()
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-each-way-'))
  installPrograms(folder, edge.port)
  world = await startInProcess({
    ...{ notes: true, tunnelHost: service.host, dataDir: join(folder, 'data') },
    env: {
      ...process.env,
      ...{ DRAWBRIDGE_VAULT: 'file', SHELL: '', PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
      ...{ HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificate.file },
    },
  })
}, 60_000)
afterEach(async () => {
  await world?.stop()
  await edge.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
})

interface Way {
  id: TunnelId
  /** At the service; `here`: where an address of the user's has to lead. Returns what the host is told. */
  prepare(here: string): Promise<Record<string, string>> | Record<string, string>
  /** Where the address has no name that is known beforehand: by localtunnel. */
  origin?: string
  /** Besides the service before it, which is away in any case. */
  away?(): Promise<void> | void
  back?(): Promise<void>
  /** Nothing of it stands on this computer: the host hears of it at its next look. */
  isFar?: true
}

/** Its program ends, and the host has to start it again. */
const endProgram = () => {
  const lines = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).split('\n')
  const ours = lines.filter((line) => line.includes(join(folder, 'programs.mjs')))
  expect(ours).toHaveLength(1)
  for (const line of ours) process.kill(Number.parseInt(line, 10), 'SIGKILL')
}
const named = (name: string): Pick<Way, 'origin'> => ({ origin: `https://${name}` })
const ways: Way[] = [
  {
    // Its program comes back by itself; started again it would have another name (moved-address.test.ts).
    id: 'cloudflare-quick',
    ...named(names['cloudflare-quick']),
    prepare() {
      edge.name = () => names['cloudflare-quick']
      return {}
    },
  },
  {
    id: 'cloudflare',
    ...named(names.own),
    prepare(here) {
      edge.ingress = [{ hostname: names.own, service: here }, { service: 'http_status:404' }]
      return { token }
    },
    away: endProgram,
  },
  {
    id: 'ngrok',
    ...named(names.ngrok),
    prepare() {
      edge.name = () => names.ngrok
      return { authtoken: '2secretAuthtokenOfTheUser_1234567890' }
    },
    away: endProgram,
  },
  { id: 'tailscale', ...named(names.tailscale), prepare: () => ({}), away: endProgram },
  {
    id: 'ssh',
    ...named(names.own),
    async prepare() {
      const port = await freePort()
      edge.targets.set(names.own, `http://127.0.0.1:${port}`)
      return {
        ...{ address: `https://${names.own}`, port: String(port), keyFile: sshd.key },
        ...{ server: `${sshd.user}@127.0.0.1:${sshd.port}`, fingerprint: sshd.fingerprint() },
      }
    },
    away: () => sshd.stop(),
    back: () => sshd.start(),
  },
  {
    id: 'own-address',
    ...named(names.own),
    prepare(here) {
      edge.targets.set(names.own, here)
      return { address: `https://${names.own}` }
    },
    isFar: true,
  },
  {
    id: 'localtunnel',
    prepare: () => ({}),
    away: () => service.kill(),
    back: () => service.start(),
  },
]

const state = async () => (await world.ask('status.get')).bridge.state
const opened = async (): Promise<string> => {
  await expect.poll(state, { timeout: 40_000 }).toBe('open')
  return (await world.ask('status.get')).bridge.publicUrl!
}
/** From where an assistant is: there is nothing but the public address. */
const outsideOf =
  (url: string): typeof fetch =>
  (input, init) => {
    const asked = new URL(input instanceof Request ? input.url : input)
    if (asked.origin !== new URL(url).origin) throw new Error(`${asked.href} is not the public address`)
    const patient = { signal: AbortSignal.timeout(10_000), ...init }
    if (asked.protocol === 'http:') return service.fetch(input, patient)
    return fetch(input, { ...patient, dispatcher: outside } as RequestInit)
  }

it.each(ways)(
  '$id: ChatGPT signs in, calls tools, and goes on with the same token when the way was lost',
  async (way) => {
    const { leadsTo } = (await world.ask('tunnel.list')).find(({ id }) => id === way.id)!
    await world.ask('tunnel.use', { id: way.id, values: await way.prepare(leadsTo ?? '') })
    const url = await opened()
    expect(url).toBe(`${way.origin ?? new URL(url).origin}/mcp`)
    expect(url).not.toBe(world.host.mcpUrl)
    const fetch = outsideOf(url)
    const browse = () =>
      browserByHand(async (digits) => {
        const [request] = await world.ask('connections.list')
        expect(request).toMatchObject({ redirectHost: 'chatgpt.com', expected: true })
        await world.ask('connections.approve', { id: request!.id, digits, access: 'everything' })
      }, fetch)
    const assistants: Assistant[] = []
    for (const { era, ...registration } of registrations) {
      await world.ask('connect.open', { client: 'chatgpt', again: true })
      const assistant = await connectAssistant(url, registration, browse(), fetch)
      expect(assistant.issuer).toBe(new URL(url).origin)
      const client = await assistant.mcp(era)
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain('notes__read_notes')
      const { content } = await client.callTool({ name: 'notes__read_notes', arguments: {} })
      expect(content).toEqual([{ type: 'text', text: expect.stringContaining('first') }])
      await client.close()
      assistants.push(assistant)
    }
    const grants = (await world.ask('grants.list')).filter(({ kind }) => kind === 'client')
    expect(grants.map(({ lastOrigin }) => lastOrigin)).toEqual(grants.map(() => new URL(url).origin))
    const flow = await world.ask('connect.flow', { client: 'chatgpt' })
    expect(flow.steps.filter(({ state }) => state !== 'done')).toEqual([])
    const calls = await world.ask('activity.list', {})
    expect(calls.map(({ tool, outcome, grantId }) => [tool, outcome, grantId]).toSorted()).toEqual(
      grants.map(({ id }) => ['notes__read_notes', 'answered', id]).toSorted(),
    )

    const status = (one: Assistant) =>
      one.post(listTools).then(
        (answer) => answer.status,
        () => 0,
      )
    edge.isDown = true
    edge.drop()
    await way.away?.()
    for (const one of assistants) expect(await status(one)).not.toBe(200)
    if (!way.isFar) await expect.poll(state, { timeout: 20_000 }).not.toBe('open')
    edge.isDown = false
    await way.back?.()
    for (const one of assistants) await expect.poll(() => status(one), { timeout: 40_000 }).toBe(200)
    expect(await opened()).toBe(url)
  },
  120_000,
)
