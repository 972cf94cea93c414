import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Servers } from '../registry/interface.ts'
import {
  callText,
  closeAll,
  fixture,
  full,
  type SetUp,
  server,
  setUp,
  sourceOf,
  stdio,
} from '../testing/setup.ts'

const day = 24 * 60 * 60_000

let at: SetUp
beforeEach(() => {
  at = setUp({ firstBackoff: 20 })
})
afterEach(closeAll)

describe('what was learnt', () => {
  it('is there in the next life of the host before the server is', async () => {
    const before = await at.servers.add(stdio('Full', [full]))
    expect(before.protocolSince).toBeTypeOf('number')
    await at.servers.stop()
    const next = at.create()
    expect(server(next, 'Full')).toMatchObject({
      state: 'stopped',
      tools: 12,
      resources: 4,
      prompts: 1,
      protocol: '2025-11-25',
      transport: 'stdio',
      protocolSince: before.protocolSince,
    })
    const source = sourceOf(next, 'full')
    expect(source.tools()).toHaveLength(12)
    expect(source.instructions()).toBe('Be kind.')
    expect(source.capabilities()).toMatchObject({ prompts: {} })
    // A call that comes while it starts waits for it.
    let changes = 0
    next.events.on('lists.changed', () => {
      changes += 1
    })
    const starting = next.startAll()
    expect(server(next, 'Full').state).toBe('starting')
    expect(await callText(next, 'full', 'pid')).toMatch(/^\d+$/)
    await starting
    // Nothing about it is new.
    expect(changes).toBe(0)
    await next.remove(before.id)
    expect(at.db.prepare('SELECT count(*) AS n FROM server_facts').get()).toEqual({ n: 0 })
  })

  it('about the older kind is believed for a day, then asked for again', async () => {
    const { protocolSince: first } = await at.servers.add(stdio('Touchy', [fixture, '--exit-on-discover']))
    const starts = (servers: Servers) =>
      server(servers, 'Touchy').log.filter((line) => line.startsWith('log line')).length
    await at.servers.stop()
    at.clock.skip(day - 60_000)
    const second = at.create()
    await second.startAll()
    expect(server(second, 'Touchy')).toMatchObject({ state: 'running', protocolSince: first })
    await second.stop()
    at.clock.skip(2 * 60_000)
    const third = at.create()
    await third.startAll()
    expect(server(third, 'Touchy').state).toBe('running')
    expect(server(third, 'Touchy').protocolSince).toBeGreaterThan(first! + day)
    expect([starts(second), starts(third)]).toEqual([1, 1])
  })
})
