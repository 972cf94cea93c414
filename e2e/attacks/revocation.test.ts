import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Grant } from '../../src/contract/access.ts'
import type { Assistant } from '../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { calling, listenHeaders, listening, streamOf } from './open-streams.ts'
import { pinnedClient, refreshRaw, sendRaw, statusOf } from './raw-requests.ts'

/** What revoking and raising promise: refused within a second, streams gone within two, nothing left to approve. */
const withinMs = 1_000
const streamsWithinMs = 2_000
const clients = 50
const keys = 50

let under: InProcess
beforeAll(async () => {
  under = await startInProcess()
  await under.ask('servers.add', {
    kind: 'stdio',
    name: 'Slow',
    command: process.execPath,
    args: [join(import.meta.dirname, '../../src/servers/testing/fixture-server.mjs')],
  })
  while (!(await under.ask('tools.list')).some((tool) => tool.name === 'slow__sleep'))
    await new Promise((done) => setTimeout(done, 50))
}, 30_000)
afterAll(() => under?.stop())

const grantNamed = async (name: string): Promise<Grant> =>
  (await under.ask('grants.list')).find((grant) => grant.name === name)!
const revoke = (grant: Grant) => under.ask('grants.revoke', { id: grant.id })

const openStream = (token: string, body: object, headers?: Record<string, string>) =>
  streamOf(under, token, body, headers)

interface Held {
  name: string
  token: string
  assistant?: Assistant
}

describe('revoking', () => {
  it(`refuses ${clients} clients and ${keys} keys within a second`, { timeout: 90_000 }, async () => {
    const held: Held[] = []
    for (let n = 0; n < clients; n += 1) {
      const before = new Set((await under.ask('grants.list')).map((grant) => grant.id))
      const assistant = await under.connect(pinnedClient(`revoke${n}`))
      const added = (await under.ask('grants.list')).find((grant) => !before.has(grant.id))!
      held.push({ name: added.name, token: assistant.tokens.access, assistant })
    }
    for (let n = 0; n < keys; n += 1) {
      const name = `Key ${n}`
      const { token } = await under.ask('keys.create', { name, access: 'everything' })
      held.push({ name, token })
    }
    const took: number[] = []
    for (const { name, token, assistant } of held) {
      const grant = await grantNamed(name)
      expect(await statusOf(under, token), `${name} is good before`).toBe(200)
      const began = performance.now()
      const revoked = revoke(grant)
      // asked without waiting for the revocation to be confirmed
      while ((await statusOf(under, token)) !== 401) expect(performance.now() - began).toBeLessThan(withinMs)
      took.push(performance.now() - began)
      await revoked
      expect(await statusOf(under, token), `${name} stays refused`).toBe(401)
      if (assistant)
        expect(await refreshRaw(under, assistant.clientId, assistant.tokens.refresh)).toMatchObject({
          status: 400,
          error: 'invalid_grant',
        })
    }
    console.log(
      `revoked ${took.length}: refused after ${Math.max(...took).toFixed(1)} ms at most, ${(took.reduce((a, b) => a + b, 0) / took.length).toFixed(1)} ms on average`,
    )
    expect(took).toHaveLength(clients + keys)
    expect(Math.max(...took)).toBeLessThan(withinMs)
  })

  it('ends open streams within two seconds, and leaves those of others alone', {
    timeout: 60_000,
  }, async () => {
    const took: number[] = []
    const bystander = await under.connect(pinnedClient('bystander'))
    const others = [
      await openStream(bystander.tokens.access, listening, listenHeaders),
      await openStream(bystander.tokens.access, calling('slow__sleep', { ms: 40_000 }, true)),
    ]
    for (let round = 0; round < 10; round += 1) {
      const before = new Set((await under.ask('grants.list')).map((grant) => grant.id))
      const assistant = await under.connect(pinnedClient(`stream${round}`))
      const grant = (await under.ask('grants.list')).find((one) => !before.has(one.id))!
      const token = assistant.tokens.access
      const streams = [
        await openStream(token, listening, listenHeaders),
        await openStream(token, calling('slow__sleep', { ms: 40_000 }, true)),
        await openStream(token, calling('slow__sleep', { ms: 40_000 }, false)),
      ]
      await expect.poll(() => streams[0]!.read(), { timeout: 5_000 }).toContain('200 text/event-stream')
      // A call says nothing before it has something to say: the two are given time to arrive.
      await new Promise((done) => setTimeout(done, 100))
      expect(streams.map((stream) => stream.isOpen())).toEqual([true, true, true])
      const began = performance.now()
      await revoke(grant)
      for (const stream of streams) took.push((await stream.ended) - began)
    }
    console.log(
      `ended ${took.length} streams: after ${Math.max(...took).toFixed(1)} ms at most (revoking itself included)`,
    )
    expect(Math.max(...took)).toBeLessThan(streamsWithinMs)
    expect(others.map((stream) => stream.isOpen())).toEqual([true, true])
    for (const grant of await under.ask('grants.list')) await revoke(grant)
    await Promise.all(others.map((stream) => stream.ended))
  })

  it('denies what waits for the owner, for this grant only', { timeout: 30_000 }, async () => {
    const asking = await under.ask('keys.create', {
      name: 'Asking',
      access: 'ask',
    })
    const patient = await under.ask('keys.create', {
      name: 'Patient',
      access: 'ask',
    })
    const calls = [
      await openStream(asking.token, calling('slow__pid', { n: 1 }, false)),
      await openStream(asking.token, calling('slow__pid', { n: 2 }, true)),
    ]
    const other = await openStream(patient.token, calling('slow__pid', { n: 3 }, false))
    const waiting = () => under.ask('approvals.list')
    await expect.poll(async () => (await waiting()).length, { timeout: 5_000 }).toBe(3)
    const [first] = (await waiting()).filter((one) => one.grantId === asking.grant.id)
    const { id, seen } = await under.ask('approvals.get', { id: first!.id })
    const began = performance.now()
    await revoke(asking.grant)
    for (const call of calls) expect((await call.ended) - began).toBeLessThan(streamsWithinMs)
    for (const call of calls) expect(call.read()).not.toContain('"text"')
    expect((await waiting()).map((one) => one.grantId)).toEqual([patient.grant.id])
    // a click that comes too late does nothing
    expect(await under.host.dispatch('approvals.decide', { id, decision: 'once', seen })).toMatchObject({
      error: { code: 'approval-gone' },
    })
    expect(other.isOpen()).toBe(true)
    await revoke(patient.grant)
    await other.ended
  })
})

describe('raising', () => {
  it('turns everybody away at once; lowering lets them back without asking', {
    timeout: 60_000,
  }, async () => {
    const assistant = await under.connect(pinnedClient('raised'))
    const key = await under.ask('keys.create', {
      name: 'Raised key',
      access: 'ask',
    })
    const tookRefuse: number[] = []
    const tookStreams: number[] = []
    for (let round = 0; round < 10; round += 1) {
      await assistant.refresh()
      const token = assistant.tokens.access
      expect([await statusOf(under, token), await statusOf(under, key.token)]).toEqual([200, 200])
      const streams = [
        await openStream(token, listening, listenHeaders),
        await openStream(token, calling('slow__sleep', { ms: 40_000 }, true)),
        await openStream(key.token, calling('slow__pid', { round }, false)),
      ]
      await expect.poll(() => streams[0]!.read(), { timeout: 5_000 }).toContain('200 text/event-stream')
      await expect.poll(async () => (await under.ask('approvals.list')).length).toBe(1)
      const began = performance.now()
      const raised = under.ask('bridge.raise')
      while ((await statusOf(under, token)) === 200) expect(performance.now() - began).toBeLessThan(withinMs)
      tookRefuse.push(performance.now() - began)
      await raised
      for (const stream of streams) tookStreams.push((await stream.ended) - began)
      expect(await statusOf(under, key.token)).toBe(503)
      expect(await statusOf(under, token)).toBe(503)
      expect(await under.ask('approvals.list')).toEqual([])
      expect((await sendRaw(under, { path: '/.well-known/oauth-protected-resource/mcp' })).status).toBe(503)
      await under.ask('bridge.lower')
      // nothing died of it: who refreshes by the clock would have nothing else
      expect(await statusOf(under, token)).toBe(200)
      expect(await statusOf(under, key.token)).toBe(200)
    }
    await assistant.refresh()
    expect(await statusOf(under, assistant.tokens.access)).toBe(200)
    console.log(
      `raised 10 times: refused after ${Math.max(...tookRefuse).toFixed(1)} ms, streams ended after ${Math.max(...tookStreams).toFixed(1)} ms at most`,
    )
    expect(Math.max(...tookRefuse)).toBeLessThan(withinMs)
    expect(Math.max(...tookStreams)).toBeLessThan(streamsWithinMs)
  })
})
