import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { awaySentence } from '../../contract/agreed/words/away.ts'
import { Emitter } from '../../kernel/emitter.ts'
import { silentLog } from '../../kernel/log/log.ts'
import type { TunnelState } from '../tunnel.ts'
import { type PowerEvents, Presence } from './presence.ts'

const start = new Date(2026, 10, 28, 10, 0).getTime()
const minutes = 60_000
let values: Map<string, unknown>
let kind: TunnelState['kind']
let addresses: string[]
/** What is left out of the timers' time: they stand still in sleep. */
let slept: number
let renewed: number[]
let back: number
let held: boolean[]
let canHold: boolean
let chosen: boolean
let open: Presence[]

const clock = { now: () => Date.now() }
const settings = {
  get: (name: string) => values.get(name),
  set: (name: string, value: unknown) => void values.set(name, structuredClone(value)),
  delete: (name: string) => void values.delete(name),
} as never
const changes = new Emitter<{ changed: TunnelState }>()
const tunnelIs = (next: TunnelState['kind']) => {
  kind = next
  changes.emit('changed', { kind } as TunnelState)
}

function begin(power?: PowerEvents): Presence {
  const presence = new Presence({
    ...{ settings, clock, log: silentLog, power },
    tunnel: {
      state: () => ({ kind }) as TunnelState,
      renew: () => void renewed.push(clock.now() - start),
      events: changes,
    },
    keepAwake: async (on) => {
      held.push(on)
      return on && canHold
    },
    wantsAwake: () => chosen,
    onBack: () => (back += 1),
    uptime: () => performance.now() + slept,
    addresses: () => addresses,
  })
  open.push(presence)
  return presence
}

/** Timers stand still, the clock and what counts since the start go on. */
function sleep(ms: number): void {
  slept += ms
  vi.setSystemTime(Date.now() + ms)
}

beforeEach(() => {
  vi.useFakeTimers({ now: start })
  values = new Map()
  kind = 'ready'
  addresses = ['192.0.2.7']
  slept = 0
  renewed = []
  back = 0
  held = []
  canHold = true
  chosen = false
  open = []
})
afterEach(async () => {
  for (const presence of open) await presence.stop()
  vi.useRealTimers()
})

const words = (presence: Presence) => presence.away().map((spell) => awaySentence(spell, Date.now()))

describe('sleep', () => {
  it('is seen by the clock that goes on in it, and the tunnel is renewed within two seconds of waking', async () => {
    const presence = begin()
    await vi.advanceTimersByTimeAsync(2 * minutes)
    sleep(98 * minutes)
    const woke = clock.now() - start
    await vi.advanceTimersByTimeAsync(2_000)
    expect(renewed).toHaveLength(1)
    expect(renewed[0]! - woke).toBeLessThanOrEqual(2_000)
    expect(back, 'servers that wait try again').toBe(1)
    expect(words(presence)).toEqual(['Asleep 10:02–11:40.'])
  })

  it('is none when somebody sets the clock', async () => {
    const presence = begin()
    await vi.advanceTimersByTimeAsync(minutes)
    vi.setSystemTime(Date.now() + 120 * minutes)
    await vi.advanceTimersByTimeAsync(minutes)
    expect(renewed).toEqual([])
    expect(presence.away()).toEqual([])
  })

  it('that the system announces is one with what the clock saw, and is said while it lasts', async () => {
    let told: Parameters<PowerEvents['listen']>[0]
    const presence = begin({
      listen(listener) {
        told = listener
        return () => {}
      },
    })
    await vi.advanceTimersByTimeAsync(2 * minutes)
    told!.suspend()
    expect(words(presence)).toEqual(['Asleep since 10:02.'])
    sleep(98 * minutes)
    await vi.advanceTimersByTimeAsync(2_000)
    told!.resume()
    expect(words(presence)).toEqual(['Asleep 10:02–11:40.'])
    expect(renewed.length).toBeGreaterThan(0)
  })

  it('in which this computer lost its power ends when Drawbridge is started again', async () => {
    let told: Parameters<PowerEvents['listen']>[0]
    const before = begin({
      listen(listener) {
        told = listener
        return () => {}
      },
    })
    told!.suspend()
    await before.stop()
    sleep(30 * minutes)
    expect(words(begin())).toEqual(['Asleep 10:00–10:30.'])
  })

  it('says nothing where no address was wanted', async () => {
    kind = 'off'
    const presence = begin()
    await vi.advanceTimersByTimeAsync(minutes)
    sleep(60 * minutes)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(presence.away()).toEqual([])
  })

  it('of the day before is forgotten by those who ask, and after a month by us', async () => {
    const presence = begin()
    sleep(30 * minutes)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(presence.away()).toHaveLength(1)
    vi.setSystemTime(Date.now() + 25 * 60 * minutes)
    expect(presence.away()).toEqual([])
    expect(values.get('tunnel.away')).toHaveLength(1)
    vi.setSystemTime(Date.now() + 31 * 24 * 60 * minutes)
    tunnelIs('offline')
    expect(values.get('tunnel.away')).toEqual([{ why: 'offline', from: Date.now(), until: null }])
  })
})

describe('the network', () => {
  it('that comes with another address renews the tunnel; one that goes has it looked at', async () => {
    begin()
    await vi.advanceTimersByTimeAsync(4_000)
    addresses = []
    await vi.advanceTimersByTimeAsync(2_000)
    expect(renewed).toHaveLength(1)
    addresses = ['198.51.100.9']
    await vi.advanceTimersByTimeAsync(2_000)
    expect(renewed).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(minutes)
    expect(renewed).toHaveLength(2)
  })

  it('that was away is said with its times, a moment without it is not', async () => {
    const presence = begin()
    tunnelIs('offline')
    await vi.advanceTimersByTimeAsync(4_000)
    tunnelIs('opening')
    tunnelIs('ready')
    expect(presence.away()).toEqual([])
    tunnelIs('offline')
    expect(words(presence)).toEqual(['Offline since 10:00.'])
    await vi.advanceTimersByTimeAsync(5 * minutes)
    tunnelIs('ready')
    expect(words(presence)).toEqual(['Offline 10:00–10:05.'])
  })
})

describe('awake while connected', () => {
  it('follows what the owner chose and whether there is an address', async () => {
    const presence = begin()
    await vi.advanceTimersByTimeAsync(0)
    expect([presence.awake(), held]).toEqual(['off', []])
    chosen = true
    await presence.keepAwake()
    expect([presence.awake(), held]).toEqual(['on', [true]])
    tunnelIs('offline')
    tunnelIs('off')
    await vi.advanceTimersByTimeAsync(0)
    expect([presence.awake(), held]).toEqual(['idle', [true, false]])
    tunnelIs('opening')
    await vi.advanceTimersByTimeAsync(0)
    expect(presence.awake()).toBe('on')
    chosen = false
    await presence.keepAwake()
    expect([presence.awake(), held]).toEqual(['off', [true, false, true, false]])
  })

  it('is said where the system does not let us', async () => {
    canHold = false
    chosen = true
    const presence = begin()
    await vi.advanceTimersByTimeAsync(0)
    expect(presence.awake()).toBe('unavailable')
    await presence.stop()
    expect(held).toEqual([true, false])
  })
})
