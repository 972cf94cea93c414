import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import type { ErrorReply } from '../../contract/errors.ts'
import type { ServerKind, ServerState } from '../../contract/servers.ts'
import type { Clock } from '../../kernel/clock.ts'
import { errorText, type HostError, isHostError, toErrorReply } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { LogMessage } from '../../mcp/tool-source.ts'
import {
  isDefinite,
  isForgotten,
  isFromOutside,
  isRateLimited,
  isUnreachable,
  passesByItself,
  restWanted,
} from '../failures/failures.ts'
import { fetchLists } from '../lists/fetch-lists.ts'
import { kindOf, type ListName, listNames, methods } from '../lists/lists.ts'
import { isSignedOut, requestFailure } from '../session/call.ts'
import { type Connection, type ListKind, type Open, timeIsUp } from '../session/connection.ts'
import { Listening } from '../session/listening.ts'
import { LogLevel } from '../session/log-level.ts'
import { type CrashHistory, createCrashHistory, createEndlessWaits, maxCrashes } from './backoff.ts'
import type { Health } from './health.ts'
import { asStartError, givenUp, keepsStopping, notRunning, sameAgain } from './not-running.ts'
import type { ServerFacts } from './server-facts.ts'
import { StartClock } from './start-clock.ts'
import type { Timings } from './timings.ts'

/** How long a request waits for a server that is just starting. Milliseconds. */
const patienceForStart = 10_000
/** One that is started again so soon is waited for, too. Milliseconds. */
const soon = 2_000
/** A runner that has everything already is not said to be downloading. Milliseconds. */
const shortFetch = 1_500
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
  /** Read anew each time: the user may edit it. */
  is: { readonly name: string; readonly kind: ServerKind }
  open: Open
  /** Waits for this server's turn to start, and returns what ends the turn. */
  turn(): Promise<() => void>
  clock: Clock
  log: Log
  timings: Timings
  facts: ServerFacts
  health: Health
  /** Milliseconds that one request may take without news. */
  timeout(): number
  /** Milliseconds that a start may take without a sign of life. */
  startLimit(): number
  onChanged(): void
  /** Its lists, capabilities or instructions are others now. */
  onListsChanged(): void
  onLog(message: LogMessage): void
}

/** A running server, with what belongs to this one connection. */
export interface Running extends Connection {
  listening: Listening
  /** Null when there is nothing to set. */
  logLevel: LogLevel | null
}

/**
 * Keeps one server running: start, restart with growing waits, the last known lists. Long because the life of a server is one machine
 * of states; cut apart, its turns could not be read against each other.
 */
export class Supervisor {
  state: ServerState = 'stopped'
  error: ErrorReply | null = null
  startedAt: number | null = null
  restarts = 0
  /** Null unless it is running. */
  running: Running | null = null
  readonly #parts: Parts
  readonly #crashes: CrashHistory
  readonly #offline: CrashHistory
  /** Of starts that came to nothing, since it was up last. */
  readonly #waits: ReturnType<typeof createEndlessWaits>
  /** What it said at the last start, and how often in a row. */
  #same = { message: '', times: 0 }
  /** It is down for something that may pass, such as a network that is not there. */
  #mayComeBack = false
  #killNow: () => void = () => {}
  /** Goes up with every start and stop; whatever belongs to an older turn has no say any more. */
  #turn = 0
  #abort: AbortController | null = null
  #again: NodeJS.Timeout | undefined
  /** When that is. */
  #dueAt = 0
  #starting: Promise<void> = Promise.resolve()
  /** Resolves as soon as it is clear that the start under way comes to nothing. */
  #hopeless = Promise.withResolvers<void>()
  #closing: Promise<void> = Promise.resolve()
  #checking: NodeJS.Timeout | undefined
  /** Looks at its health in a row that came to nothing. */
  #silences = 0
  /** Their sessions are forgotten, but not every answer has come. */
  readonly #retired = new Set<Running>()
  #clearing: NodeJS.Timeout | undefined
  #stale = new Set<ListKind>()
  #settling: NodeJS.Timeout | null = null
  #refreshedAt = Number.NEGATIVE_INFINITY
  #rest = restTime
  #restless = 0
  #watched: { uris: ReadonlySet<string>; onUpdated: (uri: string) => void } | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#crashes = createCrashHistory(parts.timings.firstBackoff, maxCrashes)
    this.#offline = createCrashHistory(parts.timings.firstBackoff, null)
    this.#waits = createEndlessWaits(parts.timings.firstBackoff, parts.timings.longestBackoff)
  }

  /**
   * Resolves when the first attempt has ended, well or not; never rejects. `retry`: whether a failed attempt is repeated
   * after a while, or stays failed for the user to see.
   */
  start(retry: boolean): Promise<void> {
    this.#starting = this.#start(retry)
    return this.#starting
  }

  /** A start by the user's hand: forgets the past. */
  async restart(): Promise<void> {
    await this.stop()
    this.#forgive()
    this.#parts.facts.doubt()
    await this.start(false)
  }

  #forgive(): void {
    this.#crashes.forget()
    this.#offline.forget()
    this.#waits.forget()
    this.#same = { message: '', times: 0 }
  }

  get waitsForNetwork(): boolean {
    return this.state === 'waiting' || (this.state === 'failed' && this.#mayComeBack)
  }

  /** The network is there again: what waits, or was given up for something like it, is started at once. */
  networkIsBack(): void {
    if (!this.waitsForNetwork) return
    this.#forgive()
    this.restarts += 1
    void this.start(true)
  }

  /** `state` and `error`: what is shown from then on. */
  async stop(state: ServerState = 'stopped', error: ErrorReply | null = null): Promise<void> {
    this.#turn += 1
    clearTimeout(this.#again)
    this.#abort?.abort(new Error('stopped'))
    this.#hopeless.resolve()
    const retired = [...this.#retired].map((one) => one.close())
    this.#retired.clear()
    clearTimeout(this.#clearing)
    const closing = this.#drop()
    this.startedAt = null
    this.#mayComeBack = false
    this.#set(state, error)
    await Promise.all([closing, ...retired])
    this.#parts.facts.flush()
    // An attempt that was under way ends its own process.
    await this.#starting
    await this.#closing
  }

  killNow(): void {
    this.#killNow()
  }

  /** A connection to use; waits a little for a server that is just starting. Throws HostError. */
  async ready(signal: AbortSignal): Promise<Running> {
    // Only the session is gone, and now there is somebody who wants another.
    if (this.state === 'waiting' && this.error?.code === 'server-session-ended') void this.start(true)
    const due = this.#dueAt - performance.now()
    if (this.state === 'waiting' && due <= soon)
      await sleep(Math.max(due, 0) + 1, undefined, { signal }).catch(() => {})
    if (this.state === 'starting' || this.state === 'downloading') {
      const enough = AbortSignal.any([signal, AbortSignal.timeout(patienceForStart)])
      await Promise.race([
        this.#starting,
        this.#hopeless.promise,
        new Promise((resolve) => enough.addEventListener('abort', resolve, { once: true })),
      ])
    }
    if (this.running) return this.running
    throw notRunning(this.#parts.is.name, this.state, this.error)
  }

  /** A request over `connection` found it to be of no use any more. */
  gone(connection: Connection, reason: HostError): void {
    if (connection === this.running) this.#lost(reason, true)
    // Whoever asked may ask once more.
    if (isForgotten(reason) && this.state === 'waiting') void this.start(true)
  }

  /** From now on these resources are of interest and no others, whatever connection there is. */
  watch(uris: ReadonlySet<string>, onUpdated: (uri: string) => void): void {
    this.#watched = { uris, onUpdated }
    void this.running?.listening.set(uris)
  }

  /** Fetches its tools anew; throws what the connection throws. */
  async refreshTools(): Promise<void> {
    const { running } = this
    if (running) await this.#fetch(running, ['tools'], AbortSignal.timeout(this.#parts.startLimit()))
  }

  /** Asks for a sign of life; the answer is in its health. Whoever gives none is started, or connected to, anew. */
  async check(): Promise<void> {
    const { health, log } = this.#parts
    const { kind, name } = this.#parts.is
    const { running } = this
    if (!running) return
    const timeout = this.#parts.timeout()
    try {
      await this.#signOfLife(running, timeout)
      health.checked(true)
      this.#silences = 0
    } catch (error) {
      const { failure, lost } = requestFailure(error, {
        ...{ name, timeout, isHttp: kind !== 'stdio', signal: never },
        explain: (cause) => running.explain(cause, null),
      })
      health.checked(false)
      if (running === this.running) {
        health.failed(failure.message)
        log.warn('upstream.no-sign-of-life', { server: name, code: failure.code, error })
        this.#silences += 1
        // Whoever is at work on something may have no time for an answer; a program may have been held, as in a computer that sleeps.
        const enough = running.rpc.inFlight === 0 && this.#silences >= (kind === 'stdio' ? 2 : 1)
        if (lost || enough) this.gone(running, failure)
      }
    }
    this.#parts.onChanged()
  }

  /** Also a refusal is one, or that there were too many questions. Some servers pass over a ping, so one list may be asked for instead. */
  async #signOfLife({ rpc, explain }: Running, timeout: number): Promise<void> {
    const isSign = (error: unknown) => error instanceof ProtocolError || isRateLimited(explain(error, null))
    const list = listNames.find((name) => this.#parts.facts.capabilities[kindOf(name)])
    const ask = (method: string) =>
      rpc.request(method, {}, { timeout }).catch((error: unknown) => {
        if (!isSign(error)) throw error
      })
    try {
      await ask(rpc.isModern ? 'server/discover' : 'ping')
    } catch (error) {
      if (list === undefined || !isSilence(error)) throw error
      await ask(methods[list])
    }
  }

  async #start(retry: boolean): Promise<void> {
    const { clock, facts, log, timings } = this.#parts
    const { kind, name } = this.#parts.is
    this.#turn += 1
    this.#silences = 0
    const turn = this.#turn
    clearTimeout(this.#again)
    this.#set('starting', null)
    const abort = new AbortController()
    this.#abort = abort
    this.#hopeless = Promise.withResolvers()
    const endTurn = await this.#parts.turn()
    const quiet = this.#parts.startLimit()
    const time = new StartClock(
      { quiet, longest: Math.max(quiet, timings.longestStart), download: timings.download },
      () => abort.abort(timeIsUp),
    )
    let fetching: NodeJS.Timeout | undefined
    const knownLegacy = facts.isLegacy()
    let connection: Connection | null = null
    let running: Running | null = null
    try {
      if (turn !== this.#turn) throw new Error('stopped')
      const isCurrent = () => turn === this.#turn && running !== null && running === this.running
      connection = await this.#parts.open({
        signal: abort.signal,
        knownLegacy,
        knownSse: kind === 'http' && facts.isSse(),
        onLost: (reason) => {
          if (isCurrent()) this.#lost(reason, true)
          else if (turn === this.#turn) this.#hopeless.resolve()
        },
        onListChanged: (list) => {
          if (turn === this.#turn) this.#changed(list)
        },
        onResourceUpdated: (uri) => this.#updated(uri),
        onLog: (message) => this.#parts.onLog(message),
        tool: (tool) => facts.tool(tool),
        onNews: () => time.news(),
        onFetching: (is) => {
          if (turn !== this.#turn || abort.signal.aborted) return
          time.fetching(is)
          clearTimeout(fetching)
          const show = () => this.#set(is ? 'downloading' : 'starting', null)
          if (is) fetching = setTimeout(show, shortFetch)
          else if (this.state === 'downloading') show()
        },
        onStarted: (killNow) => {
          this.#killNow = killNow
        },
      })
      const news = facts.learn(connection, !knownLegacy)
      const { capabilities } = facts
      connection.rpc.requestMeta.logs = capabilities.logging !== undefined
      running = Object.assign(connection, {
        listening: new Listening({
          connection,
          capabilities,
          timeout: quiet,
          onProblem: (error) => log.warn('upstream.listen-failed', { server: name, error: errorText(error) }),
        }),
        logLevel:
          capabilities.logging && !connection.rpc.isModern
            ? new LogLevel(connection.rpc, this.#parts.timeout())
            : null,
      })
      // Before the lists are fetched, so that no change is missed; but nobody waits for it.
      const listening = running.listening.set(this.#watched?.uris ?? new Set())
      if (!connection.rpc.isModern) await listening
      try {
        await this.#fetch(running, listNames, abort.signal, news)
      } catch (error) {
        throw connection.explain(error, abort.signal.reason === timeIsUp ? quiet : null)
      }
      if (turn !== this.#turn) throw new Error('stopped')
      this.running = running
      this.startedAt = clock.now()
      this.#offline.forget()
      this.#waits.forget()
      this.#same = { message: '', times: 0 }
      this.#checking = setInterval(() => this.#checkIfIdle(), timings.check).unref()
      if (this.#stale.size > 0) this.#refreshSoon()
      this.#set('running', null)
      log.info('upstream.running', {
        server: name,
        protocol: facts.protocol,
        tools: facts.lists.tools.length,
      })
    } catch (error) {
      running?.listening.close()
      await connection?.close()
      if (turn !== this.#turn) return
      log.warn('upstream.start-failed', { server: name, error: errorText(error), cause: causeText(error) })
      const reason = isHostError(error) ? error : asStartError(name, error)
      this.#lost(reason, passesByItself(reason) || (retry && mayPass(kind, reason)), true)
    } finally {
      time.stop()
      clearTimeout(fetching)
      endTurn()
    }
  }

  /** It is down. Decides whether and when it is started again. `atStart`: it never came up. */
  #lost(reason: HostError, retry: boolean, atStart = false): void {
    const { health, log } = this.#parts
    const { kind, name } = this.#parts.is
    const closing = this.#drop(isForgotten(reason))
    this.#turn += 1
    this.startedAt = null
    this.#closing = Promise.all([this.#closing, closing]).then(() => {})
    health.failed(reason.message)
    this.#mayComeBack = isFromOutside(reason) || isUnreachable(reason)
    if (isSignedOut(reason)) {
      this.#set('signed-out', toErrorReply(reason))
      return
    }
    if (!retry) {
      this.#set('failed', givenUp(toErrorReply(reason)))
      return
    }
    const wait = this.#waitFor(reason, kind === 'stdio' && (atStart || isFromOutside(reason)))
    log.warn('upstream.lost', { server: name, code: reason.code, message: reason.message, wait })
    if (typeof wait !== 'number') {
      this.#mayComeBack ||= !isDefinite(reason)
      this.#set('failed', wait)
      return
    }
    this.#set('waiting', toErrorReply(reason))
    this.#dueAt = performance.now() + wait
    this.#again = setTimeout(() => {
      this.restarts += 1
      void this.start(true)
    }, wait)
  }

  /** Milliseconds until it is started again, or why it is not. `endless`: unless it says so itself, nobody knows that it is hopeless. */
  #waitFor(reason: HostError, endless: boolean): number | ErrorReply {
    const { kind, name } = this.#parts.is
    if (endless) {
      const { message } = reason
      const times = !isDefinite(reason) ? 0 : message === this.#same.message ? this.#same.times + 1 : 1
      this.#same = { message, times }
      return times >= maxCrashes ? sameAgain(name, reason, times) : this.#waits.next()
    }
    // A server at an address has no process of ours that could crash.
    const isCrash = kind === 'stdio' && !isUnreachable(reason)
    const pause = (isCrash ? this.#crashes : this.#offline).add(this.#parts.clock.now())
    return pause === null ? keepsStopping(name, reason, maxCrashes) : Math.max(pause, restWanted(reason) ?? 0)
  }

  /** Lets go of the connection. `gently`: what is under way over it may end by itself. */
  #drop(gently = false): Promise<void> | undefined {
    const { running } = this
    this.running = null
    clearInterval(this.#checking)
    if (this.#settling) clearTimeout(this.#settling)
    this.#settling = null
    this.#stale.clear()
    running?.listening.close()
    if (!gently || !running) return running?.close()
    this.#retired.add(running)
    this.#clearRetired()
  }

  /** Ends connections that were let go of, as soon as nothing is under way over them. */
  #clearRetired(): void {
    clearTimeout(this.#clearing)
    for (const one of this.#retired)
      if (one.rpc.inFlight === 0) {
        this.#retired.delete(one)
        void one.close()
      }
    if (this.#retired.size > 0) this.#clearing = setTimeout(() => this.#clearRetired(), 200)
  }

  #changed(list: ListKind): void {
    this.#stale.add(list)
    // While it starts, its lists are just being fetched: see the end of that.
    if (this.running) this.#refreshSoon()
  }

  #refreshSoon(): void {
    const rested = this.#refreshedAt + this.#rest - performance.now()
    this.#settling ??= setTimeout(() => void this.#refresh(), Math.max(settleTime, rested))
  }

  async #refresh(): Promise<void> {
    this.#settling = null
    this.#restLonger(performance.now())
    const { running } = this
    if (!running) return
    const names = listNames.filter((name) => this.#stale.has(kindOf(name)))
    this.#stale.clear()
    try {
      await this.#fetch(running, names, AbortSignal.timeout(this.#parts.startLimit()))
    } catch (error) {
      this.#parts.log.warn('upstream.refresh-failed', { server: this.#parts.is.name, error })
      this.#refreshFailed(running, running.explain(error, null), names)
    }
  }

  /** Lists that could not be fetched now are fetched when the server takes requests again. */
  #refreshFailed(running: Running, reason: HostError, names: readonly ListName[]): void {
    if (running !== this.running) return
    if (isForgotten(reason)) this.gone(running, reason)
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

  async #fetch(
    running: Running,
    names: readonly ListName[],
    signal: AbortSignal,
    news = false,
  ): Promise<void> {
    const { facts, onListsChanged, timings } = this.#parts
    const turn = this.#turn
    const changed = await fetchLists({
      ...{ rpc: running.rpc, facts, names, signal },
      usable: (tool) => running.usable?.(tool) !== false,
      timeout: this.#parts.startLimit(),
      afterTools: timings.otherLists,
      afterOthers: 3 * timings.otherLists,
      isCurrent: () => turn === this.#turn,
      onLate: onListsChanged,
      onNoted: this.#parts.onChanged,
    })
    if (turn !== this.#turn) return
    const cut = facts.cutLists.filter((name) => changed.includes(name))
    if (cut.length > 0)
      this.#parts.log.warn('upstream.lists-cut', { server: this.#parts.is.name, lists: cut })
    if (news || changed.length > 0) onListsChanged()
    // What is left out may be other than before.
    else if (this.running !== null) this.#parts.onChanged()
  }

  #updated(uri: string): void {
    const { uris, onUpdated } = this.#watched ?? {}
    if (!uris || !onUpdated) return
    if (uris.has(uri)) onUpdated(uri)
    // A part of what was subscribed to may be named (MCP 2025-11-25, Resources, Subscriptions).
    else for (const watched of uris) if (uri.startsWith(watched)) onUpdated(watched)
  }

  #checkIfIdle(): void {
    if (this.running?.rpc.inFlight !== 0) return
    void this.check()
    // What could not be had may be had now.
    for (const name of this.#parts.facts.missedLists) this.#changed(kindOf(name))
  }

  #set(state: ServerState, error: ErrorReply | null): void {
    this.state = state
    this.error = error
    this.#parts.onChanged()
  }
}

const never = new AbortController().signal

const isSilence = (error: unknown) => error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout

/** Whether a failed start may go well a little later by itself. */
const neverPasses: ReadonlySet<string> = new Set(['command-not-found', 'sandbox-missing', 'folder-too-wide'])
/** At an address only what a person has to mend: what answers in its place today (a page, 404) may be gone tomorrow. */
const needsPerson: ReadonlySet<string> = new Set([
  'server-refused',
  'server-host-refused',
  'sign-in-failed',
  'sign-in-other-issuer',
])
const mayPass = (kind: ServerKind, reason: HostError): boolean =>
  isUnreachable(reason) || !(kind === 'stdio' ? neverPasses : needsPerson).has(reason.code)

const causeText = (error: unknown): string | undefined =>
  error instanceof Error && error.cause !== undefined ? errorText(error.cause) : undefined
