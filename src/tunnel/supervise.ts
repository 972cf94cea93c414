import type { Clock } from '../kernel/clock.ts'
import { errorText, HostError, isHostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { type ProbeResult, probe } from './probe.ts'
import type { OpenRequest, OpenTunnel, ProviderKit, TunnelProvider } from './providers/provider.ts'
import type { ProbeFetch } from './public-fetch.ts'
import { TunnelFailure } from './tunnel-failure.ts'
import { createWakeableSleep, type WakeableSleep } from './wakeable-sleep.ts'
import { type Words, words } from './words.ts'

/** Milliseconds. */
export interface Delays {
  /** First pause after a failure; it doubles from there. */
  first: number
  /** Longest pause while the service cannot be reached: short, so that the address is back soon after the network. */
  maxOffline: number
  /** Longest pause while the service answers but does not help. */
  max: number
  /** How long an attempt may take, and after how much of that the user is told. */
  openTimeout: number
  offlineAfter: number
  /** Between two looks at an address that answers, where its provider has no budget of its own. */
  probeEvery: number
  probeTimeout: number
  /** Between the probes of an address that does not answer yet, or no longer. */
  probeAgain: number
  /** How long a name in use is taken for our own dead session, and the pauses between asking before and after that. */
  takenAfter: number
  lingerRetry: number
  takenRetry: number
  /** An address that was ready this long counts as healthy: its loss is no reason to wait. */
  steadyAfter: number
}

export const defaultDelays: Delays = {
  first: 1_000,
  maxOffline: 8_000,
  max: 30_000,
  openTimeout: 10_000,
  offlineAfter: 2_500,
  probeEvery: 15_000,
  probeTimeout: 5_000,
  probeAgain: 1_000,
  takenAfter: 30_000,
  lingerRetry: 2_000,
  takenRetry: 20_000,
  steadyAfter: 2_000,
}

export interface Supervision {
  provider: TunnelProvider
  kit: ProviderKit
  request(): Pick<OpenRequest, 'host' | 'name' | 'localPort'>
  instance: string
  fetch: ProbeFetch
  delays: Delays
  clock: Clock
  log: Log
  /** Rung from outside when somebody does not want to wait. */
  sleep: WakeableSleep
  signal: AbortSignal
  /** Whether another computer may have the address; left out: never asked. */
  elsewhere?: Elsewhere
  show(kind: 'opening' | 'ready' | 'offline' | 'taken', text: Words, tunnel?: OpenTunnel): void
}

/** What is known of another Drawbridge with the same address: while there may be one, it is looked for before the address is opened. */
export interface Elsewhere {
  /** Where the address was; null: there may be none. */
  origin(): string | null
  found(): void
  gone(): void
}

/** How an attempt ended: it held for a while and broke, it failed, or the name was not to be had. */
type Ending =
  | { kind: 'lost'; steady: boolean } // steady: it was ready for a while
  | { kind: 'failed'; text: Words; offline: boolean; detail: string; until?: number | undefined }
  | { kind: 'name-taken'; text: Words; detail: string }

/** A day. */
const longestQuota = 86_400_000

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
        pause = backoff(delays.first, ending.offline ? delays.maxOffline : delays.max, failures)
        // A quota is not gained by asking; a clock that was set back must not keep the address away for ever.
        if (ending.until !== undefined)
          pause = Math.max(pause, Math.min(ending.until - clock.now(), longestQuota))
        show('offline', ending.text)
        log.info('tunnel.failed', { detail: ending.detail, failures, pause })
        break
      case 'name-taken': {
        failures = 0
        takenSince ??= clock.now()
        const given = clock.now() - takenSince >= delays.takenAfter
        pause = given ? delays.takenRetry : delays.lingerRetry
        if (given) show('taken', ending.text)
        else show('opening', words('lingering'))
        log.info('tunnel.name-taken', { detail: ending.detail })
      }
    }
    await job.sleep.wait(pause, signal)
  }
}

/** Two computers that hold one address take each other's calls: who finds another there waits. Null: nobody is there. */
async function usedElsewhere(job: Supervision): Promise<Ending | null> {
  const origin = job.elsewhere?.origin() ?? null
  if (origin === null) return null
  for (let tries = 1; ; tries += 1) {
    const answer = await probeOf(job, origin)
    if (answer.kind === 'other') {
      const text: Words = { ...words('elsewhere'), elsewhere: true }
      return { kind: 'name-taken', text, detail: 'another instance answers' }
    }
    // No answer may be the network's fault, and then says nothing.
    if (answer.kind !== 'silent' || tries >= patience.beforeReady || job.signal.aborted) return null
    await job.sleep.wait(job.delays.probeAgain, job.signal)
  }
}

const probeOf = (job: Supervision, origin: string): Promise<ProbeResult> =>
  probe({
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
  let tunnel: OpenTunnel
  try {
    const limit = AbortSignal.any([
      signal,
      AbortSignal.timeout(job.provider.openTimeout ?? delays.openTimeout),
    ])
    tunnel = await job.provider.open({ ...job.request(), signal: limit, fetch: job.fetch }, job.kit)
  } catch (error) {
    return endingOf(error)
  } finally {
    clearTimeout(slow)
  }
  try {
    return await watch(job, tunnel)
  } finally {
    await tunnel.close()
  }
}

/** Probes an open tunnel until it no longer answers, or the signal says stop. */
async function watch(job: Supervision, tunnel: OpenTunnel): Promise<Ending> {
  const { delays, clock, log, signal, show } = job
  const sleep = createWakeableSleep()
  let lost = false
  let why: TunnelFailure | undefined
  let troubled = false
  let readySince: number | null = null
  let misses = 0
  tunnel.onTrouble(() => {
    troubled = true
    sleep.wake()
  })
  tunnel.onLost((failure) => {
    lost = true
    why = failure
    sleep.wake()
  })
  const broken = (): Ending => {
    const steady = readySince !== null && clock.now() - readySince >= delays.steadyAfter
    return why && !steady ? endingOf(why) : { kind: 'lost', steady }
  }
  // The origin must be known to the listener before the probe arrives there.
  show('opening', words('checking'), tunnel)

  while (!signal.aborted) {
    if (lost) return broken()
    const answer = await probeOf(job, tunnel.origin)
    if (signal.aborted || lost) return broken()
    if (answer.kind === 'ours') {
      misses = 0
      if (readySince === null) job.elsewhere?.gone()
      readySince ??= clock.now()
      show('ready', words('ready'), tunnel)
      const next = clock.now() + (job.provider.probe.every ?? delays.probeEvery)
      troubled = false
      // Where a probe costs something, a look from here is enough for as long as all seems well.
      do await sleep.wait(Math.min(delays.probeEvery, Math.max(0, next - clock.now())), signal)
      while (!lost && !troubled && !signal.aborted && clock.now() < next && (await seemsUp(tunnel)))
      continue
    }
    if (answer.kind === 'local-down') {
      // The tunnel does its part; opening it again would change nothing.
      show('offline', words('localDown'))
    } else if (!(answer.kind === 'silent' && readySince !== null && tunnel.idle() === 0)) {
      // With every connection busy a probe waits its turn behind real calls, which must not be cut.
      misses += 1
      const detail = answer.kind === 'known' ? answer.why.message : 'detail' in answer ? answer.detail : ''
      log.info('tunnel.probe', { kind: answer.kind, detail, misses })
      const few = readySince === null ? patience.beforeReady : patience.afterReady
      if (misses >= few) {
        if (answer.kind === 'other') job.elsewhere?.found()
        if (answer.kind === 'known') return endingOf(answer.why)
        if (misses >= (job.provider.patience ?? few))
          return readySince === null ? unanswered(answer) : broken()
        show('offline', textOf(answer))
      }
    }
    await sleep.wait(delays.probeAgain, signal)
  }
  return broken()
}

const seemsUp = async (tunnel: OpenTunnel): Promise<boolean> => (await tunnel.isUp?.()) ?? true

type Unanswered = Exclude<ProbeResult, { kind: 'ours' | 'local-down' | 'known' }>

const textOf = ({ kind }: Unanswered): Words =>
  words(kind === 'other' ? 'other' : kind === 'page' ? 'page' : 'silent')

function unanswered(answer: Unanswered): Ending {
  const text = textOf(answer)
  if (answer.kind === 'other') return { kind: 'name-taken', text, detail: 'another instance' }
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
  return { kind: 'failed', text, offline: code === 'tunnel-unreachable', detail, until }
}
