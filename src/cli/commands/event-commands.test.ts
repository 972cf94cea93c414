import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { sampleOf } from '../../contract/testing/sample.ts'
import { TimelineEvent } from '../../contract/timeline.ts'
import { json, startHarness } from '../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

it('sends one event as it is told, with an id and a time of its own', async () => {
  const sent = await h.drawbridge(
    ...['event', 'send', '--title', 'Shop is out', '--kind', 'deployment', '--env', 'production'],
    ...['--version', '1.4.2', '--severity', 'info', '--time', '2026-11-28T14:05:00Z'],
  )
  expect(sent).toMatchObject({ code: 0, out: expect.stringContaining('One event was added.') })
  expect(h.last('timeline.send')).toEqual({
    events: [
      {
        ...{ specversion: '1.0', id: expect.stringMatching(/^[\da-f-]{36}$/), type: 'drawbridge.deployment' },
        ...{ source: expect.stringMatching(/^cli:\/\//), time: '2026-11-28T14:05:00.000Z' },
        ...{
          title: 'Shop is out',
          kind: 'deployment',
          environment: 'production',
          version: '1.4.2',
          severity: 'info',
        },
      },
    ],
  })
  await h.drawbridge(
    'event',
    'send',
    '--metric',
    'error_rate',
    '--value',
    '0.25',
    '--source',
    's',
    '--id',
    'i',
  )
  expect(h.last('timeline.send')).toMatchObject({
    events: [{ kind: 'metric', metric: 'error_rate', value: 0.25, source: 's', id: 'i' }],
  })
})

it('sends what stands on standard input: one, a list, or one to a line', async () => {
  for (const [input, count] of [
    ['{"id":"a"}', 1],
    ['[{"id":"a"},{"id":"b"}]', 2],
    ['{"id":"a"}\n\n{"id":"b"}\n', 2],
  ] as const) {
    h.input = input
    expect(json(await h.drawbridge('event', 'send', '--json')).events).toHaveLength(count)
  }
  h.input = '{"id":"a"}\n{"id":'
  expect(await h.drawbridge('event', 'send')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Line 2'),
  })
  h.input = null
  expect(await h.drawbridge('event', 'send')).toMatchObject({
    code: 2,
    err: expect.stringContaining('no event'),
  })
  for (const odd of [
    ['--value', 'much'],
    ['--severity', 'spicy'],
    ['--time', '2026-02-31'],
  ])
    expect((await h.drawbridge('event', 'send', '--title', 'x', ...odd)).code, odd.join(' ')).toBe(2)
})

it('lists what passes', async () => {
  h.state.events = ['deployment', 'incident'].map((kind, n) =>
    sampleOf(TimelineEvent, {
      id: `evt_${n}`,
      at: n,
      kind,
      title: `the ${kind}`,
      environment: 'production',
      severity: null,
    }),
  )
  expect(json(await h.drawbridge('event', 'list', '--kind', 'incident', '--json'))).toMatchObject([
    { id: 'evt_1' },
  ])
  const lines = (await h.drawbridge('event', 'list', '--env', 'production')).out.split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[1]).toContain('the deployment')
  expect((await h.drawbridge('event', 'list', '--search', 'zebra')).out).toBe('No events.')
  expect((await h.drawbridge('event', 'list', '--limit', '0')).code).toBe(2)
})

it('says how long events are kept, and which file is read', async () => {
  await h.drawbridge('settings', '--keep-events', '30', '--event-file', 'events.jsonl')
  expect(h.last('preferences.set')).toEqual({ timelineDays: 30, timelineFile: '/home/ada/events.jsonl' })
  const shown = (await h.drawbridge('settings')).out
  expect(shown).toContain('kept for 30 days')
  expect(shown).toContain('/home/ada/events.jsonl')
  expect((await h.drawbridge('settings', '--event-file', 'off')).out).toContain('No file is read')
})
