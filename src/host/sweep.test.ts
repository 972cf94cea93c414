import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Grant } from '../contract/access.ts'
import { silentLog } from '../kernel/log/log.ts'
import { startSweeping } from './sweep.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('cuts off what an expired grant has going on, also where nothing can be written', async () => {
  const full = () => {
    throw new Error('disk is full')
  }
  const grants = [
    { id: 'over', expiresAt: 1 },
    { id: 'lasting', expiresAt: null },
    { id: 'over-too', expiresAt: 5 },
  ] as Grant[]
  const cut: string[] = []
  const stop = startSweeping({
    ...{ oauth: { sweep: full, grants: { list: () => grants } }, approvals: { sweep: full } },
    ...{ rules: { sweep: full }, servedLists: { sweep: full }, clock: { now: () => 5 }, log: silentLog },
    ...{
      raised: { settle: full },
      adminKey: { settle: full },
      last: { write: full, done: () => void cut.push('done') },
    },
    cutOff(id) {
      cut.push(id)
      full()
    },
  })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(cut).toEqual(['over', 'over-too'])
  stop()
})
