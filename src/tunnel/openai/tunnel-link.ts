import { setTimeout as sleep } from 'node:timers/promises'
import { localDownHeader } from '../probe.ts'
import type { OpenTunnel } from '../providers/provider.ts'
import type { ProbeFetch } from '../public-fetch.ts'
import { TunnelFailure } from '../tunnel-failure.ts'
import type { TunnelCommand } from './commands.ts'
import { type ControlPlane, mostCommands } from './control-plane.ts'
import { LocalListener, readAll } from './local-request.ts'
import { Relay } from './relay.ts'
import { SignInTargets } from './sign-in-targets.ts'

/** Commands that are worked on at once: those that wait for their owner hold up no others. */
const mostRunning = 100
/** What they are altogether. Bytes. */
const mostHeld = 64 * 1024 * 1024
/** A poll that asks for no wait: it is about whether there is an answer. Milliseconds. */
const noWait = 1
/** A poll that brought nothing new any sooner did not wait: then we do. Milliseconds. */
const soonest = 1_000
const firstPause = 500
const longestPause = 8_000
/** A refusal for longer is told to the owner. Milliseconds. */
const longestQuiet = 60_000
const mostHealth = 16_000
/** Numbers of commands that are remembered. */
const mostSeen = 2_000

/** A tunnel of OpenAI's that is open: it asks for work, again and again, and leads it here. */
export class TunnelLink implements OpenTunnel {
  readonly origin: string
  readonly name: string
  readonly #plane: ControlPlane
  readonly #listener: LocalListener
  readonly #relay: Relay
  readonly #now: () => number
  readonly #note: (event: string, fields: Record<string, unknown>) => void
  readonly #ended = new AbortController()
  readonly #running = new Set<Promise<void>>()
  /** The service may hand a command over twice; what it asks for is done once. */
  readonly #seen = new Set<string>()
  /** Ends the poll that waits now, or the pause before the next. */
  #again = new AbortController()
  #polling: Promise<void> = Promise.resolve()
  #isUp = true
  /** Bytes of the commands that are worked on. */
  #held = 0
  /** The service wants not to be asked before, as `performance.now()` counts. */
  #quietUntil = 0
  #lost: TunnelFailure | null = null
  #onTrouble = () => {}
  #onLost: ((why?: TunnelFailure) => void) | null = null

  constructor(deps: {
    origin: string
    plane: ControlPlane
    localPort(): number
    now(): number
    note(event: string, fields: Record<string, unknown>): void
  }) {
    const { origin, plane, localPort, now, note } = deps
    this.origin = origin
    this.name = new URL(origin).hostname
    this.#plane = plane
    this.#note = note
    this.#now = now
    this.#listener = new LocalListener(localPort)
    this.#relay = new Relay({
      ...{ origin, note, listener: this.#listener },
      signIn: new SignInTargets(origin, this.#listener),
      answer: (command, answer, signal) => plane.answer(command, answer, signal),
    })
  }

  /** Once the service took key and tunnel. Throws TunnelFailure. */
  async begin(signal: AbortSignal): Promise<void> {
    await this.#askOnce(signal)
    this.#polling = this.#pollOn()
  }

  idle(): number {
    return this.#held > mostHeld ? 0 : Math.max(0, mostRunning - this.#running.size)
  }

  isUp(): boolean {
    return this.#isUp
  }

  onTrouble(listen: () => void): void {
    this.#onTrouble = listen
  }

  onLost(listen: (why?: TunnelFailure) => void): void {
    this.#onLost = listen
    if (this.#lost !== null) listen(this.#lost)
  }

  renew(): void {
    this.#plane.renew()
    this.#again.abort()
  }

  /** Nobody can come from outside to look: whether OpenAI answers, and whether our own listener does, by the way that commands take. */
  readonly visit: ProbeFetch = async (url, { signal }) => {
    await this.#lookOnce(signal)
    // It is there again: no reason to go on with a pause.
    if (!this.#isUp) this.#again.abort()
    const { origin, pathname } = new URL(url)
    try {
      const from = await this.#listener.ask({ method: 'GET', path: pathname, origin }, signal)
      const body = await readAll(from, mostHealth)
      return new Response(body.toString('utf8'), {
        status: from.statusCode!,
        headers: { 'content-type': from.headers['content-type'] ?? '' },
      })
    } catch {
      return new Response('', { status: 502, headers: { [localDownHeader]: 'local-down' } })
    }
  }

  async close(): Promise<void> {
    this.#ended.abort()
    this.#again.abort()
    await Promise.all([this.#polling, ...this.#running])
    this.#listener.close()
    await this.#plane.close()
  }

  /** Throws TunnelFailure: `tunnel-unreachable` for all that passes by itself, which is no reason to end the calls that wait here. */
  async #lookOnce(signal: AbortSignal): Promise<void> {
    const away = (cause?: unknown) =>
      new TunnelFailure({ code: 'tunnel-unreachable', says: 'tunnel-openai-away', cause })
    if (performance.now() < this.#quietUntil) throw away()
    try {
      await this.#askOnce(signal)
    } catch (error) {
      if (!(error instanceof TunnelFailure)) throw away(error)
      if (isTold(error, this.#now())) throw error
      this.#keepQuiet(error)
      throw away(error)
    }
  }

  async #askOnce(signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.#ended.signal])
    const limit = Math.max(1, Math.min(this.idle(), mostCommands))
    const { at, commands } = await this.#plane.poll({ limit, wait: noWait }, until)
    for (const command of commands) this.#run(command, at)
  }

  async #pollOn(): Promise<void> {
    const ended = this.#ended.signal
    let failures = 0
    while (!ended.aborted && this.#lost === null) {
      if (this.idle() === 0) {
        await Promise.race(this.#running)
        continue
      }
      this.#again = new AbortController()
      const until = AbortSignal.any([ended, this.#again.signal])
      const began = performance.now()
      try {
        const { at, commands } = await this.#plane.poll({ limit: Math.min(this.idle(), mostCommands) }, until)
        failures = 0
        this.#isUp = true
        const begun = commands.filter((command) => this.#run(command, at))
        if (begun.length > 0) continue
        await sleep(Math.max(0, soonest - (at - began)), undefined, { signal: until }).catch(() => {})
      } catch (error) {
        if (until.aborted) continue
        failures += 1
        await this.#pause(error, failures, until)
      }
    }
  }

  /** A while in which nothing is asked; or the end, where that would not help. */
  async #pause(error: unknown, failures: number, until: AbortSignal): Promise<void> {
    const failure = error instanceof TunnelFailure ? error : new TunnelFailure({ code: 'tunnel-unreachable' })
    if (isTold(failure, this.#now())) return this.#lose(failure)
    const asked = this.#keepQuiet(failure)
    this.#isUp = false
    this.#onTrouble()
    const usual = Math.min(firstPause * 2 ** (failures - 1), longestPause)
    await sleep(Math.max(asked, usual * (1 + Math.random() / 4)), undefined, { signal: until }).catch(
      () => {},
    )
  }

  /** For how long the service wants not to be asked, ms. */
  #keepQuiet({ until = 0 }: TunnelFailure): number {
    const asked = Math.max(0, until - this.#now())
    this.#quietUntil = Math.max(this.#quietUntil, performance.now() + asked)
    return asked
  }

  #lose(why: TunnelFailure): void {
    if (this.#lost !== null || this.#ended.signal.aborted) return
    this.#isUp = false
    this.#lost = why
    this.#again.abort()
    this.#onLost?.(why)
  }

  /** False: it is done already. */
  #run(command: TunnelCommand, at: number): boolean {
    if (this.#seen.has(command.requestId)) return false
    if (this.#seen.size >= mostSeen) this.#seen.delete(this.#seen.values().next().value!)
    this.#seen.add(command.requestId)
    const work = this.#relay.run(command, at, this.#ended.signal).catch((error: unknown) => {
      if (error instanceof TunnelFailure) this.#lose(error)
      else this.#note('tunnel.openai.failed', { error: String(error) })
    })
    const size = command.body?.length ?? 0
    this.#held += size
    const running = work.finally(() => {
      this.#held -= size
      this.#running.delete(running)
    })
    this.#running.add(running)
    return true
  }
}

/** Whether it does not pass by itself, or not soon. */
const isTold = ({ code, until = 0 }: TunnelFailure, now: number): boolean =>
  code === 'tunnel-quota' ? until - now > longestQuiet : code !== 'tunnel-unreachable'
