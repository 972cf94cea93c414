import type { Clock } from '../kernel/clock.ts'
import type { Emitter } from '../kernel/emitter.ts'
import { errorText, HostError, isHostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { type ProbeResult, probeAs, type Visitor, visitors } from './probe.ts'
import type { OpenBudget } from './providers/open-budget.ts'
import type { OpenRequest, OpenTunnel, ProviderKit, TunnelProvider } from './providers/provider.ts'
import type { ProbeFetch } from './public-fetch.ts'
import { TunnelFailure } from './tunnel-failure.ts'
import { createWakeableSleep, type WakeableSleep } from './wakeable-sleep.ts'
import { noLongerAsked, type Words, words } from './words.ts'

/** Milliseconds. */
export interface Delays {
  /** First pause after a failure; it doubles from there. */
  first: number
  /** Longest pause while the service cannot be reached: short, so that the address is back soon after the network. */
  maxOffline: number
  /** Longest pause while the service answers but does not help. */
  max: number
  /** Longest pause while only the user can go on. What would be longer has no end: nobody is asked until the user or the network is back. */
  maxForUser: number
  /** How long an attempt may take, and after how much of that the user is told. */
  openTimeout: number
  offlineAfter: number
  /** Between two looks at an address that answers, where its provider has no budget of its own. */
  probeEvery: number
  probeTimeout: number
  /** The same after this computer was asleep, or its network is another: whoever calls then waits for us. */
  renewTimeout: number
  /** Between the probes of an address that does not answer yet, or no longer. */
  probeAgain: number
  /** How long a name in use is taken for our own dead session, and the pauses between asking before and after that. */
  takenAfter: number
  lingerRetry: number
  takenRetry: number
  /** An address that was ready this long counts as healthy: its loss is no reason to wait. */
  steadyAfter: number
  /** How long an address is away before another way that has the same one takes over. */
  standInAfter: number
}

export const defaultDelays: Delays = {
  first: 1_000,
  maxOffline: 8_000,
  max: 30_000,
  maxForUser: 3_600_000,
  openTimeout: 10_000,
  offlineAfter: 2_500,
  probeEvery: 15_000,
  probeTimeout: 5_000,
  renewTimeout: 1_500,
  probeAgain: 1_000,
  takenAfter: 30_000,
  lingerRetry: 2_000,
  takenRetry: 20_000,
  steadyAfter: 2_000,
  standInAfter: 600_000,
}

export interface Supervision {
  provider: TunnelProvider
  kit: ProviderKit
  request(): Pick<OpenRequest, 'host' | 'name' | 'localPort'>
  instance: string
  fetch: ProbeFetch
  /** Where its provider has one. */
  budget: OpenBudget | undefined
  /** The port that the user led an address to, while another program has it; null: it leads here. */
  portTaken(): Promise<number | null>
  delays: Delays
  clock: Clock
  log: Log
  /** Rung from outside when somebody does not want to wait. */
  sleep: WakeableSleep
  /** What was going on is worth nothing any more: this computer was asleep, or its network is another. */
  renewals: Pick<Emitter<{ renew: object }>, 'on'>
  signal: AbortSignal
  /** Whether another computer may have the address; left out: never asked. */
  elsewhere?: Elsewhere
  show(kind: 'opening' | 'ready' | 'offline' | 'taken', text: Words, tunnel?: OpenTunnel): void
}

/** What is known of another Drawbridge with the same address: while there may be one, it is looked for before the address is opened. */
export interface Elsewhere {
  /** Where the address was; null: there may be none. */
  origin(): string | null
  /** Where the address was, whoever may have it. */
  address(): string | null
  /** `claim`: when it was told to have the address. */
  found(claim: number): void
  gone(): void
}

/** How an attempt ended: it held for a while and broke, it failed, or the name was not to be had. */
type Ending =
  | { kind: 'lost'; steady: boolean } // steady: it was ready for a while
  | {
      kind: 'failed'
      text: Words
      offline: boolean
      forUser?: boolean
      detail: string
      until?: number | undefined
    }
  | { kind: 'name-taken'; text: Words; detail: string; isSeen?: true } // isSeen: its holder answered

/** A day. */
const longestQuota = 86_400_000

/** Asking again changes none of these. */
const usersTurn: ReadonlySet<string> = new Set([
  'tunnel-needs-user',
  'tunnel-helper-missing',
  'tunnel-too-old',
  'tunnel-host-invalid',
])

/** Answers that may be wrong before an address counts as broken: one lost request is no reason to drop calls. */
const patience = { beforeReady: 3, afterReady: 2 }

/** Opens the tunnel again and again until the signal says stop; resolves soon after that. Throws nothing. */
export async function supervise(job: Supervision): Promise<void> {
  const { delays, clock, log, signal, show } = job
  let failures = 0
  /** Times in a row that the address was lost as soon as it was ready. */
  let flaps = 0
  // A restored Drawbridge knows it at once.
  let takenSince = typeof job.elsewhere?.origin() === 'string' ? 0 : null
  /** In a pause that may be cut short: what a service counts is not asked for any sooner. */
  let isIdle = false
  const off = job.renewals.on('renew', () => {
    failures = 0
    flaps = 0
    if (isIdle) job.sleep.wake()
  })
  signal.addEventListener('abort', off, { once: true })
  while (!signal.aborted) {
    const ending = (await usedElsewhere(job)) ?? (await attempt(job))
    if (signal.aborted) return
    let pause: number
    switch (ending.kind) {
      case 'lost':
        takenSince = null
        failures = 0
        flaps = ending.steady ? 0 : Math.min(flaps + 1, 5)
        pause = delays.first * flaps
        show('opening', words('again'))
        break
      case 'failed':
        takenSince = null
        failures += 1
        pause = ending.forUser
          ? backoff(delays.first, Number.POSITIVE_INFINITY, failures)
          : backoff(delays.first, ending.offline ? delays.maxOffline : delays.max, failures)
        if (ending.forUser && pause > delays.maxForUser) pause = Number.POSITIVE_INFINITY
        // A quota is not gained by asking; a clock that was set back must not keep the address away for ever.
        if (ending.until !== undefined)
          pause = Math.max(pause, Math.min(ending.until - clock.now(), longestQuota))
        show('offline', pause === Number.POSITIVE_INFINITY ? noLongerAsked(ending.text) : ending.text)
        log.info('tunnel.failed', { detail: ending.detail, failures, pause })
        break
      case 'name-taken': {
        failures = 0
        takenSince ??= clock.now()
        const given = clock.now() - takenSince >= delays.takenAfter
        pause = given ? delays.takenRetry : delays.lingerRetry
        if (given) show('taken', await wordsOfHolder(job, ending))
        else show('opening', words('lingering'))
        log.info('tunnel.name-taken', { detail: ending.detail })
      }
    }
    isIdle = ending.kind !== 'failed' || ending.until === undefined
    await job.sleep.wait(pause, signal)
    isIdle = false
    // Somebody came back, and may need a moment more.
    if (pause === Number.POSITIVE_INFINITY) failures = 0
  }
}

/** Two computers that hold one address take each other's calls: who finds another there waits. Null: nobody is there. */
async function usedElsewhere(job: Supervision): Promise<Ending | null> {
  const origin = job.elsewhere?.origin() ?? null
  if (origin === null) return null
  if (job.provider.unseen) {
    const text: Words = { ...words('maybeElsewhere'), elsewhere: true }
    return { kind: 'name-taken', text, detail: 'another instance may have it' }
  }
  for (let tries = 1; ; tries += 1) {
    const answer = await probeOf(job, origin)
    if (answer.kind === 'other') {
      job.elsewhere?.found(answer.claim)
      const text: Words = { ...words('elsewhere'), elsewhere: true }
      return { kind: 'name-taken', text, detail: 'another instance answers', isSeen: true }
    }
    // No answer may be the network's fault, and then says nothing.
    if (answer.kind !== 'silent' || tries >= patience.beforeReady || job.signal.aborted) return null
    await job.sleep.wait(job.delays.probeAgain, job.signal)
  }
}

/** A service that gives a name to one at a time does not say to whom; who answers there does. Not where looking is counted. */
async function wordsOfHolder(
  job: Supervision,
  { text, isSeen }: Ending & { kind: 'name-taken' },
): Promise<Words> {
  const { unseen, probe } = job.provider
  const origin = job.elsewhere?.address() ?? null
  if (isSeen || origin === null || unseen || probe.every !== undefined) return text
  return (await probeOf(job, origin)).kind === 'other' ? words('heldElsewhere') : text
}

const probeOf = (job: Supervision, origin: string): Promise<ProbeResult> =>
  probeAs(visitors[0]!, {
    origin,
    instance: job.instance,
    provider: job.provider,
    now: () => job.clock.now(),
    timeout: job.delays.probeTimeout,
    signal: job.signal,
    fetch: job.fetch,
  })

const backoff = (first: number, max: number, failures: number) =>
  Math.min(max, first * 2 ** Math.min(Math.max(failures, 1) - 1, 16))

async function attempt(job: Supervision): Promise<Ending> {
  const { delays, signal, show } = job
  // Where opening may take long, a moment more says nothing yet.
  const slowAfter = Math.max(delays.offlineAfter, (job.provider.openTimeout ?? 0) / 4)
  const slow = setTimeout(() => show('offline', words('unreachable')), slowAfter)
  const renewed = new AbortController()
  // One that is counted is not begun again because the network changed.
  const off = job.budget === undefined ? job.renewals.on('renew', () => renewed.abort()) : () => {}
  let tunnel: OpenTunnel
  try {
    const limit = AbortSignal.any([
      signal,
      renewed.signal,
      AbortSignal.timeout(job.provider.openTimeout ?? delays.openTimeout),
    ])
    await refuseTakenPort(job)
    const open = () => job.provider.open({ ...job.request(), signal: limit, fetch: job.fetch }, job.kit)
    tunnel = await (job.budget === undefined ? open() : job.budget.spend(open))
  } catch (error) {
    return renewed.signal.aborted ? { kind: 'lost', steady: true } : endingOf(error)
  } finally {
    clearTimeout(slow)
    off()
  }
  const signs = new Signs(tunnel, job.renewals)
  try {
    return await watch(job, tunnel, signs)
  } finally {
    signs.stop()
    await tunnel.close()
  }
}

/** Nothing is opened that would lead strangers to another program. Throws TunnelFailure. */
async function refuseTakenPort({ provider, portTaken, request }: Supervision): Promise<void> {
  const port = provider.ledHere ? await portTaken() : null
  if (port === null) return
  const url = `http://127.0.0.1:${request().localPort()}`
  throw new TunnelFailure({
    code: 'tunnel-refused',
    says: 'tunnel-port-taken',
    params: { port: String(port), url },
  })
}

/** Who of the visitors comes next, and who of them is kept away. */
class Visits {
  readonly #enough: number
  readonly #blocked = new Map<string, Words>()
  #turn = 0
  #passed = 0

  /** `enough`: how many have to come before an address is called ready. */
  constructor(enough: number) {
    this.#enough = enough
  }

  get next(): Visitor {
    return visitors[this.#turn]!
  }

  get isEnough(): boolean {
    return this.#passed >= this.#enough
  }

  /** What is said of one that is kept away. */
  get blocked(): Words | undefined {
    return [...this.#blocked.values()][0]
  }

  /** Only this one is: no reason to take the address from the others. */
  keptAway(answer: ProbeResult): TunnelFailure | null {
    if (this.next.who === null || answer.kind !== 'known') return null
    return answer.why.code === 'tunnel-blocked' ? answer.why : null
  }

  /** The next one comes. `keptAway`: what is said of this one. */
  done(keptAway: Words | undefined): void {
    const { who } = this.next
    if (who !== null && keptAway) this.#blocked.set(who, keptAway)
    else if (who !== null) this.#blocked.delete(who)
    this.#passed += 1
    this.#turn = (this.#turn + 1) % visitors.length
  }
}

/** What an open tunnel, or this computer, says by itself. */
class Signs {
  readonly sleep = createWakeableSleep()
  lost = false
  why: TunnelFailure | undefined
  troubled = false
  renewed = false
  /** A probe that began before a renewal is not worth waiting for. */
  probing = new AbortController()
  readonly stop: () => void

  constructor(tunnel: OpenTunnel, renewals: Supervision['renewals']) {
    tunnel.onTrouble(() => {
      this.troubled = true
      this.sleep.wake()
    })
    tunnel.onLost((failure) => {
      this.lost = true
      this.why = failure
      this.sleep.wake()
    })
    this.stop = renewals.on('renew', () => {
      tunnel.renew?.()
      this.renewed = true
      this.probing.abort()
      this.sleep.wake()
    })
  }
}

/** Probes an open tunnel until it no longer answers, or the signal says stop. */
async function watch(job: Supervision, tunnel: OpenTunnel, signs: Signs): Promise<Ending> {
  const { delays, clock, log, signal, show } = job
  let readySince: number | null = null
  let misses = 0
  // Where each probe is counted, they take turns over the hours.
  const visits = new Visits(job.provider.probe.every === undefined ? visitors.length : 1)
  const broken = (): Ending => {
    const steady = readySince !== null && clock.now() - readySince >= delays.steadyAfter
    return signs.why && !steady ? endingOf(signs.why) : { kind: 'lost', steady }
  }
  // The origin must be known to the listener before the probe arrives there.
  show('opening', words('checking'), tunnel)

  while (!signal.aborted) {
    if (signs.lost) return broken()
    const { renewed } = signs
    const answer = await look(job, tunnel, signs, visits.next)
    if (signal.aborted || signs.lost) return broken()
    const keptAway = visits.keptAway(answer)
    if (answer.kind === 'ours' || keptAway) {
      misses = 0
      visits.done(keptAway?.reply())
      if (readySince === null && !visits.isEnough) continue
      if (readySince === null) job.elsewhere?.gone()
      readySince ??= clock.now()
      show('ready', visits.blocked ?? words(job.provider.unseen ? 'readyUnseen' : 'ready'), tunnel)
      await whileWell(job, tunnel, signs)
      continue
    }
    // One that was interrupted says nothing.
    if (signs.renewed) continue
    // Opening it again is quicker than to wait for what stood before; but not where it costs the address.
    const isBusy = answer.kind === 'silent' && readySince !== null && tunnel.idle() === 0
    if (renewed && !isBusy && answer.kind !== 'local-down' && job.provider.patience === undefined) {
      log.info('tunnel.renewed', { kind: answer.kind })
      return { kind: 'lost', steady: true }
    }
    if (answer.kind === 'local-down') {
      // The tunnel does its part; opening it again would change nothing.
      show('offline', words('localDown'))
    } else if (!isBusy) {
      // With every connection busy a probe waits its turn behind real calls, which must not be cut.
      misses += 1
      const detail = answer.kind === 'known' ? answer.why.message : 'detail' in answer ? answer.detail : ''
      log.info('tunnel.probe', { kind: answer.kind, detail, misses })
      const few = readySince === null ? patience.beforeReady : patience.afterReady
      if (misses >= few) {
        if (answer.kind === 'other') job.elsewhere?.found(answer.claim)
        if (answer.kind === 'known') return endingOf(answer.why)
        if (misses >= (job.provider.patience ?? few))
          return readySince === null ? unanswered(answer, job.provider) : broken()
        show('offline', textOf(answer, job.provider))
      }
    }
    await signs.sleep.wait(delays.probeAgain, signal)
  }
  return broken()
}

/** Who answers at the address; with less time after a renewal. */
function look(
  job: Supervision,
  { origin, visit }: OpenTunnel,
  signs: Signs,
  visitor: Visitor,
): Promise<ProbeResult> {
  const { instance, provider, clock, delays } = job
  const fetch = visit ?? job.fetch
  const timeout = signs.renewed ? delays.renewTimeout : delays.probeTimeout
  signs.renewed = false
  signs.probing = new AbortController()
  const signal = AbortSignal.any([job.signal, signs.probing.signal])
  return probeAs(visitor, { origin, instance, provider, now: () => clock.now(), timeout, signal, fetch })
}

/** Where a probe costs something, a look from here is enough for as long as all seems well. */
async function whileWell({ provider, delays, clock, signal }: Supervision, tunnel: OpenTunnel, signs: Signs) {
  const next = clock.now() + (provider.probe.every ?? delays.probeEvery)
  signs.troubled = false
  do await signs.sleep.wait(Math.min(delays.probeEvery, Math.max(0, next - clock.now())), signal)
  while (
    !(signs.lost || signs.troubled || signs.renewed || signal.aborted) &&
    clock.now() < next &&
    // A clock that was set back must not end the looking.
    next - clock.now() <= (provider.probe.every ?? delays.probeEvery) &&
    (await seemsUp(tunnel))
  )
}

const seemsUp = async (tunnel: OpenTunnel): Promise<boolean> => (await tunnel.isUp?.()) ?? true

type Unanswered = Exclude<ProbeResult, { kind: 'ours' | 'local-down' | 'known' }>

function textOf({ kind }: Unanswered, { unseen }: TunnelProvider): Words {
  if (kind !== 'wrong' && kind !== 'silent') return words(kind)
  return words(unseen ? 'silentUnseen' : 'silent')
}

function unanswered(answer: Unanswered, provider: TunnelProvider): Ending {
  const text = textOf(answer, provider)
  if (answer.kind === 'other') return { kind: 'name-taken', text, detail: 'another instance', isSeen: true }
  return { kind: 'failed', text, offline: false, detail: answer.detail }
}

function endingOf(error: unknown): Ending {
  const known = isHostError(error) ? error : new HostError({ code: 'tunnel-failed', cause: error })
  const cause = known.cause === undefined ? '' : ` (${errorText(known.cause).split('\n')[0]})`
  const detail = `${known.detail ?? known.message}${cause}`
  const { code, message, hint } = known.reply()
  if (code === 'tunnel-name-taken') return { kind: 'name-taken', text: words('taken'), detail }
  const { action, until } = known instanceof TunnelFailure ? known : {}
  const text = { message, hint, action }
  if (code === 'tunnel-in-use') return { kind: 'name-taken', text, detail }
  const forUser = usersTurn.has(code)
  return { kind: 'failed', text, offline: code === 'tunnel-unreachable', forUser, detail, until }
}
