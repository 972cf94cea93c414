import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { argumentsHash, canonicalJson } from './canonical-json.ts'

describe('the hash of arguments', () => {
  it('does not depend on the order of keys, and on nothing else', () => {
    expect(argumentsHash('t', { a: 1, b: [{ d: 1, c: 2 }] })).toBe(
      argumentsHash('t', { b: [{ c: 2, d: 1 }], a: 1 }),
    )
    const all = [
      argumentsHash('t', { a: 1 }),
      argumentsHash('u', { a: 1 }),
      argumentsHash('t', { a: '1' }),
      argumentsHash('t', { a: [1] }),
      argumentsHash('t', { a: null }),
      argumentsHash('t', {}),
      argumentsHash('t', { a: 1, b: 2 }),
      argumentsHash('t', JSON.parse('{"a":1,"__proto__":{"b":2}}')),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('stands on a text that means the same', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(JSON.parse(canonicalJson(JSON.parse(json)))).toEqual(JSON.parse(json))
      }),
    )
  })
})
