import { expect, it } from 'vitest'
import * as z from 'zod'
import { LastKnown } from './last-known.ts'
import { createMemory } from './testing/memory.ts'

const shape = z.object({ stars: z.number(), who: z.string() })
const day = 86_400_000

it('outlives a restart, for ninety days, and only in the shape that is wanted', () => {
  const memory = createMemory()
  const open = (now: number) => new LastKnown({ ...memory, now: () => now })
  open(0).set('stars', 'acc_1', { values: { stars: 7, who: 'me' }, at: 1 })
  expect(open(80 * day).get('stars', shape)).toEqual({ values: { stars: 7, who: 'me' }, at: 1 })
  expect(open(80 * day).get('stars', shape.extend({ forks: z.number() }))).toBeNull()
  expect(open(80 * day).get('forks', shape)).toBeNull()
  expect(open(91 * day).get('stars', shape)).toBeNull()
})

it('keeps five hundred, none that is huge, no secret and no question in words', () => {
  const memory = createMemory()
  memory.redactor.add('key-of-somebody')
  const known = new LastKnown({ ...memory, now: () => 0 })
  for (let at = 1; at <= 510; at += 1)
    known.set(`question ${at}`, 'acc_1', { values: { stars: at, who: 'key-of-somebody' }, at })
  known.set('huge', 'acc_1', { values: { stars: 1, who: 'x'.repeat(300_000) }, at: 999 })
  expect(known.get('question 10', shape)).toBeNull()
  expect(known.get('question 11', shape)).toMatchObject({ values: { stars: 11 } })
  expect(known.get('huge', shape)).toBeNull()
  const rows = JSON.stringify(memory.db.prepare('SELECT * FROM connector_answers').all())
  expect(rows).not.toMatch(/key-of-somebody|question \d/)
  known.forget('acc_1')
  expect(memory.db.prepare('SELECT * FROM connector_answers').all()).toEqual([])
})
