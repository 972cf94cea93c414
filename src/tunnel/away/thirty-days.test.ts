/**
 * Thirty days of a notebook that is carried about, for every provider whose name stays: twenty things happen to each in six of them, and a
 * hundred in all thirty with DRAWBRIDGE_THIRTY_DAYS=1. The clock and the
 * way to the service are played (fixture-world.ts), the supervisor and what each provider says of itself are real. That the same grant goes
 * on working meanwhile is `e2e/thirty-days.test.ts`.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tunnelProviders } from '../providers/list.ts'
import { FixtureWorld, virtualTimeouts } from '../testing/fixture-world.ts'

const happenings = process.env.DRAWBRIDGE_THIRTY_DAYS === '1' ? 100 : 20
const apart = (30 * 24 * 3_600_000) / 100
/** Promised: how long after the network is back, or this computer woke, nobody gets through. Milliseconds. */
const [outage, afterWaking] = [20_000, 5_000]
/** Until it is worth no time to look again. */
const watched = 60_000

let world: FixtureWorld
beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 10, 1).getTime() })
  virtualTimeouts()
})
afterEach(async () => {
  const stopped = world.stop()
  await vi.advanceTimersByTimeAsync(30_000)
  await stopped
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** How long it took until a call was answered again. */
async function untilAnswered(): Promise<number> {
  for (let waited = 0; waited <= watched; waited += 250) {
    if (world.answers() && world.tunnel!.state().kind === 'ready') return waited
    await vi.advanceTimersByTimeAsync(250)
  }
  return Number.POSITIVE_INFINITY
}

const happens: Record<string, () => Promise<void>> = {
  async restart() {
    const stopped = world.stop()
    await vi.advanceTimersByTimeAsync(1_000)
    await stopped
    world.start()
  },
  async crash() {
    const stopped = world.crash()
    await vi.advanceTimersByTimeAsync(1_000)
    await stopped
    world.start()
  },
  async sleep() {
    world.sleep(6 * 3_600_000)
  },
  async 'network change'() {
    world.networkGoes()
    await vi.advanceTimersByTimeAsync(7_000)
    world.networkComes()
  },
  async 'DNS change'() {
    world.isNamed = false
    await vi.advanceTimersByTimeAsync(40_000)
    world.isNamed = true
  },
  async outage() {
    world.serviceGoes()
    await vi.advanceTimersByTimeAsync(11 * 60_000)
    world.isServed = true
  },
  async 'sleep into another network'() {
    world.sleep(2 * 3_600_000)
    world.networkGoes()
    await vi.advanceTimersByTimeAsync(5_000)
    world.networkComes()
  },
}

const stable = tunnelProviders.filter(({ naming }) => naming !== 'random')

describe.each(stable.map((provider) => [provider.id, provider] as const))('%s', (id, provider) => {
  it(`is back by itself, at the same address, whatever happens (${happenings} times)`, async () => {
    world = new FixtureWorld(provider)
    world.start()
    world.tunnel!.want()
    expect(await untilAnswered()).toBeLessThan(10_000)
    const origin = world.tunnel!.state().origin
    const kinds = Object.keys(happens)
    const worst: Record<string, number> = {}
    for (let time = 0; time < happenings; time += 1) {
      const begun = world.now()
      const kind = kinds[time % kinds.length]!
      await happens[kind]!()
      const waited = await untilAnswered()
      worst[kind] = Math.max(worst[kind] ?? 0, waited)
      expect(waited, `${id}: ${kind}`).toBeLessThanOrEqual(kind === 'sleep' ? afterWaking : outage)
      expect(world.tunnel!.state().origin).toBe(origin)
      // What is left of the time until the next: some of it in use, most of it asleep.
      await vi.advanceTimersByTimeAsync(60_000)
      world.sleep(begun + apart - world.now())
      expect(await untilAnswered(), `${id}: woke`).toBeLessThanOrEqual(afterWaking)
    }
    expect(new Set(world.states.flatMap((state) => state.origin ?? [])), 'one address').toEqual(
      new Set([origin]),
    )
    const days = (world.now() / 86_400_000).toFixed(1)
    console.log(
      `${id}: ${days} days, ${happenings} happenings, ${world.opened} openings, longest wait in ms: ${JSON.stringify(worst)}`,
    )
  }, 600_000)
})
