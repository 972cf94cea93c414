import * as z from 'zod'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { directly, type Network } from '../net/network.ts'
import { elsewhereSetting } from '../storage/backup/staged-restore.ts'
import type { Settings } from '../storage/settings.ts'
import type { Vault } from '../storage/vault/vault.ts'
import { HelperProcess } from './helper-process.ts'
import { newTunnelName } from './names.ts'
import { privateFolder } from './private-folder.ts'
import { tunnelProviders } from './providers/list.ts'
import type { OpenTunnel, ProviderKit, TunnelProvider } from './providers/provider.ts'
import { createPublicFetch, type ProbeFetch, publicLookup } from './public-fetch.ts'
import { type Delays, defaultDelays, type Elsewhere, type Supervision, supervise } from './supervise.ts'
import type { Action } from './tunnel-failure.ts'
import { createWakeableSleep } from './wakeable-sleep.ts'
import { secretName, toldTo } from './ways.ts'
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
  /** What the user has to do before it can go on. */
  action?: Action
  /** `taken` by another Drawbridge with our data: `takeOver` has it here. */
  elsewhere?: true
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
  /** The id of the provider that is used. */
  provider(): string
  /** Opens the address by this provider from now on, also when it is the same one that was told something else. */
  use(id: string): void
  /** Opens the address here although another computer has it. */
  takeOver(): void
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
  /** Base address of a provider's service; empty means its own default. */
  host(provider: string): string
  fetch?: ProbeFetch
  /** How others are reached; left out: as if nothing was set. */
  network?: Network
  delays?: Partial<Delays>
  /** Left out: those we know. The first one is used when nobody chose. */
  providers?: readonly [TunnelProvider, ...TunnelProvider[]]
  /** Ours, for programs that want a file; left out: none that a provider could need. */
  folder?: string
  /** Where names of addresses are asked, for providers that want it; left out: well-known ones. */
  nameServers?: readonly string[]
  /** Where secrets of providers are. */
  vault?: Pick<Vault, 'get'>
  /** Of programs that a provider starts; left out: our own. */
  env?: NodeJS.ProcessEnv
}

/** Milliseconds after it was taken over from another computer, which may take as long to notice. */
const givesWayAfter = 180_000

/** A label we made up, or the whole name of a host. */
const NameSetting = z.string().regex(/^[a-z0-9][a-z0-9.-]{2,251}[a-z0-9]$/)
/** The last address that worked, and what it belonged to. */
const OriginSetting = z.object({ host: z.string(), name: z.string(), origin: z.url() })

/** Holds one public address open for as long as it is wanted. Begins by itself when it was wanted before. */
export const createTunnel = (deps: TunnelDeps): Tunnel => new WantedTunnel(deps)

class WantedTunnel implements Tunnel {
  readonly events: Emitter<{ changed: TunnelState }>
  readonly #deps: TunnelDeps
  #provider: TunnelProvider
  /** Ours to close. */
  readonly #fetches: Partial<Record<'system' | 'public', ReturnType<typeof createPublicFetch>>> = {}
  readonly #sleep = createWakeableSleep()
  #current: { abort: AbortController; done: Promise<void> } | null = null
  #ended: Promise<void> = Promise.resolve()
  #chosenName: string | undefined
  #stopped = false
  #tookOverAt = Number.NEGATIVE_INFINITY
  #state: TunnelState

  constructor(deps: TunnelDeps) {
    this.#deps = deps
    this.#provider = this.#find(deps.settings.get('tunnel.provider', z.string()))
    this.events = new Emitter<{ changed: TunnelState }>((error) =>
      deps.log.error('tunnel.listener', { error: errorText(error) }),
    )
    this.#chosenName = deps.settings.get(this.#key('tunnel.name'), NameSetting)
    this.#state = { kind: 'off', origin: this.#lastOrigin(), ...words('off'), since: deps.clock.now() }
    if (deps.settings.get('tunnel.wanted', z.boolean())) this.#begin()
  }

  want(): void {
    this.#keep('tunnel.wanted', true)
    if (this.#current) this.#sleep.wake()
    else this.#begin()
  }

  unwant(): void {
    this.#keep('tunnel.wanted', false)
    void this.#end()
    if (!this.#stopped) this.#show('off', words('off'))
  }

  newName(): void {
    this.#chosenName = undefined
    this.#name()
    const wanted = this.#current !== null
    void this.#end()
    if (wanted) {
      this.#show('opening', words('opening'), null)
      this.#begin()
    } else this.#show(this.#state.kind, this.#state, null)
  }

  provider(): string {
    return this.#provider.id
  }

  use(id: string): void {
    const wanted = this.#current !== null
    void this.#end()
    this.#provider = this.#find(id)
    this.#keep('tunnel.provider', id)
    // The user may have told it another one.
    this.#chosenName =
      this.#provider.naming === 'domain'
        ? undefined
        : this.#deps.settings.get(this.#key('tunnel.name'), NameSetting)
    this.#show(
      wanted ? 'opening' : this.#state.kind,
      wanted ? words('opening') : this.#state,
      this.#lastOrigin(),
    )
    if (wanted) this.#begin()
  }

  takeOver(): void {
    this.#deps.settings.delete(elsewhereSetting)
    this.#tookOverAt = this.#deps.clock.now()
    this.#keep('tunnel.wanted', true)
    void this.#end()
    this.#show('opening', words('opening'))
    this.#begin()
  }

  state(): TunnelState {
    return this.#state
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#end()
    await Promise.all(Object.values(this.#fetches).map((one) => one.close()))
  }

  #find(id: string | undefined): TunnelProvider {
    const { providers = tunnelProviders } = this.#deps
    return providers.find((one) => one.id === id) ?? providers[0]
  }

  /** Each provider has a name and an address of its own: who comes back to it finds them again. */
  #key(setting: 'tunnel.name' | 'tunnel.origin'): string {
    const { id } = this.#provider
    return id === tunnelProviders[0].id ? setting : `${setting}.${id}`
  }

  #kit({ id }: TunnelProvider): ProviderKit {
    const { settings, vault, log, clock, env = process.env, folder } = this.#deps
    return {
      value: (name) => toldTo(settings, id)[name] ?? '',
      secret: async (name) => (await vault?.get(secretName(id, name))) ?? null,
      start: (program) => HelperProcess.start(program, env, log),
      ask: (program, signal) => HelperProcess.ask(program, env, signal),
      folder: () => privateFolder(folder),
      now: () => clock.now(),
    }
  }

  #fetch({ probe }: TunnelProvider): ProbeFetch {
    const { fetch, network, nameServers } = this.#deps
    if (fetch) return fetch
    const names = probe.publicNames ? 'public' : 'system'
    this.#fetches[names] ??= createPublicFetch(
      network,
      probe.publicNames ? publicLookup(nameServers) : undefined,
    )
    return this.#fetches[names].fetch
  }

  #host(): string {
    return this.#deps.host(this.#provider.id) || this.#provider.defaultHost
  }

  #name(): string {
    if (this.#provider.naming === 'random') return ''
    if (!this.#chosenName && this.#provider.naming === 'ours') {
      this.#chosenName = newTunnelName()
      this.#keep(this.#key('tunnel.name'), this.#chosenName)
    }
    return this.#chosenName ?? ''
  }

  /** A full disk must not cost the address: it is only forgotten at the next start. */
  #keep(key: string, value: unknown): void {
    try {
      this.#deps.settings.set(key, value)
    } catch (error) {
      this.#deps.log.warn('tunnel.not-kept', { key, error: errorText(error) })
    }
  }

  #lastOrigin(): string | null {
    const known = this.#deps.settings.get(this.#key('tunnel.origin'), OriginSetting)
    const isStill = known && known.name !== '' && known.host === this.#host() && known.name === this.#name()
    return isStill ? known.origin : null
  }

  #show(kind: TunnelState['kind'], words: Words, origin = this.#state.origin): void {
    const { message, hint, action, elsewhere } = words
    const before = this.#state
    if (
      kind === before.kind &&
      message === before.message &&
      hint === before.hint &&
      action?.url === before.action?.url &&
      origin === before.origin
    )
      return
    const since = kind === before.kind ? before.since : this.#deps.clock.now()
    this.#state = {
      ...{ kind, origin, message, hint, since },
      ...(action && { action }),
      ...(elsewhere && { elsewhere }),
    }
    this.#deps.log.info('tunnel.state', { kind, origin, message })
    this.events.emit('changed', this.#state)
  }

  #begin(): void {
    if (this.#current || this.#stopped) return
    const abort = new AbortController()
    const { signal } = abort
    const { clock, log, instance, localPort, network = directly } = this.#deps
    this.#show('opening', words('opening'))
    const job: Supervision = {
      provider: this.#provider,
      kit: this.#kit(this.#provider),
      request: () => ({ host: this.#host(), name: this.#name(), localPort, network }),
      fetch: this.#fetch(this.#provider),
      delays: { ...defaultDelays, ...this.#deps.delays },
      sleep: this.#sleep,
      ...{ instance, clock, log, signal },
      elsewhere: this.#elsewhere(),
      show: (kind, text, tunnel) => {
        // A late word of an attempt that was given up says nothing about the present one.
        if (!signal.aborted) this.#told(kind, text, tunnel)
      },
    }
    // The one before holds the name, the port at the other end and the folder until its program is gone.
    const done = this.#ended
      .then(() => supervise(job))
      .catch((error) => log.error('tunnel.supervisor', { error: errorText(error) }))
    this.#current = { abort, done }
  }

  #elsewhere(): Elsewhere {
    const { settings, clock } = this.#deps
    return {
      origin: () => (settings.get(elsewhereSetting, z.string()) === undefined ? null : this.#lastOrigin()),
      // Whoever takes it over waits for the other to notice, and does not give way meanwhile.
      found: () => {
        if (clock.now() - this.#tookOverAt > givesWayAfter) this.#keep(elsewhereSetting, 'noticed')
      },
      gone: () => settings.delete(elsewhereSetting),
    }
  }

  #told(kind: TunnelState['kind'], text: Words, tunnel: OpenTunnel | undefined): void {
    if (tunnel?.name && tunnel.name !== this.#chosenName) {
      this.#chosenName = tunnel.name
      this.#keep(this.#key('tunnel.name'), tunnel.name)
    }
    this.#show(kind, text, tunnel?.origin)
    const { origin } = this.#state
    if (kind === 'ready')
      this.#deps.settings.set(this.#key('tunnel.origin'), { host: this.#host(), name: this.#name(), origin })
  }

  #end(): Promise<void> {
    const ending = this.#current
    this.#current = null
    ending?.abort.abort()
    this.#ended = Promise.all([this.#ended, ending?.done]).then(() => {})
    return this.#ended
  }
}
