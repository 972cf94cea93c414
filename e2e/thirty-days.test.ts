/**
 * The same grant goes on working over thirty days of restarts, lost connections and outages, without anybody's doing: a real host on a
 * clock that is moved on, a real tunnel server, and an independent OAuth client. Six things happen in the usual run, a hundred with
 * DRAWBRIDGE_THIRTY_DAYS=1. How soon each provider is back is src/tunnel/away/thirty-days.test.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { CallName, Input, Output } from '../src/contract/api.ts'
import { createHost } from '../src/host/create-host.ts'
import type { Host } from '../src/host/host.ts'
import { type Assistant, connectAssistant } from './fixtures/assistant.ts'
import { browserByHand } from './fixtures/browser-by-hand.ts'
import { type LocaltunnelServer, startLocaltunnelServer } from './fixtures/localtunnel.ts'

const happenings = process.env.DRAWBRIDGE_THIRTY_DAYS === '1' ? 100 : 6
const apart = (30 * 24 * 3_600_000) / 100
const outage = 20_000
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }

let folder: string
let service: LocaltunnelServer
let host: Host
let told: { suspend(): void; resume(): void }
let ahead = 0

async function ask<K extends CallName>(name: K, input?: Input<K>): Promise<Output<K>> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw new Error(`${name}: ${JSON.stringify(reply.error)}`)
  return reply.value as Output<K>
}

async function start(): Promise<void> {
  host = await createHost({
    ...{ dataDir: folder, shell: 'headless', version: '0.0.0-test', tunnelHost: service.host },
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
    power: {
      listen(listener) {
        told = listener
        return () => {}
      },
      keepAwake: () => false,
    },
  })
}

// Of everybody in this process: the host, its authorization server, and the client.
const { now } = Date
beforeAll(async () => {
  vi.spyOn(Date, 'now').mockImplementation(() => now.call(Date) + ahead)
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-thirty-days-'))
  service = await startLocaltunnelServer()
  await start()
}, 60_000)
afterAll(async () => {
  await host?.stop()
  await service?.stop()
  rmSync(folder, { recursive: true, force: true })
  vi.restoreAllMocks()
})

async function open(): Promise<string> {
  for (let tries = 0; tries < 600; tries += 1) {
    const { bridge } = await ask('status.get')
    if (bridge.state === 'open') return bridge.publicUrl!
    await sleep(50)
  }
  throw new Error('the bridge never opened')
}

const happens: Record<string, () => Promise<void>> = {
  async restart() {
    await host.stop()
    await start()
  },
  async 'broken connections'() {
    service.drop()
  },
  async sleep() {
    told.suspend()
    service.drop()
    ahead += 3_600_000
    told.resume()
  },
  async outage() {
    await service.kill()
    await sleep(500)
    // A busy machine may need a second try.
    await service.start().catch(() => service.start())
  },
}

/** No assistant waits for ever. */
const impatient: typeof fetch = (url, init) =>
  service.fetch(url, { signal: AbortSignal.timeout(3_000), ...init })

/** As an assistant does: with its token, and with the refresh token once that is too old. */
async function call(assistant: Assistant): Promise<number> {
  const answer = await assistant.post(listTools).catch(() => null)
  if (answer?.status !== 401) return answer?.status ?? 0
  try {
    await assistant.refresh()
    return (await assistant.post(listTools)).status
  } catch {
    return 0
  }
}

it(
  'nobody has to do anything, and no assistant signs in again',
  async () => {
    await ask('connect.open', { client: 'claude' })
    const url = await open()
    const browse = browserByHand(async (digits) => {
      const [request] = await ask('connections.list')
      await ask('connections.approve', { id: request!.id, digits, access: 'look' })
    }, service.fetch)
    const registration = {
      kind: 'dynamic',
      name: 'Claude',
      redirect: 'https://claude.ai/api/mcp/auth_callback',
    } as const
    const assistant = await connectAssistant(url, registration, browse, impatient)
    expect(await call(assistant)).toBe(200)
    const [grant] = await ask('grants.list')
    const kinds = Object.keys(happens)
    const worst: Record<string, number> = {}
    for (let time = 0; time < happenings; time += 1) {
      ahead += apart
      const kind = kinds[time % kinds.length]!
      await happens[kind]!()
      const from = performance.now()
      let status = 0
      while (status !== 200 && performance.now() - from < outage) {
        status = await call(assistant)
        if (status !== 200) await sleep(50)
      }
      worst[kind] = Math.max(worst[kind] ?? 0, Math.round(performance.now() - from))
      expect(status, `${time}: ${kind}`).toBe(200)
      expect(await open()).toBe(url)
    }
    const grants = await ask('grants.list')
    expect(grants.map(({ id }) => id)).toEqual([grant!.id])
    expect(await ask('connections.list')).toEqual([])
    console.log(
      `${happenings} happenings, ${(ahead / 86_400_000).toFixed(1)} days, longest wait in ms: ${JSON.stringify(worst)}`,
    )
  },
  happenings * 30_000,
)
