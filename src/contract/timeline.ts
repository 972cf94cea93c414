import * as z from 'zod'
import { command, event, nothing, query } from './definition.ts'
import { time } from './time.ts'

/** From harmless to worst. */
export const Severity = z.enum(['info', 'minor', 'major', 'critical'])
export type Severity = z.infer<typeof Severity>

/** Something that happened to what the user runs: a deployment, an incident, a value that was measured. */
export const TimelineEvent = z.object({
  /** Ours; grows with the time of the event. */
  id: z.string(),
  /** When it happened, and when it came here. */
  at: time,
  receivedAt: time,
  /** `source`, `id`, `type` and `subject` of CloudEvents 1.0; the first two together are an event's own name. */
  source: z.string(),
  eventId: z.string(),
  type: z.string(),
  subject: z.string().nullable(),
  /** Small letters, digits, `-` and `_`: `deployment`, `incident`, `metric`, … */
  kind: z.string(),
  /** What happened, in a line. */
  title: z.string(),
  environment: z.string().nullable(),
  version: z.string().nullable(),
  severity: Severity.nullable(),
  /** Of kind `metric`: what was measured, and how much it was. */
  metric: z.string().nullable(),
  value: z.number().nullable(),
  /** JSON text, redacted. */
  data: z.string().nullable(),
  /** Made by Drawbridge, to show what one looks like. */
  isExample: z.boolean(),
})
export type TimelineEvent = z.infer<typeof TimelineEvent>

/** All that is given must hold. `since` is part of it, `until` not. */
export const TimelineFilter = z.object({
  kind: z.string().max(40).optional(),
  environment: z.string().max(100).optional(),
  severity: Severity.optional(),
  source: z.string().max(500).optional(),
  version: z.string().max(100).optional(),
  since: time.optional(),
  until: time.optional(),
})
export type TimelineFilter = z.infer<typeof TimelineFilter>

/** A line of the watched file that is no event. */
const RefusedLine = z.object({
  at: time,
  /** Where in the file it begins, in bytes. */
  offset: z.number().int().nonnegative(),
  line: z.string(),
  problem: z.string(),
})

export const TimelineOverview = z.object({
  /** Of the user's own. */
  total: z.number().int().nonnegative(),
  /** The most frequent ones, most first. */
  kinds: z.array(z.string()),
  environments: z.array(z.string()),
  /** Nothing older is kept. */
  since: time,
  /** Null: none is watched. `problem`: why it cannot be read now. */
  file: z.object({ path: z.string(), problem: z.string().nullable() }).nullable(),
  /** Newest first, twenty at most. */
  refused: z.array(RefusedLine),
})
export type TimelineOverview = z.infer<typeof TimelineOverview>

/** By place: the event's id, and whether it was new. One that is known already is left as it was. */
export const SentEvents = z.object({ events: z.array(z.object({ id: z.string(), isNew: z.boolean() })) })
export type SentEvents = z.infer<typeof SentEvents>

export const timelineApi = {
  /** Newest first. `before`: the id of the last one of the page before. */
  'timeline.list': query(
    z.object({
      before: z.string().max(40).optional(),
      limit: z.number().int().min(1).max(200).default(50),
      search: z.string().max(400).optional(),
      filter: TimelineFilter.optional(),
    }),
    z.array(TimelineEvent),
  ),
  'timeline.get': query(z.object({ id: z.string().max(40) }), TimelineEvent),
  'timeline.overview': query(nothing, TimelineOverview),
  /** CloudEvents 1.0 in the JSON format. All are taken, or none: then it is said which one does not fit, and why. */
  'timeline.send': command(z.object({ events: z.array(z.unknown()).min(1).max(1_000) }), SentEvents),

  'timeline.changed': event(z.object({})),
}
