import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { house, record, until } from './testing/house.ts'

const at = house()

describe('an address that works', () => {
  test('opens, is probed through the outside, and carries GET, a 1 MB POST and a stream', async () => {
    const tunnel = at.begin()
    expect(tunnel.state()).toMatchObject({ kind: 'off', origin: null })
    const seen = record(tunnel)
    tunnel.want()
    expect(tunnel.state().kind).toBe('opening')
    const { origin } = await until(tunnel, 'ready')
    expect(origin).toBe(at.service.originOf(at.settings.get('tunnel.name', z.string())!))
    expect(at.app.paths).toContain('/health')
    expect(seen.find((state) => state.origin)?.kind, 'the origin is known before the probe').toBe('opening')

    const answer = await at.service.fetch(`${origin}/hello`)
    expect(answer.headers.get('x-seen-host')).toBe(new URL(origin!).host)

    const body = randomBytes(1_000_000)
    const posted = await at.service.fetch(`${origin}/digest`, { method: 'POST', body })
    expect(await posted.text()).toBe(createHash('sha256').update(body).digest('hex'))

    const stream = await at.service.fetch(`${origin}/stream`)
    const reader = stream.body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 1\n\n')
    at.app.send('data: 2\n\n')
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: 2\n\n')
    await reader.cancel()
    await expect.poll(() => at.app.streams(), { message: 'the app hears that the visitor left' }).toBe(0)
  })

  test('serves many visitors at once', async () => {
    const { origin } = await at.opened()
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => at.service.fetch(`${origin}/hello?${n}`).then((r) => r.text())),
    )
    expect(new Set(answers)).toEqual(new Set(['hello']))
  })

  test('does not hold idle connections to the local listener', async () => {
    await at.opened()
    await expect.poll(() => at.app.connections()).toBeLessThanOrEqual(1)
  })

  test('stays ready when every connection is busy, and does not cut the calls', async () => {
    const tunnel = at.begin({ probeEvery: 50, probeTimeout: 200, probeAgain: 50 })
    tunnel.want()
    const { origin } = await until(tunnel, 'ready')
    await sleep(100)
    const seen = record(tunnel)
    const calls = Array.from({ length: 10 }, () => at.service.fetch(`${origin}/slow`).then((r) => r.text()))
    await expect.poll(() => at.app.paths.filter((path) => path === '/slow').length).toBe(10)
    await sleep(1_500)
    at.app.release()
    expect(await Promise.all(calls)).toEqual(Array(10).fill('slow'))
    expect(seen).toEqual([])
  })
})

describe('the name', () => {
  test('is kept across a restart of ours', async () => {
    const first = at.begin()
    first.want()
    const { origin } = await until(first, 'ready')
    await first.stop()
    const second = at.begin()
    expect(second.state(), 'opened again because it was wanted').toMatchObject({ kind: 'opening', origin })
    expect((await until(second, 'ready')).origin).toBe(origin)
  })

  test('is not opened again after unwant', async () => {
    const first = at.begin()
    first.want()
    const { origin } = await until(first, 'ready')
    first.unwant()
    expect(first.state().kind).toBe('off')
    await expect.poll(() => at.status(`${origin}/health`), { timeout: 5_000 }).toBe(404)
    await first.stop()
    const second = at.begin()
    await sleep(100)
    expect(second.state()).toMatchObject({ kind: 'off', origin })
  })

  test('can be given up for a new one', async () => {
    const tunnel = at.begin()
    tunnel.want()
    const { origin } = await until(tunnel, 'ready')
    tunnel.newName()
    expect(tunnel.state()).toMatchObject({ kind: 'opening', origin: null })
    const fresh = await until(tunnel, 'ready')
    expect(fresh.origin).not.toBe(origin)
    expect((await at.service.fetch(`${fresh.origin}/health`)).status).toBe(200)
  })
})
