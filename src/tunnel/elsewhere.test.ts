import { expect, it } from 'vitest'
import * as z from 'zod'
import { elsewhereSetting } from '../storage/backup/staged-restore.ts'
import type { TunnelProvider } from './providers/provider.ts'
import { house, until } from './testing/house.ts'
import type { Tunnel } from './tunnel.ts'
import { TunnelFailure } from './tunnel-failure.ts'

/** Another computer with the same data: through a real tunnel server, with an answer that is made up where the other one would give it. */
const the = house()
const other = () => Response.json({ name: 'drawbridge', instance: 'instance-2' })

/** A tunnel that begins with a known address; `isThere` says whether somebody else answers at it. */
async function beginAgain(isThere: () => boolean) {
  const before = await the.opened()
  await before.tunnel.stop()
  const tunnel = the.begin({ probeAgain: 50 }, the.service, {
    fetch: (async (url: string, init?: RequestInit) =>
      isThere() ? other() : the.service.fetch(url, init)) as never,
  })
  return { tunnel, origin: before.origin }
}
const isMarked = () => the.settings.get(elsewhereSetting, z.string()) !== undefined

it('a restored Drawbridge opens nothing while another answers at its address, and goes on by itself afterwards', async () => {
  let isThere = true
  const { tunnel, origin } = await beginAgain(() => isThere)
  the.settings.set(elsewhereSetting, 'kitchen-mac')
  tunnel.use('localtunnel')
  expect(await until(tunnel, 'taken')).toMatchObject({
    elsewhere: true,
    origin,
    message: 'Your public address is in use on another computer.',
  })
  expect(await the.status(`${origin}/health`)).not.toBe(200)
  isThere = false
  expect((await until(tunnel, 'ready')).elsewhere).toBeUndefined()
  expect(isMarked()).toBe(false)
})

it('who takes it over does not give way at once', async () => {
  let isThere = true
  const { tunnel } = await beginAgain(() => isThere)
  the.settings.set(elsewhereSetting, 'kitchen-mac')
  tunnel.use('localtunnel')
  await until(tunnel, 'taken')
  tunnel.takeOver()
  expect(isMarked()).toBe(false)
  // the other one still answers for a while
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(isMarked()).toBe(false)
  isThere = false
  await until(tunnel, 'ready')
})

it('who finds another at its own address gives way, and has it again when that one has gone', async () => {
  let isThere = false
  const { tunnel } = await beginAgain(() => isThere)
  await until(tunnel, 'ready')
  isThere = true
  expect(await until(tunnel, 'taken')).toMatchObject({ elsewhere: true })
  expect(isMarked()).toBe(true)
  isThere = false
  await until(tunnel, 'ready')
  expect(isMarked()).toBe(false)
})

/** Two computers with the same data, at a service that lets both hold the address and shows each of them the other: the worst there is. */
function twoComputers() {
  const origin = 'https://two.example'
  const holders = new Set<string>()
  const claims = new Map<string, () => number>()
  const opened: string[] = []
  const providerOf = (instance: string): TunnelProvider => ({
    ...{ id: 'own-address', naming: 'domain', needs: [], probe: {}, defaultHost: '' },
    async open() {
      opened.push(instance)
      holders.add(instance)
      const close = () => void holders.delete(instance)
      return { origin, name: 'two.example', idle: () => 1, onTrouble() {}, onLost() {}, close }
    },
  })
  const start = (instance: string, behind: number, isRestored: boolean) => {
    const kept = new Map<string, unknown>([
      ['tunnel.wanted', true],
      ['tunnel.name.own-address', 'two.example'],
      ['tunnel.origin.own-address', { host: '', name: 'two.example', origin }],
      ...(isRestored ? [[elsewhereSetting, 'kitchen-mac'] as const] : []),
    ])
    const delays = { probeAgain: 20, probeEvery: 50, first: 20, lingerRetry: 50, takenRetry: 50 }
    const tunnel = the.begin(delays, the.service, {
      instance,
      host: () => '',
      clock: { now: () => Date.now() - behind },
      settings: {
        get: (name: string) => kept.get(name),
        set: (name: string, value: unknown) => void kept.set(name, value),
        delete: (name: string) => void kept.delete(name),
      } as never,
      providers: [providerOf(instance)],
      fetch: (async () => {
        const seen = [...holders].find((one) => one !== instance) ?? [...holders][0]
        if (seen === undefined) throw new TypeError('fetch failed')
        return Response.json({ name: 'drawbridge', instance: seen, claim: claims.get(seen)!() })
      }) as never,
    })
    claims.set(instance, () => tunnel.claim())
    return tunnel
  }
  const settled = (here: Tunnel, there: Tunnel) =>
    expect
      .poll(() => [here.state().kind, there.state().kind, holders.size], { timeout: 8_000, interval: 20 })
      .toEqual(['ready', 'taken', 1])
  return { start, settled, opened }
}

it.each([0, 3_600_000])(
  'of two that are told to take it over one after the other, the last has it (a clock %i ms behind)',
  async (behind) => {
    const { start, settled } = twoComputers()
    const kitchen = start('kitchen', 0, false)
    await until(kitchen, 'ready')
    const laptop = start('laptop', behind, true)
    await settled(kitchen, laptop)
    laptop.takeOver()
    await settled(laptop, kitchen)
    kitchen.takeOver()
    await settled(kitchen, laptop)
    laptop.takeOver()
    await settled(laptop, kitchen)
    // And it stays so.
    await new Promise((resolve) => setTimeout(resolve, 500))
    await settled(laptop, kitchen)
  },
)

it('of two that are told to take it over at once, one has it', async () => {
  const { start, settled } = twoComputers()
  const kitchen = start('kitchen', 0, false)
  await until(kitchen, 'ready')
  const laptop = start('laptop', 0, true)
  await settled(kitchen, laptop)
  kitchen.takeOver()
  await new Promise((resolve) => setTimeout(resolve, 5))
  laptop.takeOver()
  await settled(laptop, kitchen)
})

it('a restored one asks all the same when it is told its way again, as by a variable at each start', async () => {
  const { start, opened } = twoComputers()
  await until(start('kitchen', 0, false), 'ready')
  const laptop = start('laptop', 0, true)
  laptop.use('own-address')
  expect(await until(laptop, 'taken')).toMatchObject({ elsewhere: true })
  expect(opened).not.toContain('laptop')
})

it('who takes over what its service leaves with the other one is told to quit that one', async () => {
  const origin = 'https://one.example'
  the.settings.set('tunnel.wanted', true)
  the.settings.set('tunnel.name', 'one-name')
  the.settings.set('tunnel.origin', { host: '', name: 'one-name', origin })
  the.settings.set(elsewhereSetting, 'kitchen-mac')
  const provider: TunnelProvider = {
    ...{ id: 'localtunnel', naming: 'ours', needs: [], probe: {}, defaultHost: '' },
    async open() {
      throw new TunnelFailure({ code: 'tunnel-name-taken' })
    },
  }
  const delays = { takenAfter: 100, lingerRetry: 20, takenRetry: 20 }
  const tunnel = the.begin(delays, the.service, {
    ...{ host: () => '', providers: [provider], fetch: (async () => other()) as never },
  })
  expect(await until(tunnel, 'taken')).toMatchObject({ elsewhere: true })
  tunnel.takeOver()
  const { message, hint } = await until(tunnel, 'taken')
  expect(message).toBe('Your public address is in use on another computer.')
  expect(hint).toContain('Quit Drawbridge there')
  expect(hint).not.toContain('new address')
})

it('whoever was told last does not wait for ever for the other to notice, also with a clock that is set back', async () => {
  let ahead = 0
  let opens = 0
  const provider: TunnelProvider = {
    ...{ id: 'own-address', naming: 'domain', needs: [], probe: {}, defaultHost: '' },
    async open() {
      opens += 1
      const origin = 'https://two.example'
      return { origin, name: 'two.example', idle: () => 1, onTrouble() {}, onLost() {}, close() {} }
    },
  }
  const delays = { probeAgain: 20, first: 20, lingerRetry: 20, takenRetry: 20 }
  const tunnel = the.begin(delays, the.service, {
    ...{ host: () => '', providers: [provider], fetch: (async () => other()) as never },
    clock: { now: () => Date.now() + ahead },
  })
  /** Every attempt ends with the other one being found. */
  const found = () => {
    const before = opens
    return expect.poll(() => opens - before, { timeout: 8_000, interval: 10 }).toBeGreaterThan(1)
  }
  tunnel.takeOver()
  await found()
  ahead = -3_600_000
  await found()
  expect(isMarked()).toBe(false)
  ahead += 90_000
  await found()
  ahead += 91_000
  await expect.poll(isMarked, { timeout: 8_000 }).toBe(true)
})
