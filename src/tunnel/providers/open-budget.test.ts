import { expect, it } from 'vitest'
import { TunnelFailure, type TunnelFailureCode } from '../tunnel-failure.ts'
import { OpenBudget } from './open-budget.ts'

const failure = (code: TunnelFailureCode, until?: number) =>
  new TunnelFailure({ code, told: { message: 'no', hint: '' }, ...(until !== undefined && { until }) })

function world() {
  const at = { now: 1_000_000, asked: 0 }
  const spent = (until: number) => failure('tunnel-quota', until)
  const budget = new OpenBudget({ opens: 3, within: 600_000, spent }, () => at.now)
  const open = (why?: TunnelFailure) =>
    budget.spend(async () => {
      at.asked += 1
      if (why) throw why
      return 'open'
    })
  return { at, open }
}

it('asks a service no more often than it may be asked, whoever presses what', async () => {
  const { at, open } = world()
  for (let n = 0; n < 3; n += 1) {
    expect(await open()).toBe('open')
    at.now += 1_000
  }
  for (let n = 0; n < 20; n += 1)
    await expect(open()).rejects.toMatchObject({ code: 'tunnel-quota', until: 1_600_000 })
  expect(at.asked).toBe(3)
  at.now = 1_600_000
  expect(await open()).toBe('open')
})

it('asks nothing before the service said it may', async () => {
  const { at, open } = world()
  await expect(open(failure('tunnel-quota', at.now + 300_000))).rejects.toThrow('no')
  at.now += 299_999
  await expect(open()).rejects.toMatchObject({ code: 'tunnel-quota', until: 1_300_000 })
  at.now += 1
  expect(await open()).toBe('open')
})

it('counts nothing that never reached the service, and no time that lies ahead', async () => {
  const { at, open } = world()
  for (let n = 0; n < 20; n += 1)
    await expect(open(failure('tunnel-unreachable'))).rejects.toMatchObject({ code: 'tunnel-unreachable' })
  expect(await open()).toBe('open')
  for (let n = 0; n < 2; n += 1) await open()
  at.now -= 900_000
  expect(await open()).toBe('open')
})
