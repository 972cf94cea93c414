import * as z from 'zod'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { directly, type Network } from '../net/network.ts'
import type { Settings } from '../storage/settings.ts'
import { newTunnelName } from './names.ts'
import { tunnelProviders } from './providers/list.ts'
import type { TunnelProvider } from './providers/provider.ts'
import { createPublicFetch, type ProbeFetch } from './public-fetch.ts'
import { type Delays, defaultDelays, supervise } from './supervise.ts'
import { createWakeableSleep } from './wakeable-sleep.ts'
import { type Words, words } from './words.ts'

/**
 * `opening`: on the way. `ready`: our own listener answered through the public address. `offline`: no address works now,
 * the next attempt is under way. `taken`: the service answers, but our name belongs to somebody else.
 */
export interface TunnelState {
  kind: 'off' | 'opening' | 'ready' | 'offline' | 'taken'
  /** Without a path. Kept while offline, and known again after a restart. */
  origin: string | null
  message: string
  hint: string
  /** When `kind` last changed. */
  since: number
}

export interface Tunnel {
  /** Opens the address, now and at every start. Asked again, tries at once instead of after the usual pause. */
  want(): void
  /** Closes it and keeps it closed at the next start. */
  unwant(): void
  /** Gives up the address for a fresh one; whoever knew the old one must be told. */
  newName(): void
  state(): TunnelState
  events: Emitter<{ changed: TunnelState }>
  /** Closes every socket and timer. What was wanted stays wanted. */
  stop(): Promise<void>
}

export interface TunnelDeps {
  settings: Settings
  clock: Clock
  log: Log
  /** What our /health answers; tells our Drawbridge from another at the same address. */
  instance: string
  /** Asked at every attempt: the public listener on 127.0.0.1. */
  localPort(): number
  /** Base address of the tunnel service; empty means the provider's own default. */
  host(): string
  fetch?: ProbeFetch
  /** How others are reached; left out: as if nothing was set. */
  network?: Network
  delays?: Partial<Delays>
  provider?: TunnelProvider
}

const NameSetting = z.string().regex(/^[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$/)
/** The last address that worked, and what it belonged to. */
const OriginSetting = z.object({ host: z.string(), name: z.string(), origin: z.url() })

/** Holds one public address open for as long as it is wanted. Begins by itself when it was wanted before. */
export function createTunnel(deps: TunnelDeps): Tunnel {
  const { settings, clock, log } = deps
  const provider = deps.provider ?? tunnelProviders[0]
  const own = deps.fetch ? null : createPublicFetch(deps.network)
  const fetch = deps.fetch ?? own!.fetch
  const delays = { ...defaultDelays, ...deps.delays }
  const events = new Emitter<{ changed: TunnelState }>((error) =>
    log.error('tunnel.listener', { error: errorText(error) }),
  )
  const bell = createWakeableSleep()
  const host = () => deps.host() || provider.defaultHost
  let current: { abort: AbortController; done: Promise<void> } | null = null
  let ended: Promise<void> = Promise.resolve()
  let chosenName = settings.get('tunnel.name', NameSetting)
  let stopped = false
  let state: TunnelState = { kind: 'off', origin: knownOrigin(), ...words.off, since: clock.now() }

  function name(): string {
    if (!chosenName) {
      chosenName = newTunnelName()
      keep('tunnel.name', chosenName)
    }
    return chosenName
  }

  /** A full disk must not cost the address: it is only forgotten at the next start. */
  function keep(key: string, value: unknown): void {
    try {
      settings.set(key, value)
    } catch (error) {
      log.warn('tunnel.not-kept', { key, error: errorText(error) })
    }
  }

  function knownOrigin(): string | null {
    const known = settings.get('tunnel.origin', OriginSetting)
    return known && known.host === host() && known.name === name() ? known.origin : null
  }

  function show(kind: TunnelState['kind'], { message, hint }: Words, origin = state.origin): void {
    if (kind === state.kind && message === state.message && hint === state.hint && origin === state.origin)
      return
    const since = kind === state.kind ? state.since : clock.now()
    state = { kind, origin, message, hint, since }
    log.info('tunnel.state', { kind, origin, message })
    events.emit('changed', state)
  }

  function begin(): void {
    if (current || stopped) return
    const abort = new AbortController()
    const { signal } = abort
    show('opening', words.opening)
    const done = supervise({
      provider,
      request: () => ({
        host: host(),
        name: name(),
        localPort: deps.localPort,
        network: deps.network ?? directly,
      }),
      instance: deps.instance,
      fetch,
      delays,
      clock,
      log,
      sleep: bell,
      signal,
      show: (kind, text, origin) => {
        // A late word of an attempt that was given up says nothing about the present one.
        if (signal.aborted) return
        show(kind, text, origin ?? state.origin)
        if (kind === 'ready')
          settings.set('tunnel.origin', { host: host(), name: name(), origin: state.origin })
      },
    }).catch((error) => log.error('tunnel.supervisor', { error: errorText(error) }))
    current = { abort, done }
  }

  function end(): Promise<void> {
    const ending = current
    current = null
    ending?.abort.abort()
    ended = Promise.all([ended, ending?.done]).then(() => {})
    return ended
  }

  if (settings.get('tunnel.wanted', z.boolean())) begin()

  return {
    want() {
      keep('tunnel.wanted', true)
      if (current) bell.ring()
      else begin()
    },
    unwant() {
      keep('tunnel.wanted', false)
      void end()
      if (!stopped) show('off', words.off)
    },
    newName() {
      chosenName = undefined
      name()
      const wanted = current !== null
      void end()
      if (wanted) {
        show('opening', words.opening, null)
        begin()
      } else show(state.kind, state, null)
    },
    state: () => state,
    events,
    async stop() {
      stopped = true
      await end()
      await own?.close()
    },
  }
}
