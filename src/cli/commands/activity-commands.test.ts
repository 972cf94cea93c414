import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Call, CallRule } from '../../contract/activity.ts'
import { sampleOf } from '../../contract/testing/sample.ts'
import { json, startHarness } from '../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => {
  h.forget()
  const at = new Date(2026, 10, 25, 14, 5).getTime()
  h.state.calls = [2, 1, 0].map((n) =>
    sampleOf(Call, {
      ...{ id: `call_${n}`, at: at + n * 60_000, grantId: 'grant_9', clientName: 'ChatGPT' },
      ...{ tool: n === 1 ? 'notes__write' : 'files__read', source: n === 1 ? 'notes' : 'files' },
      ...({ risk: n === 1 ? 'write' : 'read', decision: n === 1 ? 'approved' : 'allowed' } as const),
      ...({ outcome: 'answered', duration: 5 } as const),
    }),
  )
})

it('lists what passes the filter', async () => {
  const all = await h.drawbridge(
    'activity',
    'list',
    '--tool',
    'notes__write',
    '--since',
    '2026-11-25',
    '--json',
  )
  expect(json(all).map(({ id }: Call) => id)).toEqual(['call_1'])
  expect(h.last('activity.list')).toMatchObject({
    filter: { tool: 'notes__write', since: new Date(2026, 10, 25).getTime() },
  })
  const lines = await h.drawbridge('activity', 'list', '--risk', 'read')
  expect(lines.out.split('\n')).toHaveLength(3)
  expect((await h.drawbridge('activity', 'list', '--search', 'zebra')).out).toBe('No calls.')
  // Up to the last moment of a day, and with no word of what would not be taken either.
  await h.drawbridge('activity', 'list', '--until', '2026-11-25')
  expect(h.last('activity.list')).toMatchObject({
    filter: { until: new Date(2026, 10, 26).getTime() - 1 },
  })
  const never = await h.drawbridge('activity', 'list', '--since', 'never')
  expect([never.code, never.err]).toEqual([2, expect.stringContaining('Write a date such as 2026-12-31.')])
  for (const odd of [
    ['--since', '2026-02-31'],
    ['--limit', '0'],
    ['--risk', 'none'],
    ['--assistant', 'Nobody'],
  ])
    expect((await h.drawbridge('activity', 'list', ...odd)).code, odd.join(' ')).toBeGreaterThan(1)
  expect(
    (await h.drawbridge('activity', 'list', '--since', '2026-11-25', '--until', '2026-11-24')).code,
  ).toBe(2)
})

it('says which rule let a call through', async () => {
  const rule = sampleOf(CallRule, {
    id: 'rule_7',
    effect: 'allow',
    since: new Date(2026, 10, 24, 9, 30).getTime(),
  })
  Object.assign(h.state.calls[0]!, { rule })
  const { out } = await h.drawbridge('activity', 'list')
  expect(out).toContain('Allowed by a rule of yours, since 2026-11-24 09:30')
  expect(out.match(/rule of yours/g)).toHaveLength(1)
  expect(json(await h.drawbridge('activity', 'list', '--json'))[0].rule).toEqual(rule)
  Object.assign(h.state.calls[0]!, { rule: { ...rule, effect: 'never' } })
  expect((await h.drawbridge('activity', 'list')).out).toContain('Refused by a rule of yours')
})

it('shows one call in full, with its rule and its place in the chain', async () => {
  const at = new Date(2026, 10, 25, 14, 5).getTime()
  const rule = sampleOf(CallRule, {
    ...{
      id: 'rule_7',
      effect: 'allow',
      since: at - 60_000,
      until: null,
      clientName: 'ChatGPT',
      tool: 'files__read',
    },
    ...{ isExact: true, inChat: false, waivesTaint: false },
  })
  Object.assign(h.state.calls.find(({ id }) => id === 'call_0')!, {
    ...{
      rule,
      arguments: '{"path":"a","text":"\u202enoc"}',
      result: '{"cut off',
      error: null,
      duration: 61_000,
    },
  })
  const { out, code } = await h.drawbridge('activity', 'show', 'call_0')
  expect(code).toBe(0)
  for (const line of [
    /^Id +call_0$/m,
    /^Decision +Allowed by a rule of yours$/m,
    /^Rule +ChatGPT may use files__read with exactly this\. Your answer since 2026-11-25 14:04, .+\(rule_7\)$/m,
    /^When +2026-11-25 14:05$/m,
    /^Ended +2026-11-25 14:06$/m,
    /^Took +61000 ms$/m,
    /^In the chain +[\w-]{43}$/m,
    /^What it was given\n {2}\{\n {4}"path": "a",\n/m,
    /^What came back\n {2}\{"cut off$/m,
  ])
    expect(out).toMatch(line)
  expect(out).not.toContain('\u202e')
  const whole = json(await h.drawbridge('activity', 'show', 'call_0', '--json'))
  expect(whole).toMatchObject({ id: 'call_0', rule, link: expect.stringMatching(/^[\w-]{43}$/) })
  expect((await h.drawbridge('activity', 'show', 'nobody')).code).toBeGreaterThan(1)
})

it('adds up calls and sign-ins', async () => {
  const { out } = await h.drawbridge('activity', 'usage')
  expect(out).toMatch(/Asked to come in +3 +1 +75 %\nAsked for a token +41 +0 +100 %$/)
  expect(json(await h.drawbridge('activity', 'usage', '--json')).signIns.tokens).toEqual({
    worked: 41,
    failed: 0,
  })
})

it('exports part by part, until nobody reads any more', async () => {
  const ids = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id)
  const all = await h.drawbridge('activity', 'export', '--format', 'jsonl')
  expect(ids(all.out)).toEqual(['call_0', 'call_1', 'call_2'])
  h.readsParts = 1
  h.called.length = 0
  expect(await h.drawbridge('activity', 'export', '--format', 'jsonl')).toMatchObject({ code: 0, err: '' })
  expect(h.called.filter(({ name }) => name === 'activity.export')).toHaveLength(1)
})

it('exports to a file that only its owner reads, and replaces none unasked', async () => {
  const file = join(h.dir, 'log.jsonl')
  const made = await h.drawbridge('activity', 'export', '--format', 'jsonl', file, '--json')
  expect(json(made)).toEqual({ rows: 3, file })
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(3)
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  writeFileSync(file, 'mine')
  const again = await h.drawbridge('activity', 'export', file)
  expect(again).toMatchObject({ code: 5, err: expect.stringContaining('There is a file') })
  expect(readFileSync(file, 'utf8')).toBe('mine')
  expect((await h.drawbridge('activity', 'export', file, '--force', '--tool', 'notes__write')).out).toContain(
    '1 call was written',
  )
  expect(readFileSync(file, 'utf8')).toContain('call_1')
  const nowhere = join(h.dir, 'none', 'log.csv')
  expect((await h.drawbridge('activity', 'export', nowhere)).code).toBe(1)
  mkdirSync(join(h.dir, 'folder'))
  const folder = await h.drawbridge('activity', 'export', join(h.dir, 'folder'), '--force')
  expect(folder).toMatchObject({
    code: 1,
    err: expect.stringContaining('folder” cannot be written (EISDIR)'),
  })
  expect(readdirSync(h.dir).filter((name) => name.startsWith('folder'))).toEqual(['folder'])
  h.state.failing['activity.export'] = { code: 'internal', message: 'No.', hint: '' }
  expect((await h.drawbridge('activity', 'export', join(h.dir, 'half'))).code).not.toBe(0)
  expect(existsSync(join(h.dir, 'half'))).toBe(false)
})

it('says what a check found, and fails when the log is not whole', async () => {
  expect(await h.drawbridge('activity', 'check')).toMatchObject({
    code: 0,
    out: 'The record is whole: 14 rows, all as they were written.',
  })
  h.state.check = { ...h.state.check, changed: ['call_1'], missing: 2 }
  const found = await h.drawbridge('activity', 'check')
  expect(found.code).toBe(1)
  expect(found.out).toContain('2 rows were taken away.')
  expect(found.out).toContain('  call_1')
})

it('tells the diary of a day and of its week', async () => {
  const day = await h.drawbridge('diary', '--day', '2026-11-25')
  expect(h.last('activity.diary')).toEqual({
    since: new Date(2026, 10, 25).getTime(),
    until: new Date(2026, 10, 25).getTime(),
  })
  expect(day.out).toBe('Nothing was called on that day.')
  const week = await h.drawbridge('diary', '--day', '2026-11-25', '--week')
  expect(week.out.split('\n')).toEqual([
    'Week from 23 Nov 2026',
    '',
    'ChatGPT looked something up 2 times: files__read of files (2 times).',
    'ChatGPT made 1 change:',
    '  25 Nov 2026, 14:06: notes__write of notes, which you allowed  (call_1)',
  ])
  expect(json(await h.drawbridge('diary', '--day', '2026-11-25', '--week', '--json'))[0].day).toBe(
    '2026-11-23',
  )
})
