import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  callText,
  closeAll,
  fixture,
  full,
  type SetUp,
  server,
  setUp,
  stdio,
  until,
} from '../testing/setup.ts'

let at: SetUp
beforeEach(() => {
  at = setUp({ firstBackoff: 20 })
})
afterEach(closeAll)

describe('health', () => {
  it('has response times, the last error, and signs of life', async () => {
    at = setUp({ firstBackoff: 20, call: 300, check: 100 })
    const { id, health } = await at.servers.add(stdio('Full', [full]))
    expect(health).toEqual({
      checkedAt: null,
      ok: null,
      requests: 0,
      median: null,
      p95: null,
      lastError: null,
    })
    for (let call = 0; call < 5; call += 1) await callText(at.servers, 'full', 'pid')
    await expect(callText(at.servers, 'full', 'hang')).rejects.toThrow()
    const later = (await at.servers.check(id)).health
    expect(later).toMatchObject({ requests: 5, ok: true, lastError: { message: expect.any(String) } })
    expect(later.median).toBeGreaterThan(0)
    expect(later.p95).toBeGreaterThanOrEqual(later.median!)
    // By itself, while nothing else is asked of it.
    await until(() => server(at.servers, 'Full').health.checkedAt! > later.checkedAt!)
    const heard = await callText(at.servers, 'full', 'heard')
    expect(heard.match(/"ping"/g)!.length).toBeGreaterThan(1)
    const pid = Number(await callText(at.servers, 'full', 'pid'))
    process.kill(pid, 'SIGSTOP')
    expect((await at.servers.check(id)).health).toMatchObject({
      ok: false,
      lastError: { message: expect.stringContaining('did not answer') },
    })
    process.kill(pid, 'SIGCONT')
    expect((await at.servers.check(id)).health.ok).toBe(true)
  })

  it('asks a server of the 2026 era in its own way, and takes a refusal for a sign of life', async () => {
    const modern = await at.servers.add(stdio('Modern', [full, '--modern']))
    expect((await at.servers.check(modern.id)).health.ok).toBe(true)
    const old = await at.servers.add(stdio('Old', [fixture]))
    expect((await at.servers.check(old.id)).health.ok).toBe(true)
  })
})
