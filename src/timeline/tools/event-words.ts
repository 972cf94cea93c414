import type { TimelineEvent } from '../../contract/timeline.ts'

export const iso = (at: number): string => new Date(at).toISOString()
export const counted = (count: number): string => `${count === 1 ? 'One event' : `${count} events`}`

/** As lists have it. */
export const shortOf = (event: TimelineEvent) => ({
  id: event.id,
  time: iso(event.at),
  kind: event.kind,
  title: event.title,
  ...(event.environment !== null && { environment: event.environment }),
  ...(event.version !== null && { version: event.version }),
  ...(event.severity !== null && { severity: event.severity }),
  ...(event.subject !== null && { subject: event.subject }),
  source: event.source,
  type: event.type,
  ...(event.metric !== null && { metric: event.metric }),
  ...(event.value !== null && { value: event.value }),
  ...(event.isExample && { example: true }),
})

/** An event on a line: `2026-11-28T14:05:00.000Z deployment production 1.4.2: Shop was deployed`. */
export const lineOf = ({
  at,
  kind,
  environment,
  version,
  severity,
  title,
  isExample,
}: TimelineEvent): string =>
  `${[iso(at), kind, environment, version, severity].filter(Boolean).join(' ')}: ${title}${isExample ? ' (an example)' : ''}`
