import { setTimeout as sleep } from 'node:timers/promises'
import type { ErrorReply } from '../../contract/errors.ts'
import type { ServerKind, ServerState } from '../../contract/servers.ts'
import type { Clock } from '../../kernel/clock.ts'
import { errorText, type HostError, isHostError, toErrorReply } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { LogMessage } from '../../mcp/tool-source.ts'
import {
  isDefinite,
  isForgotten,
  isFromOutside,
  isUnreachable,
  passesByItself,
} from '../failures/failures.ts'
import { listNames } from '../lists/lists.ts'
import type { ServerFacts } from '../lists/server-facts.ts'
import { isSignedOut } from '../session/call.ts'
import { type Connection, type Hooks, type Open, timeIsUp } from '../session/connection.ts'
import type { Health } from './health.ts'
import { HealthCheck } from './health-check.ts'
import { ListRefresh } from './list-refresh.ts'
import { asStartError, givenUp, notRunning } from './not-running.ts'
import { mayPass, RestartPolicy } from './restart-policy.ts'
import { asRunning, Retired, type Running } from './running.ts'
import { StartClock } from './start-clock.ts'
import type { Timings } from './timings.ts'

/** How long a request waits for a server that is just starting. Milliseconds. */
const patienceForStart = 10_000
/** One that is started again so soon is waited for, too. Milliseconds. */
const soon = 2_000

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
  /** Takes secrets out of what the server said. */
  clean(text: string): string
}

/** A start that is under way. */
interface Start {
  /** Of the supervisor, when it began. */
  turn: number
  /** Milliseconds without a sign of life. */
  quiet: number
  abort: AbortController
  clock: StartClock
  connection: Connection | null
  running: Running | null
}

/** Keeps one server running: start, restart with growing waits. */
export class Supervisor {
  state: ServerState = 'stopped'
  error: ErrorReply | null = null
  startedAt: number | null = null
  restarts = 0
  /** Another number from when its owner begins to put another program, address or value in its place. */
  edition = 0
  /** Null unless it is running. */
  running: Running | null = null
  readonly #parts: Parts
  readonly #policy: RestartPolicy
  readonly #lists: ListRefresh
  readonly #signs: HealthCheck
  readonly #retired = new Retired()
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
  #watched: { uris: ReadonlySet<string>; onUpdated: (uri: string) => void } | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#policy = new RestartPolicy(parts.timings)
    this.#signs = new HealthCheck(parts)
    this.#lists = new ListRefresh({
      ...parts,
      onForgotten: (running, reason) => this.gone(running, reason),
    })
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
    const stopping = this.stop()
    const turn = this.#turn
    await stopping
    // Whoever came meanwhile has the say: its owner may be putting another in its place.
    if (turn !== this.#turn) return
    this.#policy.forget()
    this.#parts.facts.doubt()
    await this.start(false)
  }

  get waitsForNetwork(): boolean {
    return this.state === 'waiting' || (this.state === 'failed' && this.#mayComeBack)
  }

  /** The network is there again: what waits, or was given up for something like it, is started at once; a list that is missing is asked for. */
  networkIsBack(): void {
    if (this.running) this.#lists.retryMissed()
    if (!this.waitsForNetwork) return
    this.#policy.forget()
    this.restarts += 1
    void this.start(true)
  }

  /** `state` and `error`: what is shown from then on. */
  async stop(state: ServerState = 'stopped', error: ErrorReply | null = null): Promise<void> {
    this.#turn += 1
    clearTimeout(this.#again)
    this.#abort?.abort(new Error('stopped'))
    this.#hopeless.resolve()
    const retired = this.#retired.close()
    const closing = this.#drop()
    this.startedAt = null
    this.#mayComeBack = false
    this.#set(state, error)
    await Promise.all([closing, retired])
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
    if (running) await this.#lists.fetch(running, ['tools'], AbortSignal.timeout(this.#parts.startLimit()))
  }

  /** Asks for a sign of life; the answer is in its health. Whoever gives none is started, or connected to, anew. */
  async check(): Promise<void> {
    const { running } = this
    if (!running) return
    const problem = await this.#signs.look(running, () => running === this.running)
    if (problem) this.gone(running, problem)
    this.#parts.onChanged()
  }

  async #start(retry: boolean): Promise<void> {
    this.#turn += 1
    this.#signs.begin()
    this.#lists.begin()
    const turn = this.#turn
    clearTimeout(this.#again)
    this.#set('starting', null)
    const abort = new AbortController()
    this.#abort = abort
    this.#hopeless = Promise.withResolvers()
    const endTurn = await this.#parts.turn()
    const quiet = this.#parts.startLimit()
    const clock = this.#clockOf(turn, quiet, abort)
    const start: Start = { turn, quiet, abort, clock, connection: null, running: null }
    try {
      if (turn !== this.#turn) throw new Error('stopped')
      const running = await this.#connect(start)
      if (turn !== this.#turn) throw new Error('stopped')
      this.#up(running)
    } catch (error) {
      await this.#startFailed(start, retry, error)
    } finally {
      clock.stop()
      endTurn()
    }
  }

  #clockOf(turn: number, quiet: number, abort: AbortController): StartClock {
    const { download, longestStart } = this.#parts.timings
    return new StartClock(
      { quiet, longest: Math.max(quiet, longestStart), download },
      {
        late: () => abort.abort(timeIsUp),
        showFetching: (is) => {
          if (turn !== this.#turn) return
          if (is) this.#set('downloading', null)
          else if (this.state === 'downloading') this.#set('starting', null)
        },
      },
    )
  }

  /** Opens a connection and fetches all lists over it. */
  async #connect(start: Start): Promise<Running> {
    const { facts, log } = this.#parts
    const isLegacy = facts.isLegacy()
    const connection = await this.#parts.open(this.#hooks(start, isLegacy))
    start.connection = connection
    const news = facts.learn(connection, !isLegacy)
    const timeouts = { start: start.quiet, request: this.#parts.timeout() }
    const running = asRunning(connection, facts.capabilities, this.#parts.is.name, timeouts, log)
    start.running = running
    // Before the lists are fetched, so that no change is missed; but nobody waits for it.
    const listening = running.listening.set(this.#watched?.uris ?? new Set())
    if (!connection.rpc.isModern) await listening
    const { signal } = start.abort
    try {
      await this.#lists.fetch(running, listNames, signal, news)
    } catch (error) {
      throw connection.explain(error, signal.reason === timeIsUp ? start.quiet : null)
    }
    return running
  }

  #hooks(start: Start, isLegacy: boolean): Hooks {
    const { facts, is, onLog } = this.#parts
    const { turn, clock } = start
    const { signal } = start.abort
    return {
      signal,
      isLegacy,
      isSse: is.kind === 'http' && facts.isSse(),
      onLost: (reason) => {
        if (turn !== this.#turn) return
        if (start.running !== null && start.running === this.running) this.#lost(reason, true)
        else this.#hopeless.resolve()
      },
      onListChanged: (list) => {
        if (turn === this.#turn) this.#lists.changed(list)
      },
      onResourceUpdated: (uri) => this.#updated(uri),
      onLog,
      tool: (tool) => facts.tool(tool),
      onNews: () => clock.news(),
      onFetching: (is) => {
        if (turn === this.#turn && !signal.aborted) clock.fetching(is)
      },
      onStarted: (killNow) => {
        this.#killNow = killNow
      },
    }
  }

  #up(running: Running): void {
    const { clock, facts, is, log, timings } = this.#parts
    this.running = running
    this.startedAt = clock.now()
    this.#policy.cameUp()
    this.#checking = setInterval(() => this.#checkIfIdle(), timings.check).unref()
    this.#lists.up(running)
    this.#set('running', null)
    log.info('servers.running', {
      server: is.name,
      protocol: facts.protocol,
      tools: facts.lists.tools.length,
    })
  }

  async #startFailed({ turn, connection, running }: Start, retry: boolean, error: unknown): Promise<void> {
    const { is, log } = this.#parts
    running?.listening.close()
    await connection?.close()
    if (turn !== this.#turn) return
    log.warn('servers.start-failed', { server: is.name, error: errorText(error), cause: causeText(error) })
    const reason = isHostError(error) ? error : asStartError(is.name, error)
    this.#lost(reason, passesByItself(reason) || (retry && mayPass(is.kind, reason)), true)
  }

  /** It is down. Decides whether and when it is started again. `atStart`: it never came up. */
  #lost(reason: HostError, retry: boolean, atStart = false): void {
    const { clock, health, is, log } = this.#parts
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
    const wait = this.#policy.waitFor(reason, is, atStart, clock.now())
    log.warn('servers.lost', { server: is.name, code: reason.code, message: reason.message, wait })
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

  /** Lets go of the connection. `gently`: what is under way over it may end by itself. */
  #drop(gently = false): Promise<void> | undefined {
    const { running } = this
    this.running = null
    clearInterval(this.#checking)
    this.#lists.end()
    running?.listening.close()
    if (!gently || !running) return running?.close()
    this.#retired.add(running)
  }

  #updated(uri: string): void {
    const { uris, onUpdated } = this.#watched ?? {}
    if (!uris || !onUpdated) return
    if (uris.has(uri)) onUpdated(uri)
    // A part of what was subscribed to may be named (MCP 2025-11-25, Resources, Subscriptions).
    else for (const watched of uris) if (uri.startsWith(watched)) onUpdated(watched)
  }

  #checkIfIdle(): void {
    if (this.running?.rpc.pendingRequests !== 0) return
    void this.check()
    this.#lists.retryMissed()
  }

  #set(state: ServerState, error: ErrorReply | null): void {
    this.state = state
    this.error = error
    this.#parts.onChanged()
  }
}

const causeText = (error: unknown): string | undefined =>
  error instanceof Error && error.cause !== undefined ? errorText(error.cause) : undefined
