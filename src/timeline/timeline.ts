import { say } from '../../locales/say.ts'
import type { SentEvents, TimelineEvent, TimelineFilter } from '../contract/timeline.ts'
import type { Clock } from '../kernel/clock.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Redactor } from '../kernel/log/redact.ts'
import { createSlices, myTurn } from '../kernel/slices.ts'
import { Turns } from '../kernel/turns.ts'
import { BelievedTime } from '../storage/believed-time.ts'
import type { Database } from '../storage/database/database.ts'
import { inTransaction } from '../storage/database/in-transaction.ts'
import { isProblem, type NewEvent, readCloudEvent } from './cloud-event.ts'
import { EventTable, example, idOf, keyOf, placeOf, seqOf } from './event-table.ts'
import { findEvents, type Wanted } from './find-events.ts'
import { type Measured, type MetricOf, placeLength } from './metric-sums.ts'
import { measure, metricSums, sumUp, sumUpSource } from './sum-up.ts'
import { termsOf } from './terms.ts'

const day = 86_400_000
const usualDays = 90
const tidyEvery = 3_600_000
/** Between some events that go and the next: calls go on meanwhile. */
const pause = 50
const retryAfter = 10_000
/** How long events that were sent together are written at a time; the commit comes on top. */
const lotMs = 6
/** Whoever looks is told of a busy sender once in this time. */
const tellEvery = 1_000
/** Characters of an event's data that words are looked for in. */
const searched = 8_000

export interface TimelineDeps {
  /** Creates or opens the database; called when it is first needed. */
  open(): Database
  clock: Clock
  log: Log
  redactor: Redactor
  /** Undefined: the usual. */
  keepDays(): number | undefined
  /** Other events than before are there; not more often than once a second. */
  changed(): void
}

/** What happened to what the user runs, in a database of its own that is opened when somebody first asks or tells. */
export class Timeline {
  readonly #deps: TimelineDeps
  #opened: EventTable | null = null
  #tidying: NodeJS.Timeout | undefined
  #believed: BelievedTime | undefined
  #telling: NodeJS.Timeout | undefined
  #toldAt = 0
  /** One after the other, so that their lots do not add up. */
  readonly #sendings = new Turns()
  #isStopped = false

  constructor(deps: TimelineDeps) {
    this.#deps = deps
  }

  get keepDays(): number {
    return this.#deps.keepDays() ?? usualDays
  }

  now(): number {
    return this.#deps.clock.now()
  }

  /** Nothing older is kept: whole days, UTC. */
  since(): number {
    return this.#firstDay() * day
  }

  get table(): EventTable {
    if (this.#opened) return this.#opened
    if (this.#isStopped) throw new Error('the timeline is closed')
    const table = new EventTable(this.#deps.open())
    this.#opened = table
    const { from, to } = table.bounds()
    if (from === to) this.#addExample()
    this.#tidyIn(pause)
    return table
  }

  /**
   * CloudEvents 1.0 as parsed JSON. Throws HostError `event-invalid` with the first that does not fit: then none is stored; `events-partly`
   * when the disk took some and then no more. What is known already stays as it was, so that the same may be sent again.
   */
  send(sent: readonly unknown[]): Promise<SentEvents> {
    return this.#sendings.take(() => this.#send(sent))
  }

  async #send(sent: readonly unknown[]): Promise<SentEvents> {
    const { now, keepDays } = { now: this.now(), keepDays: this.keepDays }
    const slices = createSlices()
    const events: NewEvent[] = []
    for (const [place, one] of sent.entries()) {
      const read = readCloudEvent(one, { now, keepDays })
      if (isProblem(read))
        throw new HostError({
          code: 'event-invalid',
          params: { place: place + 1, count: sent.length, problem: read },
        })
      events.push(read)
      await slices.pause()
    }
    return { events: await this.#storeInLots(events) }
  }

  /** A transaction each time, as long as a turn may take; others get theirs in between. */
  async #storeInLots(events: readonly NewEvent[]): Promise<SentEvents['events']> {
    const order = upwards(events)
    const done: SentEvents['events'] = []
    let stored = 0
    while (stored < order.length) {
      await myTurn()
      const began = performance.now()
      try {
        stored = this.#store(events, order, stored, done, () => performance.now() - began > lotMs)
      } catch (cause) {
        if (stored === 0) throw cause
        const params = { stored, count: events.length }
        throw new HostError({ code: 'events-partly', params, detail: errorText(cause), cause })
      }
    }
    return done
  }

  /** `also`: written together with them. */
  store(events: readonly NewEvent[], also: () => void = () => {}): SentEvents['events'] {
    const done: SentEvents['events'] = []
    this.#store(events, upwards(events), 0, done, () => false, also)
    return done
  }

  /** In one transaction, those of `order` from its place `from` on until it is `enough`; gives the place of the next one. */
  #store(
    events: readonly NewEvent[],
    order: readonly number[],
    from: number,
    done: SentEvents['events'],
    enough: () => boolean,
    also: () => void = () => {},
  ): number {
    let next = from
    let isNew = false
    inTransaction(this.table.database, () => {
      do {
        const place = order[next]
        if (place === undefined) break
        done[place] = this.#put(events[place]!)
        isNew ||= done[place].isNew
        next += 1
      } while (!enough())
      if (isNew) this.#forgetExample()
      also()
    })
    if (isNew) this.tell()
    return next
  }

  /** Newest first; only what is kept, and nothing that is yet to come unless it is asked for. */
  list(
    wanted: Omit<TimelineFilter, 'since' | 'until'> & {
      search?: string | undefined
      metric?: string | undefined
      since?: number | undefined
      until?: number | undefined
      before?: string | undefined
      limit: number
      upwards?: boolean
      hidden?: ReadonlySet<string>
    },
  ): Promise<TimelineEvent[]> {
    const { since = 0, until, before, ...rest } = wanted
    const from = placeOf(Math.max(since, this.since()))
    const end = until === undefined ? Number.MAX_SAFE_INTEGER : placeOf(Math.max(0, until))
    const to = before === undefined ? end : Math.min(end, this.#placeOfId(before))
    return findEvents(this.table, { ...rest, from, to } satisfies Wanted)
  }

  /** By its id, or by source and id as they were sent. Throws HostError `event-not-found`. */
  get(id: string, source?: string): TimelineEvent {
    const seq = seqOf(id) ?? (source === undefined ? null : this.table.known(source, id))
    const found = seq === null ? null : this.table.get(seq)
    if (found !== null && (found.at >= this.since() || found.isExample)) return found
    throw new HostError({ code: 'event-not-found', params: { days: this.keepDays } })
  }

  /** Milliseconds since 1970. Nothing of the sources that are hidden. */
  async sumUp(
    since: number,
    until: number,
    take: Parameters<typeof sumUp>[3],
    hidden: ReadonlySet<string> = new Set(),
  ): Promise<void> {
    const from = Math.max(since, this.since())
    await sumUp(this.table, from, until, take)
    for (const source of hidden)
      await sumUpSource(this.table, source, from, until, (sum) => take({ ...sum, events: -sum.events }))
  }

  /** The values of this name that events of kind `metric` brought. Milliseconds since 1970. */
  measure(metric: MetricOf, since: number, until: number): Promise<Measured> {
    return measure(this.table, metric, Math.max(since, this.since()), until)
  }

  /**
   * The average of what was measured in each `step`, some times five minutes, that the time touches, oldest first, and when the last of it
   * came. Milliseconds.
   */
  async averages(
    metric: MetricOf,
    { since, until, step }: { since: number; until: number; step: number },
  ): Promise<{ points: { at: number; value: number }[]; last: number | null }> {
    const steps = new Map<number, { count: number; total: number }>()
    let newest: number | null = null
    const from = Math.floor(Math.max(since, this.since()) / placeLength) * placeLength
    await metricSums(this.table, metric, from, until, ({ at, last, count, total }) => {
      const begin = Math.floor(at / step) * step
      const one = steps.get(begin) ?? { count: 0, total: 0 }
      one.count += count
      one.total += total
      steps.set(begin, one)
      newest = Math.max(newest ?? last, last)
    })
    const points = [...steps].map(([at, { count, total }]) => ({ at, value: total / count }))
    return { points: points.sort((a, b) => a.at - b.at), last: newest }
  }

  /** Begins at once to forget what is too old now. */
  retentionChanged(): void {
    if (this.#opened) this.#tidyIn(0)
    this.tell()
  }

  /** Opens what there is, some time from now: what is too old goes also when nobody asks. */
  openIn(ms: number): void {
    this.#tidyIn(ms)
  }

  /** Others than before are there. */
  tell(): void {
    if (this.#telling !== undefined || this.#isStopped) return
    const wait = Math.max(0, this.#toldAt + tellEvery - performance.now())
    this.#telling = setTimeout(() => {
      this.#telling = undefined
      this.#toldAt = performance.now()
      this.#deps.changed()
    }, wait).unref()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#tidying)
    clearTimeout(this.#telling)
    this.#opened?.database.close()
    this.#opened = null
  }

  #firstDay(now = this.now()): number {
    return Math.max(0, Math.floor(now / day) - this.keepDays)
  }

  #placeOfId(id: string): number {
    const seq = seqOf(id)
    if (seq !== null) return seq
    throw new HostError({ code: 'event-not-found', params: { days: this.keepDays } })
  }

  #put(event: NewEvent): SentEvents['events'][number] {
    const { table } = this
    const known = table.known(event.source, event.eventId)
    if (known !== null) return { id: idOf(known), isNew: false }
    const { redactor } = this.#deps
    const safe = <T extends string | null>(text: T): T => (text === null ? text : (redactor.text(text) as T))
    const data = event.data === undefined ? null : redactor.json(event.data)
    const stored = {
      ...event,
      receivedAt: this.now(),
      source: safe(event.source),
      eventId: safe(event.eventId),
      type: safe(event.type),
      metric: safe(event.metric),
      title: safe(event.title),
      subject: safe(event.subject),
      environment: safe(event.environment),
      version: safe(event.version),
      data,
    }
    const { title, subject, source, type, eventId, kind, environment, version, severity, metric } = stored
    const texts = [title, subject ?? '', source, type, eventId, kind, environment ?? '', version ?? '']
    const facets = { kind, environment, severity, source, version, metric }
    const words = termsOf([...texts, metric ?? '', wordsOf(data)], facets)
    return { id: idOf(table.insert(stored, words, keyOf(event.source, event.eventId))), isNew: true }
  }

  #addExample(): void {
    const version = '1.0.0'
    const event: NewEvent = {
      at: this.now(),
      source: example.source,
      eventId: example.id,
      type: 'drawbridge.example.deployment',
      kind: 'deployment',
      title: say('timeline.example.title', { version }),
      subject: null,
      environment: 'example',
      version,
      severity: 'info',
      metric: null,
      value: null,
      data: { note: say('timeline.example.note') },
    }
    inTransaction(this.table.database, () => void this.#put(event))
  }

  #forgetExample(): void {
    const seq = this.table.known(example.source, example.id)
    if (seq !== null) this.table.remove(seq)
  }

  #tidyIn(ms: number): void {
    clearTimeout(this.#tidying)
    if (!this.#isStopped) this.#tidying = setTimeout(() => this.#tidyIn(this.#tidy()), ms).unref()
  }

  /** Milliseconds until there may be more to do. */
  #tidy(): number {
    const { table } = this
    try {
      // When it came, not when it was: what is sent may be long past, or yet to come.
      this.#believed ??= new BelievedTime(table.get(table.bounds().to - 1)?.receivedAt ?? null)
      const firstDay = this.#firstDay(this.#believed.at(this.now()))
      const isMore = inTransaction(table.database, () => table.forget(firstDay) || table.catchUp())
      return isMore ? pause : tidyEvery
    } catch (error) {
      this.#deps.log.error('timeline.tidy', { error: errorText(error) })
      return retryAfter
    }
  }
}

/** Places by time: each time it goes down, FTS5 begins a new piece of its index. */
const upwards = (events: readonly NewEvent[]): number[] =>
  [...events.keys()].sort((a, b) => events[a]!.at - events[b]!.at)

/** The texts and numbers in it, without the names they stand under. */
function wordsOf(data: string | null): string {
  if (data === null) return ''
  // A text that is cut goes to the end: looked for an end from each of its quotes, it would take a second.
  const parts = data.slice(0, searched).matchAll(/"((?:[^"\\]|\\.)*)(?:"(\s*:)?|\\?$)|-?\d+(?:\.\d+)?/g)
  const words = [...parts].filter(([, , isName]) => isName === undefined)
  return words.map(([all, text]) => text?.replaceAll(/\\(?:u....|.)/g, ' ') ?? all).join(' ')
}
