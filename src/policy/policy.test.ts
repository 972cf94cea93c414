import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Risk } from '../contract/tools.ts'
import type { CallFacts, Facts, HeldRule, RuleBook } from '../mcp/decision.ts'
import { decide, isListed } from './decide.ts'
import { riskOf } from './risk.ts'
import { isTooMuch } from './rules.ts'

describe('riskOf', () => {
  it.each([
    [undefined, 'write', true],
    [null, 'write', true],
    [{}, 'write', true],
    [{ readOnlyHint: true }, 'read', true],
    [{ readOnlyHint: true, openWorldHint: false }, 'read', false],
    [{ readOnlyHint: false }, 'write', true],
    [{ readOnlyHint: 'true' }, 'write', true],
    [{ readOnlyHint: 1 }, 'write', true],
    [{ destructiveHint: true }, 'destructive', true],
    [{ destructiveHint: false }, 'write', true],
    [{ destructiveHint: 'yes' }, 'write', true],
    [{ readOnlyHint: true, destructiveHint: true }, 'destructive', true],
    [{ openWorldHint: 'false' }, 'write', true],
  ] as const)('%j is %s, open world %s', (hints, risk, openWorld) => {
    expect(riskOf(hints)).toEqual({ risk, openWorld })
  })

  it("lets the user's own word win", () => {
    expect(riskOf({ readOnlyHint: true }, 'destructive').risk).toBe('destructive')
    expect(riskOf({ destructiveHint: true, openWorldHint: false }, 'read')).toEqual({
      risk: 'read',
      openWorld: false,
    })
  })
})

const facts: Facts = {
  enabled: true,
  accepted: true,
  inGrant: true,
  localOnly: false,
  risk: 'read',
  sourceId: 'github',
  access: 'everything',
  scopes: null,
}
const scopes = (...names: string[]) => new Set(names)

describe('a pause', () => {
  const until = new Date(2026, 10, 28, 14, 5).getTime()

  it('refuses everything in words for the assistant, whatever else is allowed, and hides nothing', () => {
    for (const access of ['look', 'ask', 'everything'] as const)
      for (const risk of ['read', 'write', 'destructive'] as const) {
        const paused = { ...facts, access, risk, pausedUntil: until }
        expect(decide(paused)).toMatchObject({
          kind: 'deny',
          reason: 'paused',
          message: 'The owner has paused this connection until 14:05 (Sat Nov 28 2026).',
        })
        expect(isListed(paused)).toBe(isListed({ ...paused, pausedUntil: null }))
      }
  })

  it('gives nothing that was not allowed before', () => {
    expect(decide({ ...facts, enabled: false, pausedUntil: null })).toMatchObject({ reason: 'disabled' })
  })
})

describe('decide', () => {
  it.each([
    [{ access: 'look', risk: 'read' }, 'allow'],
    [{ access: 'look', risk: 'write' }, 'look-only'],
    [{ access: 'look', risk: 'destructive' }, 'look-only'],
    [{ access: 'ask', risk: 'read' }, 'allow'],
    [{ access: 'ask', risk: 'write' }, 'ask'],
    [{ access: 'ask', risk: 'destructive' }, 'ask'],
    [{ access: 'everything', risk: 'read' }, 'allow'],
    [{ access: 'everything', risk: 'write' }, 'allow'],
    [{ access: 'everything', risk: 'destructive' }, 'allow'],
    [{ enabled: false }, 'disabled'],
    [{ accepted: false }, 'not-accepted'],
    [{ inGrant: false }, 'not-in-grant'],
    [{ localOnly: true }, 'local-only'],
    [{ scopes: scopes() }, 'scope'],
    [{ scopes: scopes('openid') }, 'scope'],
    [{ scopes: scopes('mcp:read') }, 'scope'],
    [{ scopes: scopes('mcp:use') }, 'allow'],
    [{ scopes: scopes('mcp:use'), risk: 'destructive' }, 'allow'],
    [{ scopes: scopes('mcp:use', 'mcp:read') }, 'allow'],
    [{ scopes: scopes('mcp:use', 'mcp:read'), risk: 'write' }, 'scope'],
    [{ scopes: scopes('mcp:use', 'read'), risk: 'write' }, 'scope'],
    [{ scopes: scopes('mcp:use', 'read', 'write'), risk: 'write' }, 'allow'],
    [{ scopes: scopes('mcp:use', 'mcp:read', 'mcp:write'), risk: 'destructive' }, 'allow'],
    [{ scopes: scopes('mcp:use', 'mcp:write'), access: 'look', risk: 'write' }, 'look-only'],
    [{ scopes: scopes('mcp:use', 'mcp:write'), access: 'ask', risk: 'write' }, 'ask'],
    [{ scopes: scopes('mcp:use', 'github.read') }, 'allow'],
    [{ scopes: scopes('mcp:use', 'npm.read', 'github.read') }, 'allow'],
    [{ scopes: scopes('mcp:use', 'npm.read') }, 'scope'],
    // A server's reads are named like a connector's.
    [{ scopes: scopes('mcp:use', 'notes.read'), sourceId: 'notes' }, 'allow'],
    [{ scopes: scopes('mcp:use', 'notes.read'), sourceId: 'notes', risk: 'write' }, 'scope'],
    [{ scopes: scopes('mcp:use', 'notes.read'), sourceId: 'notes', inGrant: false }, 'not-in-grant'],
    [{ scopes: scopes('mcp:use', 'notes.read'), sourceId: 'notes2' }, 'scope'],
    [{ scopes: scopes('mcp:use', 'npm.read'), sourceId: null }, 'scope'],
    [{ scopes: scopes('mcp:use', 'null.read'), sourceId: null }, 'scope'],
    [{ scopes: scopes('mcp:use', 'nobody.read') }, 'scope'],
    [{ scopes: scopes('github.read') }, 'scope'],
    [{ scopes: scopes('mcp:use', 'github.read'), risk: 'write' }, 'scope'],
    [{ scopes: scopes('mcp:use', 'npm.read', 'mcp:read') }, 'allow'],
    [{ scopes: scopes('mcp:use', 'npm.read', 'mcp:read'), risk: 'write' }, 'scope'],
    [{ scopes: scopes('mcp:use', 'npm.read', 'mcp:write'), risk: 'write' }, 'allow'],
    [{ scopes: scopes('mcp:use', 'npm.read', 'write'), access: 'ask', risk: 'write' }, 'ask'],
    // A scope would not help: the grant itself says no.
    [{ scopes: scopes('mcp:use', 'mcp:read'), access: 'look', risk: 'write' }, 'look-only'],
    [{ scopes: scopes(), access: 'look', risk: 'destructive' }, 'look-only'],
    // The first reason that applies is the one that is told.
    [{ enabled: false, accepted: false, inGrant: false, localOnly: true, scopes: scopes() }, 'disabled'],
    [{ accepted: false, inGrant: false, localOnly: true, scopes: scopes() }, 'not-accepted'],
    [{ localOnly: true, scopes: scopes(), access: 'look', risk: 'write' }, 'local-only'],
  ] as [Partial<Facts>, string][])('%o → %s', (change, expected) => {
    const decision = decide({ ...facts, ...change })
    expect(decision.kind === 'deny' ? decision.reason : decision.kind).toBe(expected)
    expect(isListed({ ...facts, ...change })).toBe(decision.kind !== 'deny')
    if (decision.kind === 'deny') {
      expect(decision.message).toMatch(/\.$/)
      expect(decision.hint).toMatch(/\.$/)
      expect(decision.scopes !== undefined).toBe(decision.reason === 'scope')
    }
  })

  it('names all the scopes a call needs', () => {
    const narrow = scopes('mcp:use', 'npm.read')
    expect(decide({ ...facts, scopes: narrow })).toMatchObject({ scopes: ['mcp:use', 'mcp:read'] })
    expect(decide({ ...facts, scopes: narrow, risk: 'write' })).toMatchObject({
      scopes: ['mcp:use', 'mcp:write'],
    })
  })
})

const connectorScopes = ['github.read', 'npm.read', 'nobody.read', 'github:read']
const anyFacts: fc.Arbitrary<Facts> = fc.record({
  enabled: fc.boolean(),
  accepted: fc.boolean(),
  inGrant: fc.boolean(),
  localOnly: fc.boolean(),
  risk: fc.constantFrom('read', 'write', 'destructive'),
  sourceId: fc.constantFrom(null, 'github', 'npm', 'mcp', '__proto__', ''),
  access: fc.constantFrom('look', 'ask', 'everything'),
  scopes: fc.option(
    fc
      .subarray(['mcp:use', 'mcp:read', 'mcp:write', 'read', 'write', 'openid', ...connectorScopes])
      .map((names) => new Set(names) as ReadonlySet<string>),
  ),
})
const rank = { deny: 0, ask: 1, allow: 2 }
const freedom = (some: Facts) => rank[decide(some).kind]

describe('whatever the facts', () => {
  it('"look" never lets a tool through that may change something', () => {
    fc.assert(
      fc.property(anyFacts, (some) => {
        if (some.access === 'look' && some.risk !== 'read') expect(decide(some).kind).toBe('deny')
      }),
      { numRuns: 2000 },
    )
  })

  it('"ask" never lets a tool through unasked that may change something', () => {
    fc.assert(
      fc.property(anyFacts, (some) => {
        if (some.access === 'ask' && some.risk !== 'read') expect(decide(some).kind).not.toBe('allow')
      }),
      { numRuns: 2000 },
    )
  })

  it('denies what is off, new, outside the grant or for this computer only', () => {
    fc.assert(
      fc.property(anyFacts, (some) => {
        if (!some.enabled || !some.accepted || !some.inGrant || some.localOnly)
          expect(decide(some).kind).toBe('deny')
      }),
      { numRuns: 2000 },
    )
  })

  it('a token never opens more than the same grant without scopes', () => {
    fc.assert(
      fc.property(anyFacts, (some) => {
        expect(freedom(some)).toBeLessThanOrEqual(freedom({ ...some, scopes: null }))
      }),
      { numRuns: 2000 },
    )
  })

  it('a missing scope is named only where having it would help, and then it does', () => {
    fc.assert(
      fc.property(anyFacts, (some) => {
        const decision = decide(some)
        if (decision.kind !== 'deny' || decision.reason !== 'scope') return
        const asked = new Set([...some.scopes!, ...decision.scopes!])
        expect(decide({ ...some, scopes: asked }).kind).not.toBe('deny')
        expect(decide({ ...some, scopes: new Set(decision.scopes!) }).kind).not.toBe('deny')
      }),
      { numRuns: 2000 },
    )
  })

  it('a connector’s scope, short of mcp:read and mcp:write, opens its own reads and nothing else', () => {
    fc.assert(
      fc.property(anyFacts, fc.subarray(connectorScopes, { minLength: 1 }), (some, names) => {
        const asked = new Set(['mcp:use', ...names.filter((name) => name.endsWith('.read')), 'npm.read'])
        const open = decide({ ...some, scopes: asked }).kind !== 'deny'
        if (open) expect([some.risk, asked.has(`${some.sourceId}.read`)]).toEqual(['read', true])
      }),
      { numRuns: 2000 },
    )
  })

  it('without the base a token opens nothing', () => {
    fc.assert(
      fc.property(anyFacts, (some) => {
        if (some.scopes !== null && !some.scopes.has('mcp:use')) expect(decide(some).kind).toBe('deny')
      }),
    )
  })

  it('denies by default: facts that are missing or odd open nothing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('enabled', 'accepted', 'inGrant', 'localOnly', 'access'),
        fc.constantFrom(undefined, null, 'yes', 1, {}),
        anyFacts,
        (name, odd, some) => {
          expect(decide({ ...some, [name]: odd } as never).kind).toBe('deny')
        },
      ),
    )
    expect(decide({ ...facts, access: 'ask', risk: undefined } as never).kind).toBe('ask')
    expect(decide({} as never).kind).toBe('deny')
  })
})

const now = 1_000_000
const call: CallFacts = {
  ...{ grantId: 'g', toolId: 't', source: 's', session: 'g/1', chat: 'chat' },
  ...{ definitionHash: 'def', identity: 'program', argumentsHash: 'args' },
}
const rule = (more: Partial<HeldRule> = {}): HeldRule => ({
  ...{ id: 'r', effect: 'allow', argumentsHash: null, chat: null, since: 0, until: null },
  ...{ definitionHash: 'def', identity: 'program', waivesTaint: false },
  ...more,
})
const bookOf = (...rules: HeldRule[]): RuleBook => ({
  of: (grantId, toolId) => (grantId === 'g' && toolId === 't' ? rules : undefined),
  now: () => now,
})
const never = rule({ id: 'n', effect: 'never' })
const writes: Facts = { ...facts, access: 'ask', risk: 'write', call }

describe('a rule', () => {
  it.each([
    ['answers what would be asked', {}, [rule()], 'allow'],
    ['of another tool answers nothing', { call: { ...call, toolId: 'other' } }, [rule()], 'ask'],
    ['of another grant answers nothing', { call: { ...call, grantId: 'other' } }, [rule()], 'ask'],
    ['of which no call is known answers nothing', { call: undefined }, [rule()], 'ask'],
    ['for exactly these arguments', {}, [rule({ argumentsHash: 'args' })], 'allow'],
    ['for other arguments', {}, [rule({ argumentsHash: 'others' })], 'ask'],
    ['in this chat', {}, [rule({ chat: 'chat' })], 'allow'],
    ['in another chat', {}, [rule({ chat: 'other' })], 'ask'],
    [
      'in a chat, of a client that tells none apart',
      { call: { ...call, chat: null } },
      [rule({ chat: 'chat' })],
      'ask',
    ],
    ['that ends later', {}, [rule({ until: now + 1 })], 'allow'],
    ['that ends now', {}, [rule({ until: now })], 'ask'],
    ['from the future, by a clock that was set back', {}, [rule({ since: now + 1 })], 'ask'],
    ['of another definition sleeps', {}, [rule({ definitionHash: 'other' })], 'ask'],
    ['of another program sleeps', {}, [rule({ identity: 'other' })], 'ask'],
    ['for ever, of something destructive', { risk: 'destructive' }, [rule()], 'ask'],
    ['for ever, of a risk nobody knows', { risk: undefined as never }, [rule()], 'ask'],
    ['for minutes, of something destructive', { risk: 'destructive' }, [rule({ until: now + 1 })], 'allow'],
    [
      'for exactly that, of something destructive',
      { risk: 'destructive' },
      [rule({ argumentsHash: 'args' })],
      'allow',
    ],
    ['never', {}, [never], 'never'],
    ['never, under everything', { access: 'everything' }, [never], 'never'],
    ['never, of reading', { risk: 'read' }, [never], 'never'],
    ['never, before one that allows', {}, [rule(), never], 'never'],
    [
      'never, of a tool that has become another since',
      {},
      [rule({ effect: 'never', definitionHash: 'x', identity: 'y' })],
      'never',
    ],
    [
      'never, of another tool that gives the same',
      { call: { ...call, toolId: 'other' }, twins: { grantId: 'g', tools: ['other', 't'] } },
      [never],
      'never',
    ],
    [
      'never, of a tool that gives what is read by address, under everything',
      { ...{ access: 'everything', risk: 'read', call: undefined }, twins: { grantId: 'g', tools: ['t'] } },
      [rule(), never],
      'never',
    ],
    [
      'of a tool that gives the same allows nothing',
      { call: { ...call, toolId: 'other' }, twins: { grantId: 'g', tools: ['t'] } },
      [rule()],
      'ask',
    ],
    [
      'never, of a tool that gives the same to another grant',
      { call: { ...call, grantId: 'other' }, twins: { grantId: 'other', tools: ['t'] } },
      [never],
      'ask',
    ],
    [
      'never, of a tool that gives the same, and over',
      { call: { ...call, toolId: 'other' }, twins: { grantId: 'g', tools: ['t'] } },
      [rule({ effect: 'never', until: now })],
      'ask',
    ],
    ['never, and over', {}, [rule({ effect: 'never', until: now })], 'ask'],
    ['never makes look only write', { access: 'look' }, [rule()], 'look-only'],
    ['never gives a tool that is not in the grant', { inGrant: false }, [rule()], 'not-in-grant'],
    ['never gives a tool that is switched off', { enabled: false }, [rule()], 'disabled'],
    ['never gives a tool that waits', { accepted: false }, [rule()], 'not-accepted'],
    ['never gives what is for this computer', { localOnly: true }, [rule()], 'local-only'],
    ['never gives a scope', { scopes: scopes('mcp:use', 'mcp:read') }, [rule()], 'scope'],
    ['never is told before the scope that would not help', { scopes: scopes() }, [never], 'never'],
    ['never is told after that it is switched off', { enabled: false }, [never], 'disabled'],
  ] as [string, Partial<Facts>, HeldRule[], string][])('%s', (_name, change, rules, expected) => {
    const decision = decide({ ...writes, ...change }, bookOf(...rules))
    expect(decision.kind === 'deny' ? decision.reason : decision.kind).toBe(expected)
  })

  it('is named with what it decided, and only then', () => {
    expect(decide(writes, bookOf(rule()))).toEqual({ kind: 'allow', rule: 'r' })
    expect(decide(writes, bookOf(never))).toMatchObject({ reason: 'never', rule: 'n' })
    expect(decide({ ...writes, access: 'everything' }, bookOf(rule()))).toEqual({ kind: 'allow' })
  })

  it('that is looked for asks for no hash where there is none', () => {
    const dear = (toolId: string): CallFacts => ({
      ...call,
      toolId,
      get argumentsHash(): string {
        throw new Error('hashed')
      },
      get definitionHash(): string {
        throw new Error('hashed')
      },
    })
    expect(decide({ ...writes, call: dear('t') }, bookOf()).kind).toBe('ask')
    expect(decide({ ...writes, call: dear('other') }, bookOf(rule())).kind).toBe('ask')
    // nobody is asked about a read, whatever was said when it counted as more
    expect(decide({ ...writes, risk: 'read', call: dear('t') }, bookOf(rule()))).toEqual({ kind: 'allow' })
    expect(decide({ ...writes, risk: 'read', call: dear('t') }, bookOf(rule(), never)).kind).toBe('deny')
  })

  it('only ever answers a question, whatever the facts and the rules', () => {
    const anyRule: fc.Arbitrary<HeldRule> = fc.record({
      id: fc.constant('r'),
      effect: fc.constantFrom('allow', 'never'),
      argumentsHash: fc.constantFrom(null, 'args', 'others'),
      chat: fc.constantFrom(null, 'chat', 'other'),
      since: fc.constantFrom(0, now, now + 1),
      until: fc.constantFrom(null, 0, now, now + 1),
      definitionHash: fc.constantFrom('def', 'other'),
      identity: fc.constantFrom('program', 'other'),
      waivesTaint: fc.boolean(),
    })
    fc.assert(
      fc.property(anyFacts, fc.array(anyRule, { maxLength: 4 }), (some, rules) => {
        const without = decide({ ...some, call })
        const decision = decide({ ...some, call }, bookOf(...rules))
        if (decision.kind === 'allow' && without.kind !== 'allow') expect(without.kind).toBe('ask')
        if (without.kind === 'deny') expect(decision.kind).toBe('deny')
        if (decision.kind === 'allow' && decision.rule) expect(without.kind).toBe('ask')
        const never = rules.some((one) => one.effect === 'never' && (one.until === null || one.until > now))
        if (never) expect(decision.kind).toBe('deny')
      }),
      { numRuns: 5000 },
    )
  })
})

it.each(['read', 'write', 'destructive'] as Risk[])('without rules nothing is otherwise: %s', (risk) => {
  for (const access of ['look', 'ask', 'everything'] as const)
    expect(decide({ ...writes, access, risk }, bookOf())).toEqual(decide({ ...writes, access, risk }))
})

it('whatever a rule was called when it was made, it is too much by how far it reaches', () => {
  const month = 31 * 24 * 3_600_000
  const reach = (until: number | null, more: Partial<HeldRule> = {}) =>
    isTooMuch(rule({ since: 1_000, until, ...more }), 'destructive')
  expect([reach(null), reach(1_000 + month + 1), reach(1_000 + month), reach(2_000)]).toEqual([
    ...[true, true, false, false],
  ])
  expect(reach(null, { chat: 'chat' })).toBe(true)
  expect(reach(null, { argumentsHash: 'args' })).toBe(false)
  expect(reach(null, { effect: 'never' })).toBe(false)
  expect(isTooMuch(rule(), 'write')).toBe(false)
  expect(isTooMuch(rule(), undefined as never)).toBe(true)
  // And is no answer then.
  const long = rule({ until: 900 * month })
  expect(decide({ ...writes, risk: 'destructive' }, bookOf(long)).kind).toBe('ask')
  expect(decide(writes, bookOf(long)).kind).toBe('allow')
})
