import type { Awake, Away } from '../../contract/status.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Emitter } from '../../kernel/emitter.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Settings } from '../../storage/settings.ts'
import { addressesOfThisComputer, watchNetwork } from '../../system/network-watch.ts'
import type { Tunnel, TunnelState } from '../tunnel.ts'
import { AwayLog } from './away-log.ts'
import { watchSleep } from './sleep-watch.ts'

/** Between two looks at network and clock, ms: whoever calls after this computer woke waits for it. */
const every = 2_000
const day = 86_400_000

/** What the system says of sleep by itself, where a shell hears it. */
export interface PowerEvents {
  /** Returns the function that stops listening. */
  listen(told: { suspend(): void; resume(): void }): () => void
}

/** Keeps this computer awake, or no longer. False: it cannot be had here. */
export type KeepAwake = (on: boolean) => boolean | Promise<boolean>

export interface PresenceDeps {
  settings: Settings
  clock: Clock
  log: Log
  tunnel: Pick<Tunnel, 'state' | 'renew' | 'events'>
  /** Left out: sleep is seen by the clock alone. */
  power?: PowerEvents | undefined
  keepAwake: KeepAwake
  /** Whether the owner chose that. */
  wantsAwake(): boolean
  /** This computer woke, or has another network: what waits for one should try now. */
  onBack(): void
  /** Milliseconds since this computer was started, sleep included. */
  uptime(): number
  addresses?: () => string[]
}

/** Whether this computer is there for those who call: notices sleep and network, renews the tunnel at once, and keeps account. */
export class Presence {
  readonly events = new Emitter<{ changed: object }>()
  readonly #deps: PresenceDeps
  readonly #away: AwayLog
  readonly #endings: (() => void)[] = []
  #awake: Awake = 'off'
  #isKept = false

  constructor(deps: PresenceDeps) {
    this.#deps = deps
    this.#away = new AwayLog(deps)
    const { tunnel, power, clock } = deps
    this.#endings.push(
      tunnel.events.on('changed', (state) => this.#tunnelChanged(state)),
      watchSleep({ uptime: deps.uptime, every, onSlept: (ms) => this.#slept(ms) }).stop,
      watchNetwork({
        addresses: deps.addresses ?? addressesOfThisComputer,
        every,
        isWanted: () => this.#isWanted(),
        onBack: () => this.#back('network'),
        onGone: () => tunnel.renew(),
      }).stop,
    )
    if (power)
      this.#endings.push(
        power.listen({
          suspend: () => {
            if (this.#isWanted()) this.#away.begin('asleep', clock.now())
          },
          resume: () => this.#woke(() => this.#away.end('asleep', clock.now())),
        }),
      )
    void this.keepAwake()
  }

  /** Of the last day, oldest first. */
  away(): Away[] {
    return this.#away.list(this.#deps.clock.now() - day)
  }

  awake(): Awake {
    return this.#awake
  }

  /** The owner chose something else, or the address came or went. */
  async keepAwake(): Promise<void> {
    const { wantsAwake, log } = this.#deps
    const chosen = wantsAwake()
    const wanted = chosen && this.#isWanted()
    try {
      if (wanted !== this.#isKept) {
        this.#isKept = wanted
        const done = await this.#deps.keepAwake(wanted)
        // Meanwhile it may be wanted otherwise; who wants that says it.
        if (this.#isKept !== wanted) return
        if (wanted) return this.#show(done ? 'on' : 'unavailable')
      } else if (wanted) return
    } catch (error) {
      log.warn('tunnel.keep-awake', { error: errorText(error) })
      return this.#show('unavailable')
    }
    this.#show(chosen ? 'idle' : 'off')
  }

  async stop(): Promise<void> {
    for (const end of this.#endings.splice(0)) end()
    if (this.#isKept) await this.#deps.keepAwake(false)
    this.#isKept = false
  }

  #isWanted(): boolean {
    return this.#deps.tunnel.state().kind !== 'off'
  }

  #slept(ms: number): void {
    const until = this.#deps.clock.now()
    this.#woke(() => {
      if (this.#isWanted()) this.#away.add({ why: 'asleep', from: until - ms, until })
    })
  }

  #woke(note: () => void): void {
    note()
    this.#back('sleep')
    this.events.emit('changed', {})
  }

  #back(after: 'sleep' | 'network'): void {
    this.#deps.log.info('tunnel.renew', { after })
    this.#deps.tunnel.renew()
    this.#deps.onBack()
  }

  #tunnelChanged({ kind }: TunnelState): void {
    const now = this.#deps.clock.now()
    if (kind === 'offline' || kind === 'taken') this.#away.begin('offline', now)
    else if (kind !== 'opening') this.#away.end('offline', now)
    void this.keepAwake()
  }

  #show(awake: Awake): void {
    if (this.#awake === awake) return
    this.#awake = awake
    this.events.emit('changed', {})
  }
}
