import { errorText, HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { RunningConnector } from './running-connector.ts'
import { day, minute, type Period, type Series, type ServiceEvent } from './service-events.ts'

/** An account of a service that says what happens there, or counts something over time. */
interface Whose {
  /** The service's, which is what the timeline calls the source of its events. */
  slug: string
  service: string
  account: string
  /** The tool that tells the same things: who may not use it gets nothing of this either. */
  tool: string
}

export interface Feed extends Whose {
  /** When it last answered; null: not yet. */
  asOf: number | null
  /** Why it did not answer when it was last asked. */
  problem: string | null
}

export type Read = Whose & ({ series: Series[]; asOf: number; stale: boolean } | { problem: string })

export type TakeEvents = (slug: string, events: readonly ServiceEvent[]) => Promise<void>

const every = 5 * minute
const soonest = minute
/** After a failure twice as long each time, up to this. */
const longest = 60 * minute
/** What is told of a service when it is asked for the first time. */
const firstBack = 7 * day
/** Events come late: a deployment is over some time after it began. */
const overlap = day
const tick = minute
/** An account of which nothing is known yet does not wait for that. */
const atFirst = 15_000
const perQuestion = 20_000
/** Of an account, at once. */
const mostEvents = 100

interface State {
  asOf: number | null
  triedAt: number
  failures: number
  problem: string | null
  asking: Promise<void> | null
  readonly memory: Map<string, string>
}

/** Asks services, now and then and one after the other, what happened, and what they counted. Not one of them is asked more than once a minute. */
export class ServiceFeeds {
  readonly #members: readonly RunningConnector[]
  readonly #now: () => number
  readonly #log: Log
  readonly #states = new Map<string, State>()
  #take: TakeEvents | null = null
  #timer: NodeJS.Timeout | undefined
  readonly #ending = new AbortController()

  constructor(members: readonly RunningConnector[], deps: { now(): number; log: Log }) {
    this.#members = members
    this.#now = deps.now
    this.#log = deps.log
  }

  /** From now on events are told to `take`; what it did not take is told again. */
  start(take: TakeEvents): void {
    this.#take = take
    this.look()
  }

  stop(): void {
    this.#ending.abort()
    clearTimeout(this.#timer)
  }

  /** There are other accounts than before. */
  look(): void {
    clearTimeout(this.#timer)
    const there = this.#reached()
    const ids = new Set(there.map(({ account }) => account.id))
    for (const id of this.#states.keys()) if (!ids.has(id)) this.#states.delete(id)
    if (there.length === 0 || this.#take === null || this.#ending.signal.aborted) return
    const isNew = there.some(({ account }) => this.#stateOf(account.id).triedAt === Number.NEGATIVE_INFINITY)
    const wait = isNew ? atFirst : tick
    this.#timer = setTimeout(() => void this.#round().finally(() => this.look()), wait).unref()
  }

  /** As an account was before it was changed says nothing of it now. */
  forget(account: string): void {
    this.#states.delete(account)
  }

  /** Those that were not asked for a minute. Resolves when all have answered or failed, or the signal ends. */
  async bringUpToDate(signal: AbortSignal): Promise<void> {
    const asked = Promise.all(
      this.#reached().map((one) =>
        this.#now() - this.#stateOf(one.account.id).triedAt < soonest ? undefined : this.#ask(one),
      ),
    )
    const ended = Promise.withResolvers<void>()
    const end = () => ended.resolve()
    signal.addEventListener('abort', end)
    await Promise.race([asked, ended.promise]).finally(() => signal.removeEventListener('abort', end))
  }

  feeds(): Feed[] {
    return this.#reached().map(({ member, account }) => {
      const { asOf, problem } = this.#stateOf(account.id)
      return { ...whose(member, account.name), asOf, problem }
    })
  }

  /** What the timeline calls the services whose events it may have, whether there is an account now or not, with the tool of each. */
  get sources(): ReadonlyMap<string, string> {
    return new Map(this.#members.map(({ listed }) => [listed.slug, listed.tools[0]!.name]))
  }

  /** The names of what can be read, in any account. `mayUse`: the tool that tells the same things. */
  metrics(mayUse: (tool: string) => boolean): string[] {
    const there = this.#members.filter((one) => one.usable().length > 0 && mayUse(one.listed.tools[0]!.name))
    return [...new Set(there.flatMap(({ metrics }) => metrics))]
  }

  /** Of every account that counts it and may be used, each for itself, and why of those that did not answer. */
  read(
    metric: string,
    period: Period,
    mayUse: (tool: string) => boolean,
    signal: AbortSignal,
  ): Promise<Read[]> {
    const counting = this.#members.filter(
      (one) => one.metrics.includes(metric) && mayUse(one.listed.tools[0]!.name),
    )
    return Promise.all(
      counting.flatMap((member) =>
        member.usable().map(async (account): Promise<Read> => {
          const of = whose(member, account.name)
          try {
            return { ...of, ...(await member.measure(account, metric, period, signal)) }
          } catch (error) {
            if (error instanceof HostError) return { ...of, problem: error.message }
            if (signal.aborted) return { ...of, problem: 'there was no time to wait' }
            this.#log.warn('connector.measure', { service: member.listed.slug, error: errorText(error) })
            return { ...of, problem: 'it could not be read' }
          }
        }),
      ),
    )
  }

  async #round(): Promise<void> {
    for (const one of this.#reached()) {
      // Changed or removed while those before it were asked: its key would go to the address that it had.
      if (!this.#reached().some(({ account }) => account === one.account)) continue
      const { triedAt, failures } = this.#stateOf(one.account.id)
      const wait = Math.min(longest, every * 2 ** failures)
      if (this.#now() - triedAt >= wait) await this.#ask(one)
      if (this.#ending.signal.aborted) return
    }
  }

  #ask(one: Reached): Promise<void> {
    const state = this.#stateOf(one.account.id)
    state.asking ??= this.#askOnce(one, state).finally(() => {
      state.asking = null
    })
    return state.asking
  }

  async #askOnce({ member, account }: Reached, state: State): Promise<void> {
    const begun = this.#now()
    state.triedAt = begun
    const { slug } = member.listed
    try {
      const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(perQuestion)])
      const since = state.asOf === null ? begun - firstBack : state.asOf - overlap
      // A copy: what the timeline does not take is told again.
      const memory = new Map(state.memory)
      const found = await member.events(account, { since, memory }, signal)
      // It was changed or removed meanwhile: this is what happened at the one that it was.
      if (this.#states.get(account.id) !== state) return
      const wanted = found
        .filter(({ at }) => at >= since && at <= begun + minute)
        .sort((a, b) => b.at - a.at)
        .slice(0, mostEvents)
      if (wanted.length > 0) await this.#take?.(slug, wanted)
      for (const [key, value] of memory) state.memory.set(key, value)
      Object.assign(state, { asOf: begun, failures: 0, problem: null })
    } catch (error) {
      if (this.#ending.signal.aborted) return
      state.failures += 1
      const isLate = error instanceof Error && /^(?:Abort|Timeout)Error$/.test(error.name)
      const why = isLate ? 'It did not answer in time.' : 'What it said could not be kept.'
      state.problem = error instanceof HostError ? error.message : why
      this.#log.info('connector.events', { service: slug, failures: state.failures, error: errorText(error) })
    }
  }

  /** Accounts that can be asked what happened. */
  #reached(): Reached[] {
    return this.#members
      .filter((member) => member.tellsEvents)
      .flatMap((member) => member.usable().map((account) => ({ member, account })))
  }

  #stateOf(id: string): State {
    const known = this.#states.get(id)
    if (known !== undefined) return known
    const made: State = {
      ...{ asOf: null, triedAt: Number.NEGATIVE_INFINITY, failures: 0, problem: null, asking: null },
      memory: new Map(),
    }
    this.#states.set(id, made)
    return made
  }
}

interface Reached {
  member: RunningConnector
  account: ReturnType<RunningConnector['usable']>[number]
}

const whose = ({ listed }: RunningConnector, account: string): Whose => ({
  ...{ slug: listed.slug, service: listed.name, account },
  tool: listed.tools[0]!.name,
})
