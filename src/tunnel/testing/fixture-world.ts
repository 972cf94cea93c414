/**
 * For tests with a virtual clock: the world between this computer and who calls it, without a socket. Every provider keeps what it says
 * of itself (its budget of probes, its patience, its times); only the way to its service is played. `at` is in ms since the start.
 */
import { vi } from 'vitest'
import { Emitter } from '../../kernel/emitter.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { Presence } from '../away/presence.ts'
import type { OpenTunnel, TunnelProvider } from '../providers/provider.ts'
import type { ProbeFetch } from '../public-fetch.ts'
import { createTunnel, type Tunnel, type TunnelState } from '../tunnel.ts'
import { TunnelFailure } from '../tunnel-failure.ts'

const instance = 'instance-1'
/** As long as opening takes at the slowest of the services, where all is well. */
const openingTakes = 1_200
/** That long a service holds a name whose connection went away without a word. */
const holdsName = 3_000

export class FixtureWorld {
  readonly settings = memory()
  readonly states: { at: number; kind: TunnelState['kind']; origin: string | null }[] = []
  /** This computer has a network. */
  isOnline = true
  /** The service stands, and its name is found. */
  isServed = true
  isNamed = true
  opened = 0
  tunnel: Tunnel | null = null
  readonly #provider: TunnelProvider
  readonly #from = Date.now()
  #presence: Presence | null = null
  #slept = 0
  #heldUntil = 0
  /** The one connection that leads here; null: none does. `deaf`: it broke, and neither end knows. */
  #line: { deaf: boolean; lost: Emitter<{ lost: object }> } | null = null

  constructor(provider: TunnelProvider) {
    this.#provider = provider
  }

  /** Drawbridge starts. */
  start(): void {
    const { settings } = this
    const clock = { now: () => Date.now() }
    const tunnel = createTunnel({
      ...{ settings, clock, instance, log: silentLog },
      localPort: () => 1,
      host: () => '',
      fetch: this.#fetch,
      providers: [{ ...this.#provider, open: (request) => this.#open(request.signal) }],
    })
    tunnel.events.on('changed', ({ kind, origin }) => void this.states.push({ at: this.now(), kind, origin }))
    this.tunnel = tunnel
    this.#presence = new Presence({
      ...{ settings, clock, tunnel, log: silentLog },
      keepAwake: () => false,
      wantsAwake: () => false,
      onBack: () => {},
      uptime: () => performance.now() + this.#slept,
      addresses: () => (this.isOnline ? ['192.0.2.7'] : []),
    })
  }

  async stop(): Promise<void> {
    await this.#presence?.stop()
    await this.tunnel?.stop()
    this.tunnel = null
  }

  /** It ends without a word: the service still holds the name for a while. */
  async crash(): Promise<void> {
    await this.stop()
    this.#heldUntil = Date.now() + holdsName
  }

  /** Timers stand still. When it wakes, every connection is one that nobody knows is broken. */
  sleep(ms: number): void {
    this.#slept += ms
    vi.setSystemTime(Date.now() + ms)
    this.#deafen()
  }

  networkGoes(): void {
    this.isOnline = false
    this.#deafen()
  }

  /** A cable or another Wi-Fi: there again, with other connections. */
  networkComes(): void {
    this.isOnline = true
  }

  serviceGoes(): void {
    this.isServed = false
    this.#line?.lost.emit('lost', {})
    this.#line = null
  }

  now(): number {
    return Date.now() - this.#from
  }

  /** Whether a call of an assistant would be answered now. */
  answers(): boolean {
    return this.isOnline && this.isServed && this.isNamed && this.#line !== null && !this.#line.deaf
  }

  away() {
    return this.#presence?.away() ?? []
  }

  #deafen(): void {
    if (this.#line) this.#line.deaf = true
    this.#heldUntil = Date.now() + holdsName
  }

  readonly #fetch: ProbeFetch = async (_url, { signal }) => {
    if (!this.isOnline || !this.isNamed) throw new TypeError('fetch failed')
    await pause(60, signal)
    if (!this.isServed) return new Response('Bad Gateway', { status: 502 })
    if (this.#line === null) return new Response('error code: 1033', { status: 530 })
    if (this.#line.deaf) await pause(600_000, signal)
    return Response.json({ name: 'drawbridge', instance })
  }

  async #open(signal: AbortSignal): Promise<OpenTunnel> {
    // Without a network some connections are refused at once, and some wait for their limit.
    if (!this.isOnline && this.opened % 2 === 1) await pause(600_000, signal)
    await pause(this.isOnline ? openingTakes : 5, signal)
    if (!this.isOnline || !this.isServed || !this.isNamed)
      throw new TunnelFailure({ code: 'tunnel-unreachable' })
    if (Date.now() < this.#heldUntil) {
      if (this.#provider.naming === 'ours') throw new TunnelFailure({ code: 'tunnel-name-taken' })
      await pause(this.#heldUntil - Date.now(), signal)
    }
    this.opened += 1
    const line = { deaf: false, lost: new Emitter<{ lost: object }>() }
    this.#line = line
    return {
      origin: 'https://stable.example',
      name: 'stable',
      idle: () => 1,
      onTrouble() {},
      // OpenAI's asks anew, over another connection (openai/tunnel-link.ts).
      renew: () => {
        if (this.#provider.unseen) line.deaf = !this.isOnline
      },
      onLost: (listen) => void line.lost.on('lost', () => listen()),
      close: () => {
        if (this.#line === line) this.#line = null
      },
    }
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', ended)
      resolve()
    }, ms)
    const ended = () => {
      clearTimeout(timer)
      reject(new TunnelFailure({ code: 'tunnel-unreachable' }))
    }
    if (signal.aborted) ended()
    else signal.addEventListener('abort', ended, { once: true })
  })
}

/** Limits that follow the virtual clock; Node's own do not. */
export function virtualTimeouts(): void {
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const limit = new AbortController()
    setTimeout(() => limit.abort(new DOMException('', 'TimeoutError')), ms)
    return limit.signal
  })
}

function memory() {
  const values = new Map<string, unknown>()
  return {
    get: (name: string) => values.get(name),
    set: (name: string, value: unknown) => void values.set(name, structuredClone(value)),
    delete: (name: string) => void values.delete(name),
  } as never
}
