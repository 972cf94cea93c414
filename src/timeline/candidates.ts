import type { TimelineEvent } from '../contract/timeline.ts'

/** Something that is to be explained: since when, how large (0 to 1), and what it is about. */
export interface Symptom {
  at: number
  /** Its moment is known to this; milliseconds. */
  step: number
  size: number
  /** As it is said: `errors rose from 2 to 40`. */
  what: string
  /** Words in which it is spoken of: a project, a monitor. */
  about: string
  /** The event that says so, which does not explain itself. */
  eventId: string | null
}

export interface Candidate {
  event: TimelineEvent
  score: number
  /** What it would explain best, and how long before that it happened, milliseconds; null: nothing that is known. */
  explains: { symptom: Symptom; before: number } | null
}

const minute = 60_000
/** After so long what happened is a third as near. */
const fade = 40 * minute
/** How much events of a kind change by themselves. Incidents and errors mostly follow from something else. */
const kinds: Readonly<Record<string, number>> = {
  ...{ deployment: 1, rollback: 1, config_change: 1, migration: 1, release: 0.8, maintenance: 0.8 },
  ...{ incident: 0.45, alert: 0.35, recovery: 0.35, build: 0.25, error: 0.15, metric: 0 },
}
const ofOtherKinds = 0.6
/** They mostly follow from something else, and are listed by themselves. */
const followers = new Set(['incident', 'alert', 'error', 'recovery', 'metric'])
/** Less than this explains nothing. */
const leastScore = 0.01
/** Part of what it would be in production. */
const elsewhere = /^(?:preview|staging|stage|test|testing|qa|dev|development|local|ci|sandbox)/i
const inPreview = 0.12
/** What never went live changes little. */
const whenFailed = 0.12
const sameSubject = 1.6

export const isFailed = ({ type, title, kind, severity }: TimelineEvent): boolean =>
  (kind === 'deployment' || kind === 'build' || kind === 'release') &&
  (severity === 'major' ||
    severity === 'critical' ||
    /\b(?:fail|failed|failure|cancell?ed|aborted)\b/i.test(`${type} ${title}`))

/** Events that may be why, the likeliest first: by how near before it they happened, how large it is, and what they are. */
export function rank(
  events: readonly TimelineEvent[],
  symptoms: readonly Symptom[],
  { environment, fallback }: { environment: string | undefined; fallback: number },
): Candidate[] {
  const abouts = symptoms.map(({ about }) => [...wordsOf(about)].filter((word) => !empty.has(word)))
  return events
    .map((event) => candidateOf(event, symptoms, abouts, weightOf(event, environment), fallback))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || b.event.at - a.event.at)
}

function candidateOf(
  event: TimelineEvent,
  symptoms: readonly Symptom[],
  /** Of each symptom, the words that tell it from others. */
  abouts: readonly (readonly string[])[],
  weight: number,
  fallback: number,
): Candidate {
  const own = wordsOf(`${event.title} ${event.subject ?? ''} ${event.source}`)
  const likeness = (n: number) => (abouts[n]!.some((word) => own.has(word)) ? sameSubject : 1)
  let best: { symptom: Symptom; score: number } | undefined
  let all = 0
  for (const [n, symptom] of symptoms.entries()) {
    const near = symptom.eventId === event.id ? 0 : nearness(event, symptom)
    if (near === 0) continue
    const score = weight * symptom.size * near * likeness(n)
    all += score
    if (score > (best?.score ?? 0)) best = { symptom, score }
  }
  if (best === undefined || best.score < leastScore) {
    // It explains nothing that is known: those are told, too, what changed last and most before the others.
    const distance = Math.abs(fallback - event.at) / (24 * 60 * minute)
    const score = followers.has(event.kind) ? 0 : 0.5 * leastScore * Math.min(1, weight) * Math.exp(-distance)
    return { event, score, explains: null }
  }
  const score = best.score + 0.3 * (all - best.score)
  return {
    event,
    score,
    explains: { symptom: best.symptom, before: Math.max(0, best.symptom.at - event.at) },
  }
}

function weightOf(event: TimelineEvent, wanted: string | undefined): number {
  const { kind, environment } = event
  const own = kinds[kind] ?? ofOtherKinds
  const where =
    environment === null
      ? 0.8
      : wanted !== undefined
        ? environment.toLowerCase() === wanted.toLowerCase()
          ? 1
          : inPreview
        : elsewhere.test(environment)
          ? inPreview
          : 1
  return own * where * (isFailed(event) ? whenFailed : 1)
}

/** 1 where it happened just before, less the longer before; 0 where it came after. */
function nearness({ at }: TimelineEvent, symptom: Symptom): number {
  if (at >= symptom.at + symptom.step) return 0
  return Math.exp(-Math.max(0, symptom.at - at) / Math.max(fade, symptom.step / 2))
}

const wordsOf = (text: string): Set<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [])
/** Words that are in everything. */
const empty = new Set([
  'the',
  'and',
  'for',
  'was',
  'with',
  'error',
  'errors',
  'production',
  'new',
  'deployed',
  'down',
  'from',
  'com',
  'www',
  'https',
])
