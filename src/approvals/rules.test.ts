import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ApprovalChoice, ApprovalDetails, RuleSubject } from '../contract/approvals.ts'
import { Rule } from '../contract/rules.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { openDatabase } from '../storage/database/database.ts'
import { Rules, type ToolNow } from './rules.ts'

const minute = 60_000
const day = 24 * 60 * minute
const subject: RuleSubject = {
  ...{ toolId: 's__send', chat: 'chat', definitionHash: 'def', identity: 'program', argumentsHash: 'args' },
}
const asked = (more: Partial<ApprovalDetails> = {}) =>
  ({
    ...{
      grantId: 'g',
      clientName: 'ChatGPT',
      tool: 's__send',
      toolTitle: 'Send',
      source: 'Mail',
      risk: 'write',
      askedAt: now,
    },
    ...more,
  }) as ApprovalDetails

let now = 1_000_000
let dbFile: string
let db: ReturnType<typeof openDatabase>['db']
let rules: Rules
let tool: ToolNow | null
/** Null: it is not there. */
let names: { tool: string; source: string } | null
/** What `policy/rules.ts` says of it. */
const isTooMuch = (
  rule: { effect: string; since: number; until: number | null; argumentsHash: unknown },
  risk: string,
) =>
  risk === 'destructive' &&
  rule.effect === 'allow' &&
  (rule.until === null || rule.until - rule.since > 31 * day) &&
  rule.argumentsHash === null

const open = () => {
  db = openDatabase(dbFile, silentLog).db
  rules = new Rules({
    ...{ db, clock: { now: () => now }, log: silentLog, redactor: createRedactor(), isTooMuch },
    toolNow: () => tool,
    namesOf: (id) => names ?? { tool: id, source: null },
  })
}
/** As after a kill: what was not written is gone. */
const reopen = () => {
  db.close()
  open()
}
const make = (
  choice: Exclude<ApprovalChoice, 'once'>,
  more: Partial<ApprovalDetails> = {},
  args: unknown = {},
) => rules.make(choice, asked(more), subject, args)().id

beforeEach(() => {
  now = 1_000_000
  tool = { definitionHash: 'def', identity: 'program', risk: 'write' }
  names = { tool: 's__send', source: 'Mail' }
  dbFile = join(mkdtempSync(join(tmpdir(), 'drawbridge-rules-')), 'd.db')
  open()
})
afterEach(() => db.isOpen && db.close())

describe('a rule', () => {
  it('is offered as far as the call can be remembered, and never for ever where something is destroyed', () => {
    expect(rules.choices(subject, 'write', 'g')).toEqual(['once', '15m', 'chat', 'exact', 'tool', 'never'])
    expect(rules.choices({ ...subject, chat: null }, 'write', 'g')).not.toContain('chat')
    expect(rules.choices(subject, 'destructive', 'g')).toEqual(['once', '15m', 'chat', 'exact', 'never'])
    expect(rules.choices(undefined, 'write', 'g')).toEqual(['once'])
  })

  it.each([
    ['15m', { until: 1_000_000 + 15 * minute, inChat: false, exactly: null, effect: 'allow' }],
    ['chat', { until: 1_000_000 + day, inChat: true, exactly: null, effect: 'allow' }],
    ['exact', { until: null, inChat: false, exactly: 's__send {"to":"ada"}', effect: 'allow' }],
    ['tool', { until: null, inChat: false, exactly: null, effect: 'allow' }],
    ['never', { until: null, inChat: false, exactly: null, effect: 'never' }],
  ] as const)('%s is all that it says, also after a kill', (choice, expected) => {
    make(choice, {}, { to: 'ada' })
    reopen()
    const [one] = rules.list()
    expect(one).toMatchObject({ ...expected, grantId: 'g', toolId: 's__send', uses: 0, state: 'active' })
    expect(Rule.parse(one)).toEqual(Rule.parse({ ...one }))
    expect(rules.of('g', 's__send')).toHaveLength(1)
    expect(rules.of('other', 's__send')).toBeUndefined()
    expect(rules.of('g', 'other')).toBeUndefined()
  })

  it('is shown by the names that tool and server have now, and by the id of a tool that is not there', () => {
    make('exact', { tool: 'save' }, { to: 'save me' })
    names = { tool: 'post', source: 'Letters' }
    expect(rules.list()[0]).toMatchObject({
      tool: 'post',
      source: 'Letters',
      exactly: 'post {"to":"save me"}',
    })
    names = null
    expect(rules.list()[0]).toMatchObject({
      tool: 's__send',
      source: 'Mail',
      exactly: 's__send {"to":"save me"}',
    })
  })

  it('is over when its time is, also over a restart, and is forgotten a week later', () => {
    const id = make('15m')
    const call = { id: 'c', tool: 't', arguments: {} }
    expect(rules.apply(id, call)).toBe(true)
    now += 15 * minute
    reopen()
    expect(rules.apply(id, call)).toBe(false)
    expect(rules.list()[0]!.state).toBe('over')
    now += 8 * day
    rules.sweep(new Set(['g']))
    expect(rules.list()).toEqual([])
  })

  it('counts what it was used for, without secrets, and writes that down', () => {
    const id = make('tool')
    rules.apply(id, { id: 'call_1', tool: 's__send', arguments: { to: 'ada' } })
    now += 5
    rules.apply(id, { id: 'call_2', tool: 's__send', arguments: { to: 'bob', password: 'hunter2-hunter2' } })
    const used = { uses: 2, lastUsedAt: now, lastUsedFor: { call: 'call_2', line: expect.any(String) } }
    expect(rules.list()[0]).toMatchObject(used)
    expect(rules.list()[0]!.lastUsedFor!.line).toMatch(/^s__send \{"to":"bob"/)
    expect(JSON.stringify(rules.list())).not.toContain('hunter2')
    reopen()
    expect(rules.list()[0]).toMatchObject(used)
    expect(
      db
        .prepare('SELECT * FROM rules')
        .all()
        .map((row) => JSON.stringify(row))
        .join(),
    ).not.toContain('hunter2')
  })

  it('sleeps while the tool or what runs is another one, says why and since when, and wakes with it', () => {
    make('tool')
    make('never')
    const said: string[] = []
    rules.events.on('changed', () => void said.push(rules.list().at(-1)!.state))
    now += minute
    tool = { definitionHash: 'other', identity: 'program', risk: 'write' }
    rules.review()
    const since = now
    now += minute
    rules.review()
    expect(rules.list()[1]).toMatchObject({ state: 'asleep', sleeps: { why: 'tool-changed', since } })
    // Who changes does not escape it.
    expect(rules.list()[0]).toMatchObject({ effect: 'never', state: 'active', sleeps: null })
    reopen()
    expect(rules.list()[1]!.sleeps).toEqual({ why: 'tool-changed', since })
    tool = { definitionHash: 'def', identity: 'other', risk: 'write' }
    rules.review()
    expect(rules.list()[1]!.sleeps).toEqual({ why: 'server-changed', since: now })
    tool = { definitionHash: 'def', identity: 'program', risk: 'destructive' }
    rules.review()
    expect(rules.list()[1]!.sleeps!.why).toBe('destructive')
    tool = null
    rules.review()
    expect(rules.list()[1]).toMatchObject({ state: 'absent', sleeps: null })
    tool = { definitionHash: 'def', identity: 'program', risk: 'write' }
    rules.review()
    expect(rules.list()[1]).toMatchObject({ state: 'active', sleeps: null })
    expect(said).toEqual(['asleep'])
  })

  it('can be changed: until when, and whether it asks after reading; not into what is not offered', () => {
    const id = make('tool')
    expect(rules.change(id, { until: now + day })).toMatchObject({ until: now + day, waivesTaint: false })
    expect(rules.change(id, { waivesTaint: true })).toMatchObject({ until: now + day, waivesTaint: true })
    reopen()
    expect(rules.list()[0]).toMatchObject({ until: now + day, waivesTaint: true })
    expect(rules.of('g', 's__send')![0]).toMatchObject({ until: now + day, waivesTaint: true })
    expect(() => rules.change(id, { until: now })).toThrow('in the past')
    expect(() => rules.change('rule_other', {})).toThrow('no such rule')
    const chat = make('chat')
    expect(() => rules.change(chat, { until: null })).toThrow('for one chat')
    expect(() => rules.change(chat, { until: now + 2 * day })).toThrow('for one chat')
    tool = { definitionHash: 'def', identity: 'program', risk: 'destructive' }
    const short = make('15m', { risk: 'destructive' })
    expect(() => rules.change(short, { until: null })).toThrow('never allowed for ever')
    expect(rules.change(short, { until: now + 30 * minute }).until).toBe(now + 30 * minute)
    expect(rules.change(make('exact', { risk: 'destructive' }), { until: null }).until).toBeNull()
  })

  it('is gone for good once it is revoked, and decides nothing any more', () => {
    const id = make('tool')
    rules.revoke(id)
    expect(rules.apply(id, { id: 'c', tool: 't', arguments: {} })).toBe(false)
    expect(rules.of('g', 's__send')).toBeUndefined()
    expect(() => rules.revoke(id)).toThrow('no such rule')
    reopen()
    expect(rules.list()).toEqual([])
  })
})

describe('rules', () => {
  it('end with the grant, with its chat, with its tool, and when everything ends; what may never be stays', () => {
    const left = () => rules.list().map((one) => `${one.grantId} ${one.effect}${one.inChat ? ' chat' : ''}`)
    const all = () => {
      for (const grantId of ['a', 'b'])
        for (const choice of ['chat', 'tool', 'never'] as const) make(choice, { grantId })
    }
    all()
    rules.endChat('a', 'other')
    rules.endChat('a', 'chat')
    expect(left()).toEqual(['b never', 'b allow', 'b allow chat', 'a never', 'a allow'])
    rules.endFor('b')
    expect(left()).toEqual(['b never', 'a never', 'a allow'])
    rules.endFor(null)
    reopen()
    expect(left()).toEqual(['b never', 'a never'])
    expect(rules.revokeAll('b')).toBe(1)
    rules.sweep(new Set(['b']))
    expect(left()).toEqual([])
    all()
    rules.forget((toolId) => toolId === 's__send')
    reopen()
    expect(left()).toEqual([])
  })

  it('are not more than five hundred for one grant', () => {
    for (let count = 0; count < 500; count += 1) make('exact')
    expect(rules.choices(subject, 'write', 'g')).toEqual(['once'])
    expect(rules.choices(subject, 'write', 'other')).toContain('tool')
    // Also those that were offered while there was room.
    for (const choice of ['15m', 'chat', 'never'] as const)
      expect(() => make(choice)).toThrow(expect.objectContaining({ code: 'rules-full' }))
    expect(rules.list()).toHaveLength(500)
    make('15m', { grantId: 'other' })
  })
})

it('a rule that could not be deleted is not there after a restart either', () => {
  const id = make('tool')
  make('never')
  db.exec('PRAGMA query_only = 1')
  expect(() => rules.revoke(id)).toThrow()
  expect(rules.list().map(({ effect }) => effect)).toEqual(['never'])
  db.exec('PRAGMA query_only = 0')
  rules.sweep(new Set(['g']))
  reopen()
  expect(rules.list().map(({ effect }) => effect)).toEqual(['never'])
})

it('what can delete things is not allowed for a thousand years either', () => {
  tool = { ...tool!, risk: 'destructive' }
  const id = make('15m', { risk: 'destructive' })
  expect(() => rules.change(id, { until: now + 32 * day })).toThrow(
    expect.objectContaining({ code: 'rule-destructive' }),
  )
  expect(rules.change(id, { until: now + 30 * day }).until).toBe(now + 30 * day)
  expect(rules.change(make('exact', { risk: 'destructive' }), { until: now + 900 * day })).toMatchObject({
    state: 'active',
  })
  tool = { ...tool!, risk: 'write' }
  expect(rules.change(id, { until: now + 900 * day }).state).toBe('active')
})

it('what reaches as far as a rule without an end sleeps as that one does, once its tool can delete things', () => {
  const ids = [make('15m'), make('tool'), make('chat')]
  rules.change(ids[0]!, { until: now + 900 * day })
  tool = { ...tool!, risk: 'destructive' }
  rules.review()
  const states = new Map(rules.list().map(({ id, state }) => [id, state]))
  expect(ids.map((id) => states.get(id))).toEqual(['asleep', 'asleep', 'active'])
  reopen()
  expect(rules.list().find(({ id }) => id === ids[0])!.sleeps!.why).toBe('destructive')
})

it('is no answer to what was read after its question was put', () => {
  const askedAt = now
  now += 5 * minute
  rules.make('15m', asked({ askedAt }), subject, {})()
  const [rule] = rules.of('g', subject.toolId)!
  // `asksAgain` (policy/taint.ts) compares this with when something was read.
  expect(rule).toMatchObject({ since: askedAt, until: now + 15 * minute })
})
