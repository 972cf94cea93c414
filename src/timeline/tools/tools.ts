import type { TimelineEvent } from '../../contract/timeline.ts'
import { HostError } from '../../kernel/errors.ts'
import { noSuchTool, readArguments, unfitArguments } from '../../mcp/own-tools.ts'
import type { Services } from '../services.ts'
import { hasWords } from '../terms.ts'
import type { Timeline } from '../timeline.ts'
import { type Asked, compareMetric } from './compare-metric.ts'
import { EventCounts } from './event-counts.ts'
import { counted, iso, lineOf, shortOf } from './event-words.ts'
import { type InputOf, momentOf, type ToolName, toolInputs } from './tool-inputs.ts'
import { answerOf, saidOf, WhatChanged } from './what-changed.ts'

const minute = 60_000
const day = 86_400_000

/** Answers what assistants ask about the timeline. Nothing here changes it. */
export class TimelineTools {
  readonly #timeline: Timeline
  readonly #services: Services
  readonly #whatChanged: WhatChanged
  #inputs: ReturnType<typeof toolInputs> | undefined

  constructor(timeline: Timeline, services: Services) {
    this.#timeline = timeline
    this.#services = services
    this.#whatChanged = new WhatChanged(timeline, services)
  }

  /** Throws HostError: unknown tool, arguments that do not fit, no such event. */
  async call(name: string, args: Record<string, unknown>, asked: Asked) {
    this.#inputs ??= toolInputs()
    if (!Object.hasOwn(this.#inputs, name)) throw noSuchTool('Timeline', name)
    const input = readArguments(name, this.#inputs[name as ToolName], args)
    const hidden = this.#services.hiddenFrom(asked.principal)
    const answers: { [T in ToolName]: (input: InputOf<T>) => Promise<Answer> } = {
      recent_events: (input) => this.#list(input, '', hidden),
      search_events: (input) => this.#list(input, input.query, hidden),
      get_event: async (input) => this.#get(input, hidden),
      events_around: (input) => this.#around(input, hidden),
      compare_before_after: (input) => this.#compare(input, hidden, asked),
      event_stats: (input) => this.#stats(input, hidden),
      what_changed: (input) => this.#changed(input, hidden, asked),
    }
    const { say, values } = await answers[name as ToolName](input as never)
    const text = `${say}\n${JSON.stringify(values)}`
    return { content: [{ type: 'text' as const, text }], structuredContent: values }
  }

  async #list(input: InputOf<'recent_events'>, query: string, hidden: Hidden): Promise<Answer> {
    const { since, until, limit, before, kind, environment, severity, source, version } = input
    if (query !== '' && !hasWords(query))
      throw unfitArguments('search_events', 'query: has no letters or digits in it')
    const events = await this.#timeline.list({
      ...{ kind, environment, severity, source, version, limit, before, search: query, hidden },
      since: this.#moment(since),
      until: this.#moment(until),
    })
    const values = {
      events: events.map(shortOf),
      before: events.length === limit ? events.at(-1)!.id : null,
      keptSince: this.#keptSince(),
    }
    return { values, say: this.#saying(events, query !== '') }
  }

  #get({ id, source }: InputOf<'get_event'>, hidden: Hidden): Answer {
    const event = this.#seen(this.#timeline.get(id, source), hidden)
    const values = {
      ...shortOf(event),
      eventId: event.eventId,
      receivedAt: iso(event.receivedAt),
      data: event.data === null ? null : JSON.parse(event.data),
    }
    return { values, say: lineOf(event) }
  }

  async #around(input: InputOf<'events_around'>, hidden: Hidden): Promise<Answer> {
    const { minutesBefore, minutesAfter, limit, kind, environment, severity } = input
    const { at, event } = this.#center('events_around', input, hidden)
    const facets = { kind, environment, severity, hidden }
    const others = (events: TimelineEvent[]) => events.filter(({ id }) => id !== event?.id).slice(0, limit)
    const before = await this.#timeline.list({
      ...{ ...facets, limit: limit + 1, since: at - minutesBefore * minute },
      ...(event ? { before: event.id } : { until: at }),
    })
    const until = at + minutesAfter * minute
    const after = await this.#timeline.list({ ...facets, limit: limit + 1, since: at, until, upwards: true })
    // What came in the same millisecond before it is before it.
    const known = new Set(before.map(({ id }) => id))
    const [earlier, later] = [others(before), others(after.filter(({ id }) => !known.has(id)))]
    const values = {
      around: iso(at),
      event: event && shortOf(event),
      before: earlier.map(shortOf),
      after: later.map(shortOf),
      keptSince: this.#keptSince(),
    }
    const say = [
      event ? `Around ${lineOf(event)}` : `Around ${iso(at)}:`,
      `${counted(earlier.length)} in the ${minutesBefore} minutes before${earlier.length > 0 ? ':' : '.'}`,
      ...earlier.map(lineOf),
      `${counted(later.length)} in the ${minutesAfter} minutes after${later.length > 0 ? ':' : '.'}`,
      ...later.map(lineOf),
    ]
    return { values, say: say.join('\n') }
  }

  async #compare(input: InputOf<'compare_before_after'>, hidden: Hidden, asked: Asked): Promise<Answer> {
    const { minutes, metric, environment } = input
    const { at, event } = this.#center('compare_before_after', input, hidden)
    const now = this.#timeline.now()
    const [from, to] = [at - minutes * minute, at + minutes * minute]
    const before = await this.#side(from, at, environment, hidden)
    const after = await this.#side(at, to, environment, hidden)
    const measured =
      metric === undefined
        ? null
        : await compareMetric(this.#timeline, this.#services, { metric, environment, from, at, to }, asked)
    const values = {
      around: iso(at),
      event: event && shortOf(event),
      before,
      after: { ...after, complete: to <= now },
      metric: measured,
    }
    const say = [
      event ? `Around ${lineOf(event)}` : `Around ${iso(at)}:`,
      `${counted(before.events)} in the ${minutes} minutes before, ${counted(after.events)} in the ${minutes} minutes after${to > now ? ', which are not over yet' : ''}.`,
      ...(measured ? [measured.note] : []),
    ]
    return { values, say: say.join('\n') }
  }

  async #changed(input: InputOf<'what_changed'>, hidden: Hidden, asked: Asked): Promise<Answer> {
    const now = this.#timeline.now()
    const isAround = input.id !== undefined || input.at !== undefined
    if (isAround && (input.since !== undefined || input.until !== undefined))
      throw unfitArguments('what_changed', 'give a period (since, until), or a moment (id or at)')
    const center = isAround ? this.#center('what_changed', input, hidden) : null
    if (center !== null && center.at > now) throw unfitArguments('what_changed', 'at: is yet to come')
    const until = this.#moment(input.until) ?? now
    const since = this.#moment(input.since) ?? until - day
    if (since > until) throw unfitArguments('what_changed', 'until: is before since')
    const found = await this.#whatChanged.answer(input, { since, until, center }, asked)
    return { values: answerOf(found), say: saidOf(found) }
  }

  async #stats(input: InputOf<'event_stats'>, hidden: Hidden): Promise<Answer> {
    const { kind, environment, severity } = input
    const kept = this.#timeline.since()
    const from = Math.max(kept, this.#moment(input.since) ?? kept)
    const to = this.#moment(input.until) ?? this.#timeline.now() + 1
    if (from > to) throw unfitArguments('event_stats', 'until: is before since')
    const counter = new EventCounts({ kind, environment, severity })
    await this.#timeline.sumUp(from, to, (sum) => counter.take(sum), hidden)
    const values = { from: iso(from), to: iso(to), ...counter.values(), keptSince: iso(kept) }
    const most = values.byKind.slice(0, 5).map(({ name, events }) => `${name} ${events}`)
    const say =
      values.events === 0
        ? `No events from ${iso(from)} to ${iso(to)}. ${this.#whyNone()}`
        : `${counted(values.events)} from ${iso(from)} to ${iso(to)}: ${most.join(', ')}.`
    return { values, say }
  }

  async #side(from: number, to: number, environment: string | undefined, hidden: Hidden) {
    const counter = new EventCounts({ environment })
    await this.#timeline.sumUp(from, to, (sum) => counter.take(sum), hidden)
    const { events, bySeverity, byKind } = counter.values()
    return { from: iso(from), to: iso(to), events, bySeverity, byKind }
  }

  /** Throws HostError `event-not-found`. */
  #seen(event: TimelineEvent, hidden: Hidden): TimelineEvent {
    if (!hidden.has(event.source)) return event
    throw new HostError({ code: 'event-not-found', params: { days: this.#timeline.keepDays } })
  }

  #center(tool: ToolName, { id, at }: { id?: string | undefined; at?: string | undefined }, hidden: Hidden) {
    if ((id === undefined) === (at === undefined)) throw unfitArguments(tool, 'give either id or at')
    const event = id === undefined ? null : this.#seen(this.#timeline.get(id), hidden)
    return { event, at: event?.at ?? this.#moment(at)! }
  }

  #moment(text: string | undefined): number | undefined {
    return text === undefined ? undefined : (momentOf(text, this.#timeline.now()) ?? undefined)
  }

  #keptSince(): string {
    return iso(this.#timeline.since())
  }

  #saying(events: readonly TimelineEvent[], isSearch: boolean): string {
    if (events.length === 0) return `No events ${isSearch ? 'with these words' : 'here'}. ${this.#whyNone()}`
    const own = events.filter(({ isExample }) => !isExample).length
    const what =
      own === 0
        ? 'Only an example so far; no event of the user’s own was sent yet.'
        : `${counted(events.length)}, newest first:`
    return [what, ...events.map(lineOf)].join('\n')
  }

  #whyNone(): string {
    return `Events are kept for ${this.#timeline.keepDays} days (since ${this.#keptSince()}). A broader question, without words, kind or environment, shows whether there are any; the first one can be sent with: drawbridge event send --title "It works".`
  }
}

type Hidden = ReadonlySet<string>

interface Answer {
  say: string
  values: object
}
