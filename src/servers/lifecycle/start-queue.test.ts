import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeAll, exchange, fixture, type SetUp, setUp, sourceOf, stdio, until } from '../testing/setup.ts'

let at: SetUp
beforeEach(() => {
  at = setUp({ firstBackoff: 20 })
})
afterEach(closeAll)

describe('many servers', () => {
  it('are ready one after the other, in the order they were added', async () => {
    const names = Array.from({ length: 12 }, (_, number) => `s${number}`)
    for (const name of names) await at.servers.draft(stdio(name, [fixture]))
    at.db.exec("UPDATE servers SET wanted = 'running'")
    const next = at.create()
    const ready: string[] = []
    next.events.on('changed', () => {
      for (const { name, state } of next.list())
        if (state === 'running' && !ready.includes(name)) ready.push(name)
    })
    const all = next.startAll()
    await until(() => ready.length > 0, 20_000)
    expect(ready.length).toBeLessThan(12)
    expect(names.slice(0, 6)).toContain(ready[0])
    expect(await sourceOf(next, ready[0]!).call('pid', {}, exchange())).toBeTruthy()
    await all
    expect(ready).toHaveLength(12)
  })
})
