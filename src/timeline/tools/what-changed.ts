import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TimelineEvent } from '../../contract/timeline.ts'
import { lasting } from '../../mcp/own-words.ts'
import { type Candidate, isFailed, rank, type Symptom } from '../candidates.ts'
import { type Change, changeIn, totalIn, untilNow, usualOf } from '../changes.ts'
import { type Feed, type Read, type Series, type Services, stepFor } from '../services.ts'
import type { Timeline } from '../timeline.ts'
import type { Asked } from './compare-metric.ts'
import { iso, lineOf, shortOf } from './event-words.ts'
import type { InputOf } from './tool-inputs.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** How long services are waited for, all together: an assistant waits, too. */
const patience = 9_000
const feedPatience = 5_000
/** What happened longer before a moment is not looked at. */
const causesBefore = 6 * hour
const mostEvents = 200
const mostShown = 5
/** Of what the user's own programs measured. */
const ownMetrics = 4
/** What is asked of services, in this order, and who counts it, in words. */
const asked: Readonly<Record<string, string>> = {
  errors: 'Sentry',
  visitors: 'Plausible, PostHog or Umami',
  revenue: 'Stripe',
}
const symptomKinds = ['incident', 'alert', 'error']

interface Looked {
  /** The time that is asked about: `from` ≤ time < `to`, milliseconds. */
  from: number
  to: number
  /** Of causes. */
  since: number
  /** Of numbers: what was before is needed to see that something is another way. */
  numbersSince: number
  around: number | null
  now: number
}

/** A number that was looked at. */
interface Counted {
  name: string
  unit: string
  service: string
  account: string | null
  before: number
  after: number
  step: number
  change: Change | null
  asOf: number
  stale: boolean
}

interface Found {
  looked: Looked
  events: TimelineEvent[]
  numbers: Counted[]
  notAsked: { what: string; why: string }[]
  feeds: Feed[]
  ranked: Candidate[]
}

/** Answers what changed over a time, or around a moment: events, errors, visitors and revenue, and what may be why. */
export class WhatChanged {
  readonly #timeline: Timeline
  readonly #services: Services

  constructor(timeline: Timeline, services: Services) {
    this.#timeline = timeline
    this.#services = services
  }

  /** `center`: the moment that is asked about, and the event that it is the moment of. Milliseconds since 1970. */
  async answer(
    input: InputOf<'what_changed'>,
    period: { since: number; until: number; center: { at: number; event: TimelineEvent | null } | null },
    { principal, signal, stillAllowed }: Asked,
  ): Promise<Found> {
    const looked = this.#looked(input, period)
    const soon = AbortSignal.any([signal, AbortSignal.timeout(feedPatience)])
    await this.#services.bringUpToDate(soon)
    const hidden = this.#services.hiddenFrom(principal)
    const events = (
      await this.#timeline.list({
        ...{ since: looked.since, until: looked.to, limit: mostEvents, hidden },
      })
    ).filter(({ isExample }) => !isExample)
    const { numbers, notAsked } = await this.#numbers(looked, { principal, signal, stillAllowed })
    const feeds = this.#services.feeds(principal)
    for (const { service, account, problem } of feeds)
      if (problem !== null) notAsked.push({ what: `events of ${service} (${account})`, why: problem })
    const center = period.center
    const symptoms = symptomsOf(looked, events, numbers, center?.event ?? null)
    const fallback = looked.around ?? looked.to
    const ranked = rank(
      events.filter((event) => event.id !== center?.event?.id || symptoms.length > 0),
      symptoms,
      { environment: input.environment, fallback },
    ).slice(0, input.limit)
    return { looked, events, numbers, notAsked, feeds, ranked }
  }

  #looked(
    { minutes }: InputOf<'what_changed'>,
    { since, until, center }: { since: number; until: number; center: { at: number } | null },
  ): Looked {
    const now = this.#timeline.now()
    const kept = this.#timeline.since()
    if (center !== null) {
      const { at } = center
      const from = Math.max(kept, at - minutes * minute)
      const numbersSince = Math.max(kept, at - Math.max(3 * hour, 2 * minutes * minute))
      const to = Math.min(now, at + minutes * minute)
      return { from, to, since: Math.max(kept, at - causesBefore), numbersSince, around: at, now }
    }
    const from = Math.max(kept, since)
    const to = Math.min(now, Math.max(until, from))
    // As much before, in whole days where it is days: what is usual at an hour is what was so at that hour.
    const length = Math.max(hour, to - from)
    const before = length >= 20 * hour ? Math.ceil((length - hour) / day) * day : Math.max(length, 3 * hour)
    return { from, to, since: Math.max(kept, from - hour), numbersSince: from - before, around: null, now }
  }

  async #numbers(looked: Looked, { principal, signal, stillAllowed }: Asked) {
    const step = stepFor(looked.to - looked.numbersSince)
    const period = {
      since: Math.floor(looked.numbersSince / step) * step,
      until: Math.ceil(looked.to / step) * step,
      step,
    }
    const soon = AbortSignal.any([signal, AbortSignal.timeout(patience)])
    const numbers = await this.#ownNumbers(looked, step)
    const notAsked: Found['notAsked'] = []
    stillAllowed?.()
    const there = this.#services.metrics(principal)
    const reads = await Promise.all(
      Object.entries(asked).map(async ([name, by]) => {
        if (numbers.some((one) => one.name === name)) return
        if (!there.includes(name)) {
          notAsked.push({ what: name, why: `no account that this connection may use counts them (${by})` })
          return
        }
        return { name, read: await this.#services.read(name, period, principal, soon) }
      }),
    )
    signal.throwIfAborted()
    for (const one of reads)
      for (const read of one?.read ?? [])
        if ('problem' in read)
          notAsked.push({ what: `${one!.name} of ${read.service} (${read.account})`, why: read.problem })
        else numbers.push(...countedOf(one!.name, read, looked))
    return { numbers, notAsked }
  }

  /** What the user's own programs measured lately, and sent as events of kind `metric`. */
  async #ownNumbers(looked: Looked, step: number): Promise<Counted[]> {
    const lately = { kind: 'metric', since: looked.from, until: looked.to, limit: mostEvents }
    const measured = await this.#timeline.list(lately)
    const names = [...new Set(measured.flatMap(({ metric }) => metric ?? []))].slice(0, ownMetrics)
    const found: Counted[] = []
    for (const name of names) {
      await nextTurn()
      const { numbersSince: since, to: until } = looked
      // Where nothing was measured nothing is known: it is not nothing.
      const { points, last } = await this.#timeline.averages({ metric: name }, { since, until, step })
      const series = { unit: 'measured', step, points }
      const change = changeIn(series, { from: looked.from, to: looked.to })
      const asOf = last ?? looked.now
      const of = { name, unit: '', service: 'own programs', account: null, step, asOf, stale: false }
      const [before, after] = sides(points, change?.at ?? looked.around ?? looked.from)
      if (before !== null && after !== null) found.push({ ...of, before, after, change })
    }
    return found
  }
}

/** On average, for each step, before a moment and from then on. */
function sides(points: Series['points'], at: number): [number | null, number | null] {
  const average = (some: Series['points']) =>
    some.length === 0 ? null : some.reduce((sum, { value }) => sum + value, 0) / some.length
  return [average(points.filter((one) => one.at < at)), average(points.filter((one) => one.at >= at))]
}

function countedOf(name: string, read: Extract<Read, { series: Series[] }>, looked: Looked): Counted[] {
  return read.series.flatMap((raw): Counted[] => {
    const series = untilNow(raw, looked.now)
    const { step, unit, points } = series
    const earlier = looked.from - looked.numbersSince
    const usual = looked.around === null && earlier % day === 0 ? usualOf(series, looked.from, earlier) : null
    const judged =
      usual === null ? series : { ...series, points: points.filter(({ at }) => at >= looked.from) }
    const change = changeIn(judged, { from: looked.from, to: looked.to }, usual)
    const middle = change?.at ?? looked.around ?? looked.from
    const of = { name, unit, service: read.service, account: read.account, step }
    const age = { asOf: read.asOf, stale: read.stale }
    if (change !== null) return [{ ...of, ...age, before: change.before, after: change.after, change }]
    const [was, is] = [totalIn(series, looked.numbersSince, middle), totalIn(series, middle, looked.to)]
    if (was === null || is === null) return []
    const perStep = (total: number, length: number) => (total * step) / Math.max(step, length)
    const before = perStep(was.total, middle - looked.numbersSince)
    return [{ ...of, ...age, before, after: perStep(is.total, looked.to - middle), change: null }]
  })
}

/** What is to be explained: numbers that are others, incidents and new errors, and the moment that was asked about. */
function symptomsOf(
  looked: Looked,
  events: readonly TimelineEvent[],
  numbers: readonly Counted[],
  center: TimelineEvent | null,
): Symptom[] {
  const changed = numbers.flatMap((one): Symptom[] => {
    const { change, name, service, step } = one
    if (change === null) return []
    const { at, size } = change
    return [{ at, step, size, what: inWords(one), about: `${name} ${service}`, eventId: null }]
  })
  const told = events
    .filter((event) => isSymptom(event) && event.at >= looked.from && event.at < looked.to)
    .map(({ at, kind, title, subject, severity, id }): Symptom => {
      const size = kind === 'error' ? 0.3 : severity === 'critical' ? 0.8 : severity === 'minor' ? 0.3 : 0.6
      return { at, step: minute, size, what: `“${title}”`, about: `${title} ${subject ?? ''}`, eventId: id }
    })
  if (looked.around === null) return [...changed, ...told]
  const size = changed.length + told.length > 0 ? 0.2 : 0.6
  const about = center === null ? '' : `${center.title} ${center.subject ?? ''}`
  const asked = { at: looked.around, step: minute, size, what: 'the moment asked about', about }
  return [...changed, ...told, { ...asked, eventId: center?.id ?? null }]
}

const isSymptom = ({ kind, severity }: TimelineEvent): boolean =>
  symptomKinds.includes(kind) && (kind !== 'error' || severity === 'major' || severity === 'critical')

const rounded = (value: number): number => Number(value.toPrecision(3))
const percent = (before: number, after: number): number | null =>
  before === 0 ? null : Math.round(((after - before) / Math.abs(before)) * 100)

/** `errors rose from 2 to 40 every 5 minutes`. */
function inWords({ name, unit, before, after, step, change, service }: Counted): string {
  const each = service === 'own programs' ? '' : ` every ${lasting(step)}`
  const amount = (value: number) => `${rounded(value)}${unit === '' ? '' : ` ${unit}`}`
  if (change === null)
    return `${name} did not change plainly (${amount(before)}, then ${amount(after)}${each})`
  return `${name} ${after > before ? 'rose' : 'fell'} from ${amount(before)} to ${amount(after)}${each}`
}

/** As it is answered. */
export function answerOf(found: Found) {
  const { looked, events, numbers, notAsked, feeds, ranked } = found
  const best = ranked[0]?.score ?? 0
  return {
    from: iso(looked.from),
    to: iso(looked.to),
    around: looked.around === null ? null : iso(looked.around),
    candidates: ranked.map(({ event, score, explains }) => ({
      ...shortOf(event),
      likelihood: likelihoodOf(score, best, explains),
      why: whyOf(event, explains),
    })),
    numbers: numbers.map((one) => ({
      name: one.unit === '' ? one.name : `${one.name} (${one.unit})`,
      source: one.account === null ? one.service : `${one.service} (${one.account})`,
      before: rounded(one.before),
      after: rounded(one.after),
      per: one.account === null ? 'value' : lasting(one.step),
      changePercent: percent(one.before, one.after),
      changedAt: one.change === null ? null : iso(one.change.at),
      ...ageOf(one.asOf, looked.now),
      stale: one.stale,
    })),
    incidents: events.filter(isSymptom).slice(0, mostShown).map(shortOf),
    events: events.length,
    notAsked,
    sources: feeds.map(({ service, account, asOf }) => ({
      source: `${service} (${account})`,
      ...(asOf === null ? { asOf: null, age: null } : ageOf(asOf, looked.now)),
    })),
  }
}

const ageOf = (asOf: number, now: number) => ({ asOf: iso(asOf), age: lasting(Math.max(0, now - asOf)) })

const likelihoodOf = (score: number, best: number, explains: Candidate['explains']) =>
  explains === null ? 'other' : score >= 0.5 * best && score > 0.15 ? 'likely' : 'possible'

function whyOf(event: TimelineEvent, explains: Candidate['explains']): string {
  const failed = isFailed(event) ? ' It says that it failed, so that it may never have gone live.' : ''
  if (explains === null) return `It changed, too; nothing that is known followed from it.${failed}`
  const { symptom, before } = explains
  const gap = before < minute ? 'At that time' : `${lasting(before)} later`
  return `${gap}: ${symptom.what}.${failed}`
}

/** In a few lines, for a chat. */
export function saidOf(found: Found): string {
  const { looked, events, numbers, notAsked, ranked } = found
  const when =
    looked.around === null ? `From ${iso(looked.from)} to ${iso(looked.to)}` : `Around ${iso(looked.around)}`
  const changed = numbers.filter(({ change }) => change !== null)
  const lines = [
    changed.length === 0
      ? `${when}: no number changed plainly${numbers.length === 0 ? ', and none could be looked at' : ''}. ${events.length} events.`
      : `${when}: ${changed.map(inWords).join('; ')}. ${events.length} events.`,
    ...(ranked.length === 0
      ? ['Nothing in the timeline happened shortly before that could be why.']
      : ['What may be why, the likeliest first; that one thing came after another does not prove it:']),
    ...ranked.map(({ event, explains }, n) => `${n + 1}. ${lineOf(event)} — ${whyOf(event, explains)}`),
    ...numbers.map(
      (one) =>
        `${inWords(one)}, from ${one.service}${one.account === null ? '' : ` (${one.account})`}, ${lasting(Math.max(0, looked.now - one.asOf))} old${one.stale ? ', which cannot be asked now' : ''}.`,
    ),
    ...(notAsked.length === 0
      ? []
      : [`Not known: ${notAsked.map(({ what, why }) => `${what} (${why})`).join('; ')}.`]),
  ]
  return lines.join('\n')
}
