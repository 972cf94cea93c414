import { describe, expect, it } from 'vitest'
import type { Facts, HeldRule } from '../mcp/decision.ts'
import { decide } from './decide.ts'
import { asksAgain, taintOf } from './taint.ts'

const facts: Facts = {
  ...{ enabled: true, accepted: true, inGrant: true, localOnly: false, sourceId: null, scopes: null },
  ...{ access: 'everything', risk: 'write', openWorld: true },
}
const readBefore = { what: 'fetch https://a.test', at: 1 }

describe('what was read', () => {
  it.each([
    [{ openWorld: true, isSuspect: false, risk: 'read' }, 'all'],
    [{ openWorld: true, isSuspect: false, risk: 'write' }, 'others'],
    [{ openWorld: true, isSuspect: true, risk: 'destructive' }, 'all'],
    [{ openWorld: false, isSuspect: false, risk: 'read' }, null],
    [{ openWorld: false, isSuspect: true, risk: 'read' }, 'all'],
  ] as const)('%j counts for %s', (read, expected) => {
    expect(taintOf(read)).toBe(expected)
  })

  it.each([
    [{}, 'allow'],
    [{ risk: 'destructive' }, 'ask'],
    [{ risk: 'read' }, 'allow'],
    [{ openWorld: false }, 'allow'],
    [{ openWorld: undefined }, 'allow'],
    [{ openWorld: false, risk: 'destructive' }, 'ask'],
    [{ readBefore: null }, 'allow'],
    [{ access: 'ask', openWorld: false }, 'ask'],
    [{ access: 'look' }, 'deny'],
    [{ enabled: false }, 'deny'],
    [{ accepted: false }, 'deny'],
  ] as [Partial<Facts>, string][])('before %j means %s', (more, expected) => {
    expect(decide({ ...facts, readBefore, ...more }).kind).toBe(expected)
  })

  const rule: HeldRule = {
    ...{ id: 'rule_1', effect: 'allow', argumentsHash: null, chat: null, since: 0, until: null },
    ...{ definitionHash: 'def', identity: 'who', waivesTaint: false },
  }
  const call = {
    ...{ grantId: 'g', source: 's', session: 'g/1', toolId: 's__x', chat: null },
    ...{ definitionHash: 'def', identity: 'who', argumentsHash: 'args' },
  }
  const asking = { ...facts, call, access: 'ask' as const }
  const of = (rules: HeldRule[], more: Partial<Facts> = {}) =>
    decide({ ...asking, readBefore, ...more }, { of: () => rules, now: () => 1 })

  it('a rule lets it through only where its owner said so of that rule, and a never never', () => {
    const waives = { ...rule, id: 'rule_2', waivesTaint: true }
    expect(of([rule], { readBefore: null })).toEqual({ kind: 'allow', rule: 'rule_1' })
    expect(of([rule])).toEqual({ kind: 'ask', why: 'taint' })
    expect(of([rule, waives])).toEqual({ kind: 'allow', rule: 'rule_2' })
    expect(of([waives], { access: 'everything' })).toEqual({ kind: 'allow' })
    expect(of([{ ...waives, identity: 'other' }])).toEqual({ kind: 'ask', why: 'taint' })
    expect(of([{ ...waives, until: 1 }])).toEqual({ kind: 'ask', why: 'taint' })
    expect(of([waives, { ...rule, effect: 'never' }])).toMatchObject({ kind: 'deny', reason: 'never' })
    expect(of([], { access: 'everything' })).toEqual({ kind: 'allow' })
    expect(of([], { access: 'everything', risk: 'destructive' })).toEqual({ kind: 'ask', why: 'taint' })
    expect(of([], { readBefore: null })).toEqual({ kind: 'ask', why: 'access' })
  })

  it('only ever makes a call asked about that was allowed', () => {
    expect(asksAgain({ ...facts, access: 'ask', openWorld: false, readBefore }, null)).toBe(true)
    expect(asksAgain({ ...facts, readBefore: null }, null)).toBe(false)
  })

  it('a rule that was made after the reading holds until the next one', () => {
    const after = { ...rule, id: 'rule_3', since: readBefore.at + 1 }
    const of = (rules: HeldRule[], more: Partial<Facts> = {}) =>
      decide({ ...asking, readBefore, ...more }, { of: () => rules, now: () => after.since + 1 })
    expect(of([rule, after])).toEqual({ kind: 'allow', rule: 'rule_3' })
    expect(of([after, rule])).toEqual({ kind: 'allow', rule: 'rule_3' })
    expect(of([after], { readBefore: { ...readBefore, at: after.since } })).toMatchObject({ kind: 'ask' })
  })
})
