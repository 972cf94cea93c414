import { type Sentence, saidLater } from '../../locales/say.ts'
import { Severity, type TimelineEvent } from '../contract/timeline.ts'
import { isObject } from '../kernel/is-object.ts'

/** As it is stored, before it has a place. */
export type NewEvent = Omit<TimelineEvent, 'id' | 'receivedAt' | 'isExample' | 'data'> & {
  /** As it was sent; undefined: nothing. */
  data: unknown
}

/** Characters of an event as JSON. */
const maxSize = 64_000
/** Clocks differ, and so do ideas of the time zone. */
const ahead = 86_400_000
const day = 86_400_000

const long = { id: 300, source: 500, type: 200, subject: 500, kind: 40, environment: 100, version: 100 }
const longestTitle = 300

type Fields = Record<string, unknown>

/**
 * An event as it was sent (CloudEvents 1.0, "JSON Event Format"), or what is wrong with it. What CloudEvents has no name for is taken
 * from extension attributes, else from `data`: `kind`, `environment`, `version`, `severity`, `title`, `metric`, `value`.
 */
export function readCloudEvent(
  sent: unknown,
  { now, keepDays }: { now: number; keepDays: number },
): NewEvent | Sentence {
  if (!isObject(sent)) return saidLater('timeline.problem.notAnObject')
  const event = sent as Fields
  if (sizeOf(event) > maxSize) return saidLater('timeline.problem.tooLarge')
  const wrong = problemOf(event)
  if (wrong) return wrong
  const at = event.time === undefined ? now : timeOf(event.time)
  if (at === null) return saidLater('timeline.problem.time')
  if (at > now + ahead) return saidLater('timeline.problem.future')
  if (at < now - keepDays * day) return saidLater('timeline.problem.old', { days: keepDays })
  return described(event, at)
}

/** What is nested so deep that it cannot be written out is too large whatever its size. */
function sizeOf(event: Fields): number {
  try {
    return JSON.stringify(event).length
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

export const isProblem = (read: NewEvent | Sentence): read is Sentence => !('eventId' in read)

/** What CloudEvents 1.0 demands ("Required Attributes"). */
function problemOf(event: Fields): Sentence | null {
  if (event.specversion !== '1.0')
    return event.specversion === undefined
      ? saidLater('timeline.problem.missing', { attribute: 'specversion' })
      : saidLater('timeline.problem.specversion')
  for (const attribute of ['id', 'source', 'type'] as const) {
    const value = event[attribute]
    if (value === undefined || value === '') return saidLater('timeline.problem.missing', { attribute })
    if (typeof value !== 'string') return saidLater('timeline.problem.notText', { attribute })
    if (value.length > long[attribute])
      return saidLater('timeline.problem.tooLong', { attribute, most: long[attribute] })
  }
  if (
    event.subject !== undefined &&
    (typeof event.subject !== 'string' || event.subject.length > long.subject)
  )
    return saidLater('timeline.problem.tooLong', { attribute: 'subject', most: long.subject })
  if (event.data !== undefined && event.data_base64 !== undefined)
    return saidLater('timeline.problem.twoData')
  return null
}

function described(event: Fields, at: number): NewEvent | Sentence {
  const data = isObject(event.data) ? (event.data as Fields) : {}
  const found = (...names: string[]): unknown =>
    [event, data]
      .flatMap((from) => names.map((name) => (Object.hasOwn(from, name) ? from[name] : undefined)))
      .find((value) => value !== undefined && value !== null && value !== '')
  const type = event.type as string
  const given = found('severity')
  const severity = given === undefined ? null : severityOf(given)
  if (severity === undefined)
    return saidLater('timeline.problem.severity', { severities: Severity.options.join(', ') })
  const kind = kindOf(found('kind') ?? kindOfType(type))
  if (kind === null) return saidLater('timeline.problem.kind', { most: long.kind })
  const value = found('value')
  if (kind === 'metric' && (typeof value !== 'number' || !Number.isFinite(value)))
    return saidLater('timeline.problem.value')
  const measured = kind === 'metric' ? textOf(found('metric', 'name'), 100) : null
  if (kind === 'metric' && measured === null)
    return saidLater('timeline.problem.missing', { attribute: 'metric' })
  const subject = textOf(event.subject, long.subject)
  return {
    at,
    source: event.source as string,
    eventId: event.id as string,
    type,
    subject,
    kind,
    title:
      textOf(found('title', 'summary', 'message', 'description'), longestTitle) ??
      (measured === null ? (subject ?? type) : `${measured} = ${value}`),
    environment: textOf(found('environment', 'env'), long.environment),
    version: textOf(found('version'), long.version),
    severity,
    metric: measured,
    value: measured === null ? null : (value as number),
    data: event.data_base64 ?? event.data,
  }
}

/** RFC 3339, section 5.6; the time zone is part of it. */
function timeOf(sent: unknown): number | null {
  if (typeof sent !== 'string') return null
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/.test(sent)) return null
  const at = Date.parse(sent.replace(' ', 'T').toUpperCase())
  return Number.isNaN(at) || at < 0 ? null : at
}

function textOf(value: unknown, most: number): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  // a letter that takes two places is not cut in half
  const text = String(value).trim().slice(0, most).toWellFormed()
  return text === '' ? null : text
}

/** As others call them. */
const severities: Record<string, Severity> = {
  ...{ debug: 'info', low: 'info', none: 'info', notice: 'info', ok: 'info', informational: 'info' },
  ...{ warning: 'minor', warn: 'minor', medium: 'minor', moderate: 'minor' },
  ...{ error: 'major', high: 'major', severe: 'major' },
  ...{ fatal: 'critical', emergency: 'critical', urgent: 'critical', alert: 'critical' },
}

function severityOf(value: unknown): Severity | undefined {
  const word = String(value).trim().toLowerCase()
  const own = Severity.safeParse(word)
  return own.success ? own.data : Object.hasOwn(severities, word) ? severities[word] : undefined
}

function kindOf(value: unknown): string | null {
  const word = String(value)
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return word === '' || word.length > long.kind ? null : word
}

/** Where nothing says it, the words in the type do; the first that fits. */
const byWord: readonly (readonly [RegExp, string])[] = [
  [/roll.?back|revert/i, 'rollback'],
  [/deploy/i, 'deployment'],
  [/release|publish/i, 'release'],
  [/incident|outage/i, 'incident'],
  [/alert|alarm/i, 'alert'],
  [/metric|measure/i, 'metric'],
  [/migrat/i, 'migration'],
  [/maintenance/i, 'maintenance'],
  [/config|setting|flag|feature/i, 'config_change'],
  [/error|exception|crash/i, 'error'],
  [/build|pipeline|ci\b/i, 'build'],
]
const kindOfType = (type: string): string => byWord.find(([words]) => words.test(type))?.[1] ?? 'other'
