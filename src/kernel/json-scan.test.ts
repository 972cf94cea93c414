import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonLimits, jsonProblem } from './json-scan.ts'

const none = Number.POSITIVE_INFINITY
const scan = (text: string, limits: Partial<JsonLimits> = {}) => {
  const { depth = none, ...rest } = limits
  return jsonProblem(Buffer.from(text), depth, { values: none, members: none, names: none, ...rest })
}

/** What the parser makes of it. */
function count(value: unknown): { depth: number; members: number; names: Set<string> } {
  const names = new Set<string>()
  let members = 0
  const visit = (one: unknown): number => {
    if (typeof one !== 'object' || one === null) return 0
    const inside = Array.isArray(one) ? one : Object.values(one)
    if (!Array.isArray(one))
      for (const name of Object.keys(one)) {
        members += 1
        names.add(name)
      }
    return 1 + Math.max(0, ...inside.map(visit))
  }
  return { depth: visit(value), members, names }
}

describe('the weight of JSON', () => {
  it('is what a parser would find', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6, stringUnit: 'binary' }), (json) => {
        const { depth, members, names } = count(JSON.parse(json))
        // `__proto__` and names that come twice are fewer for the parser.
        if (json.includes('__proto__')) return
        expect(scan(json, { depth })).toBeNull()
        if (depth > 0) expect(scan(json, { depth: depth - 1 })).toBe('depth')
        expect(scan(json, { members })).toBeNull()
        expect(scan(json, { names: names.size })).toBeNull()
        if (names.size > 0) expect(scan(json, { names: names.size - 1 })).toBe('names')
      }),
      { numRuns: 500 },
    )
  })

  it.each([10, 511, 512, 513, 600, 5_000])(
    'sees where a text of %i characters ends, whatever is in it',
    (length) => {
      for (const inside of ['x', '\\"', '\\\\', '[{', 'ü', '\\u0022', 'x\\"', '\\\\\\"']) {
        const text = inside.repeat(Math.ceil(length / inside.length))
        expect(scan(`["${text}",[[1]]]`, { depth: 3 }), inside).toBeNull()
        expect(scan(`["${text}",[[1]]]`, { depth: 2 }), inside).toBe('depth')
      }
    },
  )

  it('takes brackets in texts for what they are', () => {
    expect(scan('{"a\\"[[[":"]\\\\","b":"{{{"}', { depth: 1 })).toBeNull()
  })

  it('stops early and quickly', () => {
    const bomb = Buffer.from('['.repeat(4_000_000))
    const before = performance.now()
    expect(jsonProblem(bomb, 64)).toBe('depth')
    expect(performance.now() - before).toBeLessThan(500)
  })

  it('counts values, members and different names', () => {
    expect(scan('[1,2,3]', { values: 3 })).toBeNull()
    expect(scan('[1,2,3]', { values: 2 })).toBe('values')
    expect(scan('[{"a":1},{"a":2},{"a":3}]', { names: 1 })).toBeNull()
    expect(scan('[{"a":1},{"b":2}]', { names: 1 })).toBe('names')
    expect(scan('[{"a":1},{"a":2}]', { members: 1 })).toBe('names')
    const long = 'k'.repeat(600)
    expect(scan(`[{"${long}1":1},{"${long}2":2}]`, { names: 1 })).toBe('names')
  })

  it('lets 10,000 fields and 20,000 records of the same kind pass', () => {
    expect(
      jsonProblem(
        Buffer.from(
          JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, n]))),
        ),
        64,
      ),
    ).toBeNull()
    expect(
      jsonProblem(
        Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, (_, n) => ({ name: `n${n}`, value: n })))),
        64,
      ),
    ).toBeNull()
  })
})
