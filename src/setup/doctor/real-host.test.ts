import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type LocaltunnelServer, startLocaltunnelServer } from '../../../e2e/fixtures/localtunnel.ts'
import type { CallName, Input, Output } from '../../contract/api.ts'
import type { Diagnosis } from '../../contract/doctor.ts'
import { createHost } from '../../host/create-host.ts'
import type { Host } from '../../host/host.ts'

/** A whole host behind a real tunnel server, checked from outside in. */
let dir: string
let tunnel: LocaltunnelServer
let host: Host

const ask = async <K extends CallName>(name: K, input?: Input<K>): Promise<Output<K>> => {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw new Error(`${name}: ${JSON.stringify(reply.error)}`)
  return reply.value as Output<K>
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'drawbridge-doctor-'))
  tunnel = await startLocaltunnelServer()
  const env = { ...process.env, DRAWBRIDGE_VAULT: 'file' }
  host = await createHost({
    ...{ dataDir: dir, shell: 'headless', version: '0.0.0-test', env },
    tunnelHost: tunnel.host,
  })
  await ask('workspaces.create', { name: 'work', title: 'Work', sources: ['github'] })
})
afterAll(async () => {
  await host?.stop()
  await tunnel?.stop()
  rmSync(dir, { recursive: true, force: true })
})

const problems = ({ findings }: Diagnosis) =>
  findings.filter(({ state }) => state === 'failed' || state === 'warning')
const skipped = ({ findings }: Diagnosis) =>
  findings.filter(({ state }) => state === 'skipped').map(({ id }) => id)

/** Everything that is stored, except the settings in which a tunnel keeps its name. */
function stored(): Record<string, number> {
  const db = new DatabaseSync(join(dir, 'drawbridge.db'), { readOnly: true })
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[]
  const count = (table: string) => db.prepare(`SELECT count(*) AS n FROM "${table}"`).get() as { n: number }
  const counts = tables.filter(({ name }) => name !== 'settings').map(({ name }) => [name, count(name).n])
  db.close()
  return Object.fromEntries(counts)
}

it('says that only this computer was checked while there is no public address', async () => {
  const { ok, through, summary, findings } = await ask('doctor.run', {})
  expect({ ok, through }).toEqual({ ok: true, through: 'local' })
  expect(summary).toContain('internet was not checked')
  expect(findings[0]).toMatchObject({ id: 'way', state: 'skipped' })
  const reply = await host.dispatch('doctor.run', { through: 'public' })
  expect(reply).toMatchObject({ ok: false, error: { code: 'no-public-address' } })
})

it('finds every address in order, through the tunnel and here, and leaves nothing behind', async () => {
  await ask('bridge.lower')
  for (let tries = 0; tries < 200 && (await ask('status.get')).bridge.state !== 'open'; tries += 1)
    await sleep(50)
  const before = stored()
  expect(Object.keys(before).length).toBeGreaterThan(5)
  for (const workspace of ['default', 'work'])
    for (const through of ['public', 'local'] as const) {
      const diagnosis = await ask('doctor.run', { workspace, through })
      expect(problems(diagnosis), `${workspace} ${through}`).toEqual([])
      expect(diagnosis).toMatchObject({ ok: true, through })
      expect(diagnosis.url.endsWith(workspace === 'work' ? '/mcp/work' : '/mcp')).toBe(true)
      expect(skipped(diagnosis)).toEqual(through === 'public' ? ['sign-in'] : ['way', 'sign-in'])
      expect(diagnosis.findings.length).toBeGreaterThan(25)
    }
  await ask('connect.open', { client: 'chatgpt' })
  const flow = await ask('connect.flow', { client: 'chatgpt' })
  const open = await ask('doctor.run', {})
  expect(problems(open)).toEqual([])
  expect(open.findings.find(({ id }) => id === 'window')!.received).toContain('open right now')
  expect(await ask('connections.list')).toEqual([])
  expect(await ask('connect.flow', { client: 'chatgpt' }), 'no step was ticked').toEqual(flow)
  expect(stored()).toEqual(before)
})

it('uses up none of the registrations that strangers may make', async () => {
  await Promise.all(Array.from({ length: 25 }, () => ask('doctor.run', { through: 'local' })))
  const registered = await fetch(new URL('/oauth/register', host.mcpUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'App', redirect_uris: ['http://127.0.0.1:1/callback'] }),
  })
  expect(registered.status).toBe(201)
})

it('says that the bridge is raised', async () => {
  await ask('bridge.raise')
  const { findings, summary } = await ask('doctor.run', { through: 'local' })
  expect(findings.find(({ id }) => id === 'ours')!.problem!.code).toBe('raised')
  expect(summary).toContain('Lower the bridge')
  await ask('bridge.lower')
})

it('says that the tunnel is gone', async () => {
  await tunnel.kill()
  await expect.poll(async () => (await ask('status.get')).bridge.state, { timeout: 10_000 }).toBe('offline')
  const { ok, findings } = await ask('doctor.run', { through: 'public' })
  expect(ok).toBe(false)
  // What assistants met meanwhile is explained too.
  expect(findings.find(({ id }) => id === 'away')).toMatchObject({
    state: 'warning',
    received: expect.stringMatching(/^Offline since \d\d:\d\d\.$/),
    problem: { code: 'was-away', hint: expect.stringMatching(/ask it to try again/) },
  })
  expect(findings.at(-1)).toMatchObject({ id: 'reach', state: 'failed', problem: { code: 'refused' } })
})
