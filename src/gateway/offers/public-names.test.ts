import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { publicNamePattern, publicNames, type ShownRequest, shownNames } from './public-names.ts'

const slug = fc.constantFrom('a', 'b', 'files', 'a-b', 'mail_2')
const toolName = fc.oneof(
  fc.constantFrom('get_user', 'get.user', 'get user', 'x', '', 'toString', '__proto__', 'b__c'),
  fc.string({ maxLength: 90, unit: 'binary' }),
)
const request = fc.record({ slug, tool: toolName, prefixed: fc.boolean() }).map((one) => ({
  ...one,
  first: !one.prefixed,
}))
const requests = fc.uniqueArray(request, {
  maxLength: 40,
  selector: ({ slug, tool, prefixed }) => `${slug}\0${tool}\0${prefixed}`,
})

describe('ids', () => {
  it('fit every client, differ from one another and do not depend on the order', () => {
    fc.assert(
      fc.property(requests, (all) => {
        const names = publicNames(all)
        expect(new Set(names).size).toBe(names.length)
        for (const name of names) expect(name).toMatch(publicNamePattern)
        expect(publicNames(all.toReversed()).toReversed()).toEqual(names)
      }),
    )
  })

  it('stay when tools come, whatever these are called, and when others go', () => {
    fc.assert(
      fc.property(requests, fc.nat(40), (all, count) => {
        const kept = new Map<string, string>()
        const old = all.slice(0, count)
        const before = publicNames(old, kept)
        expect(publicNames(all.toReversed(), kept).toReversed().slice(0, old.length)).toEqual(before)
        expect(publicNames(old.slice(1), kept)).toEqual(before.slice(1))
      }),
    )
  })
})

describe('public names', () => {
  const shown = fc.record({
    id: fc.constantFrom('a__x', 'a__y', 'b__x', 'b__y', 'c__x', 'x', 'stars').map((id) => id),
    alias: fc.option(fc.constantFrom('x', 'mine', 'a__y', 'stars')),
    own: fc.option(fc.constantFrom('x', 'y', 'x.y', 'stars', 'z'.repeat(80))),
  })
  const some = fc.uniqueArray(shown, { selector: ({ id }) => id })

  it('fit, differ from one another, and stay when tools come', () => {
    fc.assert(
      fc.property(some, fc.nat(7), (all, count) => {
        const kept = new Map<string, { wanted: string; name: string }>()
        const old = all.slice(0, count)
        const before = shownNames(old, kept)
        const after = shownNames(all, kept)
        expect(after.slice(0, old.length)).toEqual(before)
        expect(new Set(after).size).toBe(after.length)
        for (const name of after) expect(name).toMatch(publicNamePattern)
      }),
    )
  })

  it.each<[string, ShownRequest[], string[]]>([
    ['an alias', [{ id: 'a__x', alias: 'find', own: null }], ['find']],
    ['an own name', [{ id: 'a__x', alias: null, own: 'x.y' }], ['x_y']],
    [
      'two own names',
      [
        { id: 'a__x', alias: null, own: 'x' },
        { id: 'b__x', alias: null, own: 'x' },
      ],
      ['x', 'b__x'],
    ],
    [
      'an alias that is an id',
      [
        { id: 'a__x', alias: 'b__x', own: null },
        { id: 'b__x', alias: null, own: null },
      ],
      ['a__x', 'b__x'],
    ],
  ])('%s', (_name, all, names) => {
    expect(shownNames(all)).toEqual(names)
  })
})
