import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

it('has work done one after the other, also after one that failed', async () => {
  const turns = new Turns()
  const done: string[] = []
  const first = Promise.withResolvers<void>()
  const one = turns.take(async () => {
    await first.promise
    done.push('one')
    throw new Error('full')
  })
  const two = turns.take(() => done.push('two'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(done).toEqual([])
  first.resolve()
  await expect(one).rejects.toThrow('full')
  expect(await two).toBe(2)
  expect(done).toEqual(['one', 'two'])
})

it('is over when all that came so far had their turn', async () => {
  const turns = new Turns()
  let isDone = false
  turns.take(() => Promise.reject(new Error('full'))).catch(() => {})
  void turns.take(async () => {
    isDone = true
  })
  await turns.over()
  expect(isDone).toBe(true)
})
