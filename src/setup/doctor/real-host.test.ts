import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ConnectionRequest, Diagnosis, Grant } from '../../contract/models.ts'
import { createHost } from '../../host/create-host.ts'
import type { Host } from '../../host/host.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log.ts'
import { createRedactor } from '../../kernel/redact.ts'
import { createPublicFetch } from '../../tunnel/public-fetch.ts'
import { createDoctor, type Doctor } from './doctor.ts'

let dir: string
let host: Host
let doctor: Doctor
const outside = createPublicFetch()
let windowOpen = false

const ask = async <T>(name: string, input?: unknown): Promise<T> => {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw new Error(`${name}: ${JSON.stringify(reply.error)}`)
  return reply.value as T
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'drawbridge-doctor-'))
  const env = { ...process.env, DRAWBRIDGE_VAULT: 'file' }
  host = await createHost({ dataDir: dir, shell: 'headless', version: '0.0.0-test', env })
  const health = await fetch(new URL('/health', host.mcpUrl))
  doctor = createDoctor({
    clock: systemClock,
    log: silentLog,
    redactor: createRedactor(),
    fetch: outside.fetch as typeof fetch,
    address: () => ({ publicUrl: null, localUrl: host.mcpUrl }),
    instance: ((await health.json()) as { instance: string }).instance,
    windowOpen: () => windowOpen,
  })
})
afterAll(async () => {
  await host?.stop()
  await outside.close()
  rmSync(dir, { recursive: true, force: true })
})

const problems = ({ findings }: Diagnosis) =>
  findings.filter(({ state }) => state === 'failed' || state === 'warning')

it('finds a real Drawbridge in order, outside the time to connect and inside, and leaves nothing behind', async () => {
  const before = await ask<Grant[]>('grants.list')
  const closed = await doctor.run({ workspace: 'default' })
  expect(problems(closed)).toEqual([])
  expect(closed.ok).toBe(true)
  expect(closed.findings.length).toBeGreaterThan(25)
  expect(closed.findings.filter(({ state }) => state === 'skipped').map(({ id }) => id)).toEqual([
    'way',
    'sign-in',
  ])

  await ask('connect.open', { client: 'other' })
  windowOpen = true
  const open = await doctor.run({ workspace: 'default' })
  expect(problems(open)).toEqual([])
  expect(await ask<ConnectionRequest[]>('connections.list')).toEqual([])
  expect(await ask<Grant[]>('grants.list')).toEqual(before)
  // a client that registers dynamically still may: none of its places was taken
  const { registration_endpoint } = (await (
    await fetch(new URL('/.well-known/oauth-authorization-server', host.mcpUrl))
  ).json()) as { registration_endpoint: string }
  for (let round = 0; round < 20; round += 1) await doctor.run({ workspace: 'default' })
  const registered = await fetch(registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'App', redirect_uris: ['http://127.0.0.1:1/callback'] }),
  })
  expect(registered.status).toBe(201)
})

it('says that the bridge is raised', async () => {
  await ask('bridge.raise')
  const { findings, summary } = await doctor.run({ workspace: 'default' })
  expect(findings.find(({ id }) => id === 'ours')!.problem!.code).toBe('raised')
  expect(summary).toContain('Lower the bridge')
})
