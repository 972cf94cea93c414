import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Tracked, TrackedSet } from './tracked-set.ts'

describe('a tracked set', () => {
  it('is a set, whatever comes and goes', () => {
    const one = fc.nat(9).map((which) => ({ which, comes: true }))
    const other = fc.nat(9).map((which) => ({ which, comes: false }))
    fc.assert(
      fc.property(fc.array(fc.oneof(one, other)), (steps) => {
        const all = Array.from({ length: 10 }, (_, name): Tracked & { name: number } => ({ place: -1, name }))
        const tracked = new TrackedSet<(typeof all)[number]>()
        const model = new Set<number>()
        for (const { which, comes } of steps) {
          const item = all[which]!
          if (!comes) expect(tracked.delete(item)).toBe(model.delete(which))
          else if (!model.has(which)) {
            tracked.add(item)
            model.add(which)
          }
          expect(tracked.size).toBe(model.size)
          expect(new Set(tracked.all().map(({ name }) => name))).toEqual(model)
          expect(all.filter((each) => tracked.has(each)).map(({ name }) => name)).toEqual([...model].sort())
          expect(tracked.find(({ name }) => name === which)).toBe(model.has(which) ? item : undefined)
        }
      }),
    )
  })
})
