import type { CallToolResult, Tool } from '@modelcontextprotocol/client'
import type { ErrorReply, ServerState } from '../contract/models.ts'
import type { Clock } from '../kernel/clock.ts'
import { errorText, HostError, isHostError, toErrorReply } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { type CrashHistory, createCrashHistory, maxCrashes } from './backoff.ts'
import { asResult, type CallOptions, callFailure } from './call.ts'
import { type Connection, type Open, timeIsUp } from './connection.ts'
import { isUnreachable } from './failures.ts'
import { listTools } from './tool-list.ts'

/** Milliseconds. */
export interface Timings {
  /** From the start of a server to its first list of tools. */
  start: number
  /** A call without news; progress begins it anew. */
  call: number
  /** Before the first restart after a crash; doubles with each further one. */
  firstBackoff: number
  /** For a child to end by itself once its input is closed, and then after SIGTERM. */
  afterEnd: number
  afterTerm: number
}

/** How long "older kind" is believed about a server, which may have been updated since. */
const legacyFor = 24 * 60 * 60_000
/** How long a call waits for a server that is just starting. */
const patienceForStart = 10_000

interface Parts {
  id: string
  name: string
  kind: 'stdio' | 'http'
  open: Open
  clock: Clock
  log: Log
  timings: Timings
  onChanged(): void
  onToolsChanged(): void
}

/** Keeps one server running: start, restart with growing waits, calls, the last known list of tools. */
export class Supervisor {
  state: ServerState = 'stopped'
  error: ErrorReply | null = null
  protocol: string | null = null
  startedAt: number | null = null
  restarts = 0
  /** The last known ones; they stay while it is down, so that clients do not lose them. */
  tools: readonly Tool[] = []
  readonly #parts: Parts
  readonly #crashes: CrashHistory
  readonly #offline: CrashHistory
  #connection: Connection | null = null
  #killNow: () => void = () => {}
  /** Goes up with every start and stop; whatever belongs to an older turn has no say any more. */
  #turn = 0
  #abort: AbortController | null = null
  #again: NodeJS.Timeout | undefined
  #starting: Promise<void> = Promise.resolve()
  #closing: Promise<void> = Promise.resolve()
  #legacySince: number | null = null

  constructor(parts: Parts) {
    this.#parts = parts
    this.#crashes = createCrashHistory(parts.timings.firstBackoff, maxCrashes)
    this.#offline = createCrashHistory(parts.timings.firstBackoff, null)
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
    this.#crashes.forget()
    this.#offline.forget()
    this.#legacySince = null
    await this.start(false)
  }

  async stop(): Promise<void> {
    this.#turn += 1
    clearTimeout(this.#again)
    this.#abort?.abort(new Error('stopped'))
    const connection = this.#connection
    this.#connection = null
    this.#set('stopped', null)
    await connection?.close()
    // An attempt that was under way ends its own process.
    await this.#starting
    await this.#closing
  }

  killNow(): void {
    this.#killNow()
  }

  async call(tool: string, args: Record<string, unknown>, options: CallOptions): Promise<CallToolResult> {
    const { name, timings } = this.#parts
    const connection = await this.#ready(options.signal)
    try {
      return asResult(
        await connection.client.callTool(
          { name: tool, arguments: args },
          {
            signal: options.signal,
            timeout: timings.call,
            ...(options.onProgress && { onprogress: options.onProgress, resetTimeoutOnProgress: true }),
          },
        ),
      )
    } catch (error) {
      const failure = callFailure(error, {
        name,
        signal: options.signal,
        timeout: timings.call,
        explain: (cause) => connection.explain(cause, null),
        isHttp: this.#parts.kind === 'http',
      })
      if (!isHostError(failure.outcome)) return failure.outcome
      this.#parts.log.info('upstream.call-failed', { server: name, tool, code: failure.outcome.code, error })
      if (failure.lost && connection === this.#connection) this.#lost(failure.outcome, true)
      throw failure.outcome
    }
  }

  async #start(retry: boolean): Promise<void> {
    const { clock, log, name, timings } = this.#parts
    this.#turn += 1
    const turn = this.#turn
    clearTimeout(this.#again)
    this.#set('starting', null)
    const abort = new AbortController()
    this.#abort = abort
    const timer = setTimeout(() => abort.abort(timeIsUp), timings.start)
    const knownLegacy = this.#legacySince !== null && clock.now() - this.#legacySince < legacyFor
    let connection: Connection | null = null
    let running = false
    try {
      connection = await this.#parts.open({
        signal: abort.signal,
        knownLegacy,
        onLost: (reason) => {
          if (turn === this.#turn && running) this.#lost(reason, true)
        },
        onToolsChanged: () => {
          if (turn === this.#turn && running) void this.#refresh(turn)
        },
        onStarted: (killNow) => {
          this.#killNow = killNow
        },
      })
      const { client } = connection
      let tools: readonly Tool[]
      try {
        tools = await listTools(client, abort.signal)
      } catch (error) {
        throw connection.explain(error, abort.signal.reason === timeIsUp ? timings.start : null)
      }
      if (turn !== this.#turn) throw new Error('stopped')
      running = true
      this.#connection = connection
      if (client.getProtocolEra() === 'modern') this.#legacySince = null
      else if (!knownLegacy) this.#legacySince = clock.now()
      this.protocol = client.getNegotiatedProtocolVersion() ?? null
      this.startedAt = clock.now()
      this.#offline.forget()
      this.#keep(tools)
      this.#set('running', null)
      log.info('upstream.running', { server: name, protocol: this.protocol, tools: tools.length })
    } catch (error) {
      await connection?.close()
      if (turn !== this.#turn) return
      log.warn('upstream.start-failed', { server: name, error: errorText(error), cause: causeText(error) })
      const reason = isHostError(error) ? error : asStartError(name, error)
      this.#lost(reason, retry && mayPass(this.#parts.kind, reason))
    } finally {
      clearTimeout(timer)
    }
  }

  /** It is down. Decides whether and when it is started again. */
  #lost(reason: HostError, retry: boolean): void {
    const { clock, log, name } = this.#parts
    const connection = this.#connection
    this.#connection = null
    this.#turn += 1
    this.startedAt = null
    this.#closing = connection?.close() ?? this.#closing
    if (!retry) {
      this.#set('failed', toErrorReply(reason))
      return
    }
    const wait = (isUnreachable(reason) ? this.#offline : this.#crashes).add(clock.now())
    log.warn('upstream.lost', { server: name, code: reason.code, message: reason.message, wait })
    if (wait === null) {
      this.#set('failed', keepsStopping(name, reason))
      return
    }
    this.#set('waiting', toErrorReply(reason))
    this.#again = setTimeout(() => {
      this.restarts += 1
      void this.start(true)
    }, wait)
  }

  async #refresh(turn: number): Promise<void> {
    const client = this.#connection?.client
    if (!client) return
    try {
      const tools = await listTools(client, AbortSignal.timeout(this.#parts.timings.start))
      if (turn === this.#turn) this.#keep(tools)
    } catch (error) {
      this.#parts.log.warn('upstream.refresh-failed', { server: this.#parts.name, error })
    }
  }

  #keep(tools: readonly Tool[]): void {
    const same = JSON.stringify(tools) === JSON.stringify(this.tools)
    this.tools = tools
    if (!same) this.#parts.onToolsChanged()
  }

  #set(state: ServerState, error: ErrorReply | null): void {
    this.state = state
    this.error = error
    this.#parts.onChanged()
  }

  async #ready(signal: AbortSignal): Promise<Connection> {
    if (this.state === 'starting') {
      const enough = AbortSignal.any([signal, AbortSignal.timeout(patienceForStart)])
      await Promise.race([
        this.#starting,
        new Promise((resolve) => enough.addEventListener('abort', resolve, { once: true })),
      ])
    }
    if (this.#connection) return this.#connection
    throw notRunning(this.#parts.name, this.state, this.error)
  }
}

/** Whether a failed start may go well a little later by itself. */
const mayPass = (kind: 'stdio' | 'http', reason: HostError): boolean =>
  isUnreachable(reason) || (kind === 'stdio' && reason.code !== 'command-not-found')

const causeText = (error: unknown): string | undefined =>
  error instanceof Error && error.cause !== undefined ? errorText(error.cause) : undefined

const asStartError = (name: string, cause: unknown) =>
  new HostError({
    code: 'server-start-failed',
    message: `“${name}” could not be started.`,
    hint: 'Restart it. If that does not help, remove it and add it again.',
    detail: errorText(cause),
    cause,
  })

const keepsStopping = (name: string, last: HostError): ErrorReply => ({
  code: 'server-keeps-stopping',
  message: `“${name}” stopped ${maxCrashes} times within ten minutes, so it is not started any more. ${last.message}`,
  hint: 'Read its log, mend the cause, then press Restart.',
})

function notRunning(name: string, state: ServerState, error: ErrorReply | null): HostError {
  if (state === 'waiting' || state === 'starting')
    return new HostError({
      code: 'server-restarting',
      message: `“${name}” is just being started again.`,
      hint: 'Try again in a few seconds.',
      detail: error?.message,
    })
  return new HostError({
    code: 'server-down',
    message: `“${name}” is not running.`,
    hint: 'Open Drawbridge to see why, and restart it there.',
    detail: error?.message,
  })
}
