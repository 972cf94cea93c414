import type { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { isForgotten, isRateLimited, restWanted } from '../failures/failures.ts'
import { fetchLists } from '../lists/fetch-lists.ts'
import { kindOf, type ListName, listNames } from '../lists/lists.ts'
import type { ServerFacts } from '../lists/server-facts.ts'
import type { ListKind } from '../session/connection.ts'
import type { Running } from './running.ts'
import type { Timings } from './timings.ts'

/** Changes of a list within this time are fetched together, and a server that never rests is asked this often. Milliseconds. */
const settleTime = 100
const restTime = 1_000
/** It rests longer each time, up to this: once what it offers is large, every look at it costs everybody. */
const longestRest = { small: 4_000, large: 60_000 }
/** Characters. */
const largeLists = 200_000
/** Changes one after the other that are looked at without resting longer: switching something on often makes several. Only of small lists. */
const changesInARow = 2

interface Parts {
  is: { readonly name: string }
  facts: ServerFacts
  log: Log
  timings: Timings
  /** Milliseconds that one request for a list may take. */
  startLimit(): number
  /** Takes secrets out of what the server said. */
  clean(text: string): string
  onChanged(): void
  /** Its lists, capabilities or instructions are others now. */
  onListsChanged(): void
  /** A list could not be fetched because the server has forgotten the session. */
  onForgotten(running: Running, reason: HostError): void
}

/** Keeps the last known lists of one server as it has them, from one connection to the next. */
export class ListRefresh {
  readonly #parts: Parts
  #running: Running | null = null
  /** Goes up with every start and end of a connection; what was asked for before has no say any more. */
  #edition = 0
  readonly #stale = new Set<ListKind>()
  #settling: NodeJS.Timeout | null = null
  #refreshedAt = Number.NEGATIVE_INFINITY
  #rest = restTime
  #restless = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** A connection is being opened. */
  begin(): void {
    this.#edition += 1
  }

  /** It is used from now on. */
  up(running: Running): void {
    this.#running = running
    if (this.#stale.size > 0) this.#refreshSoon()
  }

  /** There is none any more. */
  end(): void {
    this.#edition += 1
    this.#running = null
    if (this.#settling) clearTimeout(this.#settling)
    this.#settling = null
    this.#stale.clear()
  }

  /** The server says so. While it starts, its lists are just being fetched: see the end of that. */
  changed(list: ListKind): void {
    this.#stale.add(list)
    if (this.#running) this.#refreshSoon()
  }

  /** What could not be had may be had now. */
  retryMissed(): void {
    for (const name of this.#parts.facts.missedLists) this.changed(kindOf(name))
  }

  /** `news`: something else than the lists is known to be new. Throws what the connection throws. */
  async fetch(
    running: Running,
    names: readonly ListName[],
    signal: AbortSignal,
    news = false,
  ): Promise<void> {
    const { facts, is, log, onChanged, onListsChanged, timings } = this.#parts
    const edition = this.#edition
    const changed = await fetchLists({
      rpc: running.rpc,
      facts,
      names,
      signal,
      usable: (tool) => running.usable?.(tool) !== false,
      clean: this.#parts.clean,
      timeout: this.#parts.startLimit(),
      afterTools: timings.otherLists,
      afterOthers: 3 * timings.otherLists,
      isCurrent: () => edition === this.#edition,
      onLate: onListsChanged,
      onNoted: onChanged,
    })
    if (edition !== this.#edition) {
      if (changed.length > 0) onListsChanged()
      return
    }
    const truncated = facts.truncatedLists.filter((name) => changed.includes(name))
    if (truncated.length > 0) log.warn('servers.lists-truncated', { server: is.name, lists: truncated })
    if (news || changed.length > 0) onListsChanged()
    // What is left out may be other than before.
    else if (this.#running !== null) onChanged()
  }

  #refreshSoon(): void {
    const rested = this.#refreshedAt + this.#rest - performance.now()
    this.#settling ??= setTimeout(() => void this.#refresh(), Math.max(settleTime, rested))
  }

  async #refresh(): Promise<void> {
    this.#settling = null
    this.#restLonger(performance.now())
    const running = this.#running
    if (!running) return
    const names = listNames.filter((name) => this.#stale.has(kindOf(name)))
    this.#stale.clear()
    try {
      await this.fetch(running, names, AbortSignal.timeout(this.#parts.startLimit()))
    } catch (error) {
      this.#parts.log.warn('servers.refresh-failed', { server: this.#parts.is.name, error })
      this.#failed(running, running.explain(error, null), names)
    }
  }

  /** Lists that could not be fetched now are fetched when the server takes requests again. */
  #failed(running: Running, reason: HostError, names: readonly ListName[]): void {
    if (running !== this.#running) return
    if (isForgotten(reason)) this.#parts.onForgotten(running, reason)
    else if (isRateLimited(reason)) {
      for (const name of names) this.#stale.add(kindOf(name))
      this.#settling ??= setTimeout(() => void this.#refresh(), restWanted(reason) ?? longestRest.large)
    }
  }

  /** Whoever changes its lists again as soon as it may is looked at less often; after some quiet it is as before. */
  #restLonger(now: number): void {
    const isLarge = this.#parts.facts.size > largeLists
    this.#restless = now - this.#refreshedAt < 2 * this.#rest ? this.#restless + 1 : 0
    if (this.#restless === 0) this.#rest = restTime
    else if (isLarge || this.#restless > changesInARow)
      this.#rest = Math.min(isLarge ? longestRest.large : longestRest.small, 2 * this.#rest)
    this.#refreshedAt = now
  }
}
