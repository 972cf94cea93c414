import { expect, it } from 'vitest'
import { Cancellation } from '../../kernel/cancellation.ts'
import type { ClientRequest } from './client-request.ts'
import { RunningCall, Stopped } from './running-call.ts'
import type { Target } from './targets.ts'

const begun = (limit: number) =>
  new RunningCall(
    { era: 'legacy', caller: { signal: new Cancellation() } } as unknown as ClientRequest,
    {} as Target,
    limit,
    null,
  )

it('is stopped when its source takes too long', async () => {
  const call = begun(20)
  await expect(call.until(() => new Promise(() => {}))).rejects.toEqual(new Stopped('time'))
})

it('that was stopped while its source was being asked has no deadline any more', async () => {
  const call = begun(20)
  const working = call.until(() => {
    call.stop('gone')
    return new Promise(() => {})
  })
  await expect(working).rejects.toMatchObject({ why: 'gone' })
  expect(call.place).toBe(-1)
})
