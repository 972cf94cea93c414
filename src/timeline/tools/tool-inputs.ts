import * as z from 'zod'
import { Severity } from '../../contract/timeline.ts'

const span = /^(\d{1,4})\s*(m|min|h|d|w)$/i
const spans: Record<string, number> = { m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** Milliseconds since 1970 of what was written: a date, a date with time, `2h` (so long ago), `today`, `yesterday`, `now`; local time. */
export function momentOf(text: string, now: number): number | null {
  const word = text.trim().toLowerCase()
  if (word === 'now') return now
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  if (word === 'today') return midnight
  if (word === 'yesterday') return new Date(midnight - 43_200_000).setHours(0, 0, 0, 0)
  const [, count, unit] = span.exec(word) ?? []
  if (count !== undefined) return now - Number(count) * spans[unit!]!
  if (!/^\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:\d\d)?)?$/.test(word)) return null
  const at = Date.parse(word.length === 10 ? `${word}T00:00` : word.replace(' ', 'T').toUpperCase())
  return Number.isNaN(at) || at < 0 ? null : at
}

/** What several tools take. */
function sharedInputs() {
  const moment = z
    .string()
    .max(40)
    .refine((text) => momentOf(text, 0) !== null || momentOf(text, Date.now()) !== null, {
      error:
        'must be a date or a date with time (2026-11-28, 2026-11-28T14:05:00Z), a span such as 2h or 7d (so long ago), today, yesterday or now',
    })
  const facets = {
    kind: z
      .string()
      .max(40)
      .optional()
      .describe(
        'Only this kind, for example deployment, rollback, release, incident, alert, error, config_change, metric',
      ),
    environment: z.string().max(100).optional().describe('Only this environment, for example production'),
    severity: Severity.optional().describe('Only this severity'),
  }
  const more = {
    source: z.string().max(500).optional().describe('Only this source, as events name it'),
    version: z.string().max(100).optional().describe('Only this version'),
  }
  const period = {
    since: moment
      .optional()
      .describe('From when on: a date with time, a span such as 2h or 7d, today, yesterday'),
    until: moment.optional().describe('Until when, in the same ways'),
  }
  const limit = z.number().int().min(1).max(100).default(20).describe('How many at most')
  const before = z.string().max(40).optional().describe('The id of the last event of the page before')
  const minutes = (usual: number) => z.number().int().min(1).max(10_080).default(usual)
  const around = {
    id: z.string().max(500).optional().describe('The id of an event (evt_…)'),
    at: moment.optional().describe('Or a moment, where no event is meant'),
  }
  const one = {
    id: z
      .string()
      .max(500)
      .describe('The id of an event, as lists give it (evt_…), or as its source gave it'),
  }
  return { facets, more, period, limit, before, minutes, around, one }
}

/** Schemas are made when a tool is first listed or called, and those for the list are not kept. */
export function toolInputs() {
  const { facets, more, period, limit, before, minutes, around, one } = sharedInputs()
  return {
    recent_events: z.strictObject({ ...facets, ...more, ...period, limit, before }),
    search_events: z.strictObject({
      query: z.string().min(1).max(400).describe('Words that must all be in the event'),
      ...facets,
      ...more,
      ...period,
      limit,
      before,
    }),
    get_event: z.strictObject({
      ...one,
      source: z.string().max(500).optional().describe('With an id that its source gave it: that source'),
    }),
    events_around: z.strictObject({
      ...around,
      minutesBefore: minutes(60).describe('How far back to look'),
      minutesAfter: minutes(60).describe('How far ahead to look'),
      ...facets,
      limit: z.number().int().min(1).max(50).default(20).describe('How many before and after, each, at most'),
    }),
    compare_before_after: z.strictObject({
      ...around,
      metric: z
        .string()
        .min(1)
        .max(100)
        .optional()
        .describe(
          'The name of a metric that was sent (error_rate), or that a connected service counts: errors, visitors, pageviews, revenue (revenue_eur). Left out: only the events are counted',
        ),
      minutes: minutes(60).describe('How much time before and after to compare'),
      environment: facets.environment,
    }),
    event_stats: z.strictObject({ ...facets, ...period }),
    what_changed: z.strictObject({
      ...period,
      ...around,
      minutes: minutes(60).describe('Around an event or a moment: how much time before and after to look at'),
      environment: facets.environment,
      limit: z.number().int().min(1).max(20).default(5).describe('How many possible causes at most'),
    }),
  }
}

/** What several answers have. */
function sharedOutputs() {
  const event = z.object({
    id: z.string(),
    time: z.iso.datetime(),
    kind: z.string(),
    title: z.string(),
    environment: z.string().optional(),
    version: z.string().optional(),
    severity: Severity.optional(),
    subject: z.string().optional(),
    source: z.string(),
    type: z.string(),
    metric: z.string().optional(),
    value: z.number().optional(),
    example: z.boolean().optional().describe('True: made by Drawbridge to show what an event looks like'),
  })
  const keptSince = z.iso.datetime().describe('Nothing older is kept')
  const list = z.object({
    events: z.array(event).describe('Newest first'),
    before: z.string().nullable().describe('For the next page; null: this was the last'),
    keptSince,
  })
  return { event, keptSince, list, ...countedOutputs() }
}

function countedOutputs() {
  const count = z.number().int()
  const counts = z.array(z.object({ name: z.string().describe('none: not said'), events: count }))
  const side = z.object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    events: count,
    bySeverity: counts,
    byKind: counts,
  })
  const values = z.object({ count, average: z.number(), least: z.number(), most: z.number() }).nullable()
  return { count, counts, side, values }
}

/** What answers are made of. */
export function toolOutputs() {
  const { event, keptSince, list, count, counts, side, values } = sharedOutputs()
  return {
    recent_events: list,
    search_events: list,
    get_event: event.extend({
      eventId: z.string().describe('As its source named it'),
      receivedAt: z.iso.datetime(),
      data: z.unknown().describe('As it was sent, without secrets'),
    }),
    events_around: z.object({
      around: z.iso.datetime(),
      event: event.nullable(),
      before: z.array(event).describe('Newest first'),
      after: z.array(event).describe('Oldest first'),
      keptSince,
    }),
    compare_before_after: z.object({
      around: z.iso.datetime(),
      event: event.nullable(),
      before: side,
      after: side.extend({ complete: z.boolean().describe('False: that time is not over yet') }),
      metric: z
        .object({
          name: z.string(),
          from: z.string().nullable().describe('Who measured; null: nobody did'),
          before: values,
          after: values,
          changePercent: z.number().nullable().describe('Of the averages'),
          note: z.string(),
        })
        .nullable(),
    }),
    event_stats: z.object({
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      events: count,
      byKind: counts,
      byEnvironment: counts,
      bySeverity: counts,
      bySource: counts.nullable().describe('Null where it was narrowed down'),
      byDay: z.array(z.object({ day: z.iso.date(), events: count })).describe('UTC, oldest first'),
      keptSince,
    }),
    what_changed: whatChangedOutput(event),
  }
}

function whatChangedOutput(event: ReturnType<typeof sharedOutputs>['event']) {
  const age = {
    asOf: z.iso.datetime().nullable().describe('When the source said so'),
    age: z.string().nullable().describe('How long ago that was'),
  }
  return z.object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    around: z.iso.datetime().nullable(),
    candidates: z
      .array(event.extend({ likelihood: z.enum(['likely', 'possible', 'other']), why: z.string() }))
      .describe(
        'What may be why, the likeliest first: by nearness and by how much changed. No proof. other: it changed in that time, and nothing that is known followed from it',
      ),
    numbers: z.array(
      z.object({
        name: z.string(),
        source: z.string(),
        before: z.number(),
        after: z.number(),
        per: z.string().describe('The time that both stand for'),
        changePercent: z.number().nullable(),
        changedAt: z.iso
          .datetime()
          .nullable()
          .describe('Since when it is another; null: it did not change plainly'),
        ...age,
        stale: z.boolean().describe('True: the service cannot be asked now, and this is what it said last'),
      }),
    ),
    incidents: z
      .array(event)
      .describe('Incidents, alerts and new errors in that time, newest first, five at most'),
    events: z.number().int().describe('How many were looked at'),
    notAsked: z
      .array(z.object({ what: z.string(), why: z.string() }))
      .describe('What is not known, so that nothing is said about it'),
    sources: z
      .array(z.object({ source: z.string(), ...age }))
      .describe('Services whose events are in the timeline'),
  })
}

export type ToolName = keyof ReturnType<typeof toolInputs>
type Inputs = ReturnType<typeof toolInputs>
export type InputOf<T extends ToolName> = z.output<Inputs[T]>
