import { describe, expect, it } from 'vitest'
import type { Facts } from '../mcp/decision.ts'
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
    [{}, 'ask'],
    [{ risk: 'read' }, 'allow'],
    [{ openWorld: false }, 'allow'],
    [{ openWorld: undefined }, 'ask'],
    [{ openWorld: false, risk: 'destructive' }, 'ask'],
    [{ readBefore: null }, 'allow'],
    [{ access: 'ask', openWorld: false }, 'ask'],
    [{ access: 'look' }, 'deny'],
    [{ enabled: false }, 'deny'],
    [{ accepted: false }, 'deny'],
  ] as [Partial<Facts>, string][])('before %j means %s', (more, expected) => {
    expect(decide({ ...facts, readBefore, ...more }).kind).toBe(expected)
  })

  it('only ever makes a call asked about that was allowed', () => {
    expect(asksAgain({ ...facts, access: 'ask', openWorld: false, readBefore })).toBe(true)
    expect(asksAgain({ ...facts, readBefore: null })).toBe(false)
  })
})
