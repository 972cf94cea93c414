import * as z from 'zod'
import { say } from '../../locales/say.ts'
import { TunnelId } from '../contract/tunnel.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { directly, type Network } from '../net/network.ts'
import { elsewhereSetting } from '../storage/backup/staged-restore.ts'
import type { Settings } from '../storage/settings.ts'
import type { Vault } from '../storage/vault/vault.ts'
import { type Fetched, gettingIt, HelperProcess } from './helper-process.ts'
import { newTunnelName } from './names.ts'
import { privateFolder } from './private-folder.ts'
import { tunnelProviders } from './providers/list.ts'
import { OpenBudget } from './providers/open-budget.ts'
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
  /** This computer was asleep, or its network is another: what is open is looked at now, and opened anew unless it answers. */
  renew(): void
  /** Gives up the address for a fresh one; whoever knew the old one must be told. */
  newName(): void
  /** The id of the provider that is used. */
  provider(): string
  /** Opens the address by this provider from now on, also when it is the same one that was told something else. */
  use(id: string): void
  /** Opens the address here although another computer has it. */
  takeOver(): void
  /** When it was last told to, milliseconds since 1970; 0: never. Of several computers the one told last has the address. */
  claim(): number
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
  /** The port that the user led an address to, while another program has it; null, or left out: it leads to `localPort`. */
  portTaken?(): Promise<number | null>
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
  /** Programs that were fetched; left out: none. */
  helpers?: Fetched
  /** Of programs that a provider starts; left out: our own. */
  env?: NodeJS.ProcessEnv
}

const titleOf = (id: string): string => {
  const known = TunnelId.safeParse(id)
  return known.success ? say(`tunnel.way.${known.data}.title`) : id
}
/** Milliseconds that another computer, whose turn it is to give way, has to notice; who is not heard then gives way itself. */
const givesWayAfter = 180_000
const claimSetting = 'tunnel.claim'

/** A label we made up, or the whole name of a host. */
const NameSetting = z.string().regex(/^[a-z0-9][a-z0-9.-]{2,251}[a-z0-9]$/)
/** The last address that worked, and what it belonged to. */
const OriginSetting = z.object({ host: z.string(), name: z.string(), origin: z.url() })

/** Holds one public address open for as long as it is wanted. Begins by itself when it was wanted before. */
export const createTunnel = (deps: TunnelDeps): Tunnel => new WantedTunnel(deps)

class WantedTunnel implements Tunnel {
  readonly events: Emitter<{ changed: TunnelState }>
  readonly #deps: TunnelDeps
  /** The one that was chosen. */
  #provider: TunnelProvider
  /** The one that holds the address now: the chosen one, or another that has the same address. */
  #carrier: TunnelProvider
  #offlineSince: number | null = null
  /** Ours to close. */
  readonly #fetches: Partial<Record<'system' | 'public', ReturnType<typeof createPublicFetch>>> = {}
  readonly #sleep = createWakeableSleep()
  /** By provider. */
  readonly #budgets = new Map<string, OpenBudget>()
  readonly #renewals = new Emitter<{ renew: object }>()
  #current: { abort: AbortController; done: Promise<void> } | null = null
  #ended: Promise<void> = Promise.resolve()
  #chosenName: string | undefined
  #stopped = false
  #claim: number
  /** Of the other computer at our address: when it was told to have it, and since when and until when it was seen. */
  #rival = { claim: 0, since: 0, seen: Number.NEGATIVE_INFINITY }
  #state: TunnelState

  constructor(deps: TunnelDeps) {
    this.#deps = deps
    this.#provider = this.#find(deps.settings.get('tunnel.provider', z.string()))
    this.#carrier = this.#provider
    this.events = new Emitter<{ changed: TunnelState }>((error) =>
      deps.log.error('tunnel.listener', { error: errorText(error) }),
    )
    this.#chosenName = deps.settings.get(this.#key('tunnel.name'), NameSetting)
    this.#claim = deps.settings.get(claimSetting, z.number()) ?? 0
    this.#state = { kind: 'off', origin: this.#lastOrigin(), ...words('off'), since: deps.clock.now() }
    if (deps.settings.get('tunnel.wanted', z.boolean())) this.#begin()
  }

  want(): void {
    this.#keep('tunnel.wanted', true)
    if (this.#current) this.#sleep.wake()
    else this.#begin()
  }

  renew(): void {
    if (this.#current) this.#renewals.emit('renew', {})
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
    this.#carrier = this.#provider
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
    // Clocks differ: whoever is told last is later than all that it saw.
    this.#claim = Math.max(this.#deps.clock.now(), this.#rival.claim + 1)
    this.#keep(claimSetting, this.#claim)
    this.#rival.seen = Number.NEGATIVE_INFINITY
    this.#keep('tunnel.wanted', true)
    void this.#end()
    this.#show('opening', words('opening'))
    this.#begin()
  }

  claim(): number {
    return this.#claim
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
  #key(setting: 'tunnel.name' | 'tunnel.origin', { id } = this.#provider): string {
    return id === tunnelProviders[0].id ? setting : `${setting}.${id}`
  }

  #kit({ id }: TunnelProvider): ProviderKit {
    const { settings, vault, log, clock, env = process.env, folder, helpers } = this.#deps
    return {
      value: (name) => toldTo(settings, id)[name] ?? '',
      secret: async (name) => (await vault?.get(secretName(id, name))) ?? null,
      start: (program) => HelperProcess.start(program, env, log, helpers),
      ask: (program, signal) => HelperProcess.ask(program, env, signal, helpers),
      getting: (program) => gettingIt(program, helpers),
      folder: () => privateFolder(folder),
      now: () => clock.now(),
      note: (event, fields) => log.info(event, fields),
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

  #budget({ id, budget }: TunnelProvider): OpenBudget | undefined {
    if (budget === undefined) return undefined
    const known = this.#budgets.get(id) ?? new OpenBudget(budget, () => this.#deps.clock.now())
    this.#budgets.set(id, known)
    return known
  }

  #host(): string {
    return this.#deps.host(this.#carrier.id) || this.#carrier.defaultHost
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

  #forget(key: string): void {
    try {
      this.#deps.settings.delete(key)
    } catch (error) {
      this.#deps.log.warn('tunnel.not-kept', { key, error: errorText(error) })
    }
  }

  #lastOrigin(): string | null {
    const known = this.#deps.settings.get(this.#key('tunnel.origin'), OriginSetting)
    const isStill = known && known.name !== '' && known.host === this.#host() && known.name === this.#name()
    return isStill ? known.origin : null
  }

  /** Of a way that was chosen again, as by a variable at each start: the address that it was told, or had. */
  #toldOrigin(): string | null {
    if (this.#provider.naming !== 'domain') return null
    const { settings } = this.#deps
    const { address, hostname } = toldTo(settings, this.#provider.id)
    const told = address ?? (hostname && `https://${hostname}`)
    return told || (settings.get(this.#key('tunnel.origin'), OriginSetting)?.origin ?? null)
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
    const carrier = this.#carrier
    this.#show('opening', words('opening'))
    const job: Supervision = {
      provider: carrier,
      kit: this.#kit(carrier),
      request: () => ({ host: this.#host(), name: this.#name(), localPort, network }),
      fetch: this.#fetch(carrier),
      budget: this.#budget(carrier),
      portTaken: () => this.#deps.portTaken?.() ?? Promise.resolve(null),
      delays: this.#delays,
      sleep: this.#sleep,
      renewals: this.#renewals,
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
    const { settings } = this.#deps
    const isKnown = () => settings.get(elsewhereSetting, z.string()) !== undefined
    return {
      origin: () => (isKnown() ? (this.#lastOrigin() ?? this.#toldOrigin()) : null),
      address: () => this.#lastOrigin(),
      found: (claim) => {
        if (this.#givesWayTo(claim) && !isKnown()) this.#keep(elsewhereSetting, 'noticed')
      },
      gone: () => this.#forget(elsewhereSetting),
    }
  }

  /** Of two that were told to have it, the earlier one. Whoever was told last waits until the other has noticed, but not for ever. */
  #givesWayTo(claim: number): boolean {
    const now = this.#deps.clock.now()
    const { seen, since } = this.#rival
    // A clock that was set back would let it wait for longer.
    const isNew = now < seen || now - seen > givesWayAfter
    this.#rival = { claim, seen: now, since: isNew ? now : since }
    return claim >= this.#claim || now - this.#rival.since > givesWayAfter
  }

  #told(kind: TunnelState['kind'], text: Words, tunnel: OpenTunnel | undefined): void {
    if (kind === 'ready') this.#offlineSince = null
    else if (kind === 'offline') this.#offlineSince ??= this.#deps.clock.now()
    const next = this.#nextCarrier(tunnel)
    if (next) this.#carryBy(next)
    else if (this.#carrier === this.#provider) this.#learn(kind, text, tunnel)
    else {
      const hint = text.hint || say('tunnel.standIn.hint', { title: titleOf(this.#carrier.id) })
      this.#show(kind, { ...text, hint }, tunnel?.origin)
    }
  }

  #learn(kind: TunnelState['kind'], text: Words, tunnel: OpenTunnel | undefined): void {
    if (tunnel?.name && tunnel.name !== this.#chosenName) {
      this.#chosenName = tunnel.name
      this.#keep(this.#key('tunnel.name'), tunnel.name)
    }
    const waits = kind === 'offline' && this.#isLongOffline() && text.action === undefined
    // To wait is the rule: what else there is has its price.
    const hint = waits ? `${text.hint} ${say('tunnel.longAway')}` : text.hint
    this.#show(kind, { ...text, hint }, tunnel?.origin)
    const { origin } = this.#state
    if (kind === 'ready')
      this.#keep(this.#key('tunnel.origin'), { host: this.#host(), name: this.#name(), origin })
  }

  get #delays(): Delays {
    return { ...defaultDelays, ...this.#deps.delays }
  }

  /**
   * Under a domain of the user's, what leads to it may change without anybody noticing: another way that was set up for the same address
   * takes over. Undefined: all stays as it is.
   */
  #nextCarrier(tunnel: OpenTunnel | undefined): TunnelProvider | undefined {
    const { settings, providers = tunnelProviders } = this.#deps
    const { origin } = this.#state
    // Whoever knows the address must find it there, and nothing else (docs/decisions/0006-moving-address.md).
    if (this.#carrier !== this.#provider && tunnel && tunnel.origin !== origin) return this.#provider
    if (!this.#isLongOffline() || origin === null || this.#provider.naming !== 'domain') return undefined
    return providers.find(
      (one) =>
        one.naming === 'domain' &&
        one !== this.#carrier &&
        (toldTo(settings, one.id).address === origin ||
          settings.get(this.#key('tunnel.origin', one), OriginSetting)?.origin === origin),
    )
  }

  #isLongOffline(): boolean {
    const since = this.#offlineSince
    return since !== null && this.#deps.clock.now() - since >= this.#delays.standInAfter
  }

  #carryBy(provider: TunnelProvider): void {
    this.#deps.log.info('tunnel.carrier', { from: this.#carrier.id, to: provider.id })
    void this.#end()
    this.#carrier = provider
    this.#begin()
  }

  #end(): Promise<void> {
    this.#offlineSince = null
    const ending = this.#current
    this.#current = null
    ending?.abort.abort()
    this.#ended = Promise.all([this.#ended, ending?.done]).then(() => {})
    return this.#ended
  }
}
