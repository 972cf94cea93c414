import { say } from '../../../locales/say.ts'
import { awaySentence } from '../../contract/agreed/words/away.ts'
import type { Diagnosis, Finding } from '../../contract/doctor.ts'
import type { Away, Bridge } from '../../contract/status.ts'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Redactor } from '../../kernel/log/redact.ts'
import { shorten } from '../../kernel/shorten.ts'
import { adviceFor, fitting } from './advice.ts'
import { endpointFindings } from './endpoint-checks.ts'
import { createAsker, type Exchange } from './exchange.ts'
import { type Facts, ok, plain, warning } from './finding.ts'
import { type Evidence, gather } from './gather.ts'
import { issuerFindings } from './issuer-checks.ts'
import { reachFindings } from './reach-checks.ts'
import { resourceFindings } from './resource-checks.ts'
import { signInFindings } from './sign-in-checks.ts'
import { summarize } from './summary.ts'

export interface DoctorDeps {
  clock: Clock
  log: Log
  redactor: Pick<Redactor, 'text'>
  /** Must take any method, follow no redirect when told so, and know that `*.localhost` is this computer. */
  fetch: typeof fetch
  /** Throws HostError `workspace-unknown`. */
  address(workspace: string): { publicUrl: string | null; localUrl: string }
  instance: string
  windowOpen(): boolean
  /** Why apps that register are turned away now; null while they are not. */
  registrationsFull?(): { message: string; hint: string } | null
  /** How the bridge stands: what mends the way depends on it. Left out: as if it were open. */
  bridge?(): Pick<Bridge, 'state' | 'hint' | 'tunnelId'>
  toolNames?(): string[]
  /** When nobody could get through, of the last day. */
  away?(): Away[]
  /** Milliseconds for one request, and for all of them. */
  limits?: { request: number; total: number; slow: number }
}

export interface Doctor {
  /**
   * Goes through discovery and sign-in as a client does: from outside in where there is a public address, else on this
   * computer. Registers nothing and lets nobody in. Throws HostError `no-public-address`, or what `address` throws.
   */
  run(input: { workspace: string; through?: 'public' | 'local' | undefined }): Promise<Diagnosis>
  /** Whether some of what strangers seem to ask right now is asked by the doctor. */
  isRunning(): boolean
  stop(): void
}

/** Clients give up after ten seconds; whoever waits for the doctor should get an answer within half a minute. */
const usual = { request: 10_000, total: 29_000, slow: 3_000 }

/** The workspace that is served at `/mcp`, with the origin as its issuer. */
const defaultWorkspace = 'default'

export function createDoctor(deps: DoctorDeps): Doctor {
  const { clock, log } = deps
  const limits = deps.limits ?? usual
  const stopping = new AbortController()
  let running = 0

  const run: Doctor['run'] = async ({ workspace, through }) => {
    const { publicUrl, localUrl } = deps.address(workspace)
    const isUnseen = deps.bridge?.().tunnelId !== undefined
    if (through === 'public' && isUnseen) throw new HostError({ code: 'public-address-unseen' })
    if (through === 'public' && publicUrl === null)
      throw new HostError({
        code: 'no-public-address',
        params: { first: adviceFor(deps.bridge?.()) ?? say('doctor.pressConnect') },
      })
    const way = through ?? (publicUrl === null ? 'local' : 'public')
    const url = way === 'public' ? publicUrl! : localUrl
    const { origin } = new URL(url)
    const issuer = workspace === defaultWorkspace ? origin : url
    const facts: Facts = { url, origin, issuer, through: way, instance: deps.instance }
    const at = clock.now()
    const ask = createAsker({
      fetch: deps.fetch,
      redactor: deps.redactor,
      timeout: limits.request,
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(limits.total)]),
    })

    const health = await ask({
      method: 'GET',
      url: `${origin}/health`,
      headers: { accept: 'application/json' },
    })
    const findings = [
      ...whichWay(way, publicUrl, isUnseen),
      ...awayFindings(deps.away?.() ?? [], at),
      ...reachFindings(health, facts, clock.now()),
    ]
    // whatever else there is to say about a place that is not ours would only hide what matters
    if (!findings.some(({ state }) => state === 'failed')) {
      const before = deps.windowOpen()
      const evidence = await gather(ask, facts)
      findings.push(
        ...endpointFindings(evidence, facts),
        ...resourceFindings(evidence, facts),
        ...issuerFindings(evidence, facts),
        ...signInFindings(evidence, { before, after: deps.windowOpen() }),
        speed([health, ...exchangesOf(evidence)], limits),
        ...registrations(deps.registrationsFull?.() ?? null),
        ...tools(deps.toolNames?.()),
      )
    }
    const shown = fitting(findings, deps.bridge?.()).map((one) => presentable(one, deps.redactor))
    const diagnosis: Diagnosis = { url, through: way, at, findings: shown, ...summarize(shown, way) }
    const not = findings.filter(({ state }) => state === 'failed' || state === 'warning').map(({ id }) => id)
    log.info('doctor.ran', { workspace, through: way, ok: diagnosis.ok, findings: not })
    return diagnosis
  }

  return {
    async run(input) {
      running += 1
      try {
        return await run(input)
      } finally {
        running -= 1
      }
    },
    isRunning: () => running > 0,
    stop: () => stopping.abort(),
  }
}

/** Letters of any text of a finding. Some quote what answered, which may be anything. */
const longest = 700

function presentable(finding: Finding, redactor: DoctorDeps['redactor']): Finding {
  const text = (given: string) => shorten(redactor.text(given), longest)
  const { sent, received, problem } = finding
  const words = problem && { ...problem, message: text(problem.message), hint: text(problem.hint) }
  return { ...finding, sent: text(sent), received: text(received), problem: words }
}

/** That the internet was left out must not be overlooked. */
function whichWay(way: 'public' | 'local', publicUrl: string | null, isUnseen: boolean): Finding[] {
  if (way === 'public') return []
  const none = publicUrl === null
  const unseen = { message: say('doctor.unseen.message'), hint: say('doctor.unseen.hint') }
  return [
    plain('way', say('doctor.title.way'), publicUrl ?? '', {
      state: 'skipped',
      received: say('doctor.notTried'),
      problem: {
        code: 'local-only',
        message: none ? say('doctor.noPublicAddressSo') : say('doctor.onlyWayOnComputer'),
        hint: none ? say('doctor.chatgptAndClaudeOn') : say('doctor.checkThroughPublicAddress'),
        ...(isUnseen && unseen),
      },
    }),
  ]
}

const exchangesOf = ({ issuerDocuments, ...rest }: Evidence): (Exchange | null)[] => [
  ...issuerDocuments,
  ...Object.values(rest),
]

function speed(exchanges: (Exchange | null)[], limits: { slow: number }): Finding {
  const answered = exchanges.filter((one) => one?.kind === 'answered')
  const slowest = answered.reduce((a, b) => (b.took > a.took ? b : a))
  const title = say('doctor.answersComeFastEnough')
  const received = say('doctor.slowestTook', {
    count: answered.length,
    took: seconds(slowest.took),
    request: slowest.sent.split('\n')[0]!,
  })
  const verdict =
    slowest.took <= limits.slow
      ? ok(received)
      : {
          ...warning(
            'slow',
            say('doctor.slow.message', { took: seconds(slowest.took) }),
            say('doctor.slow.hint'),
          ),
          received,
        }
  return { ...plain('speed', title, say('doctor.sent.speed'), verdict), took: slowest.took }
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

/** Nothing the doctor asks shows it, because he registers nothing. */
const registrations = (full: { message: string; hint: string } | null): Finding[] =>
  full === null
    ? []
    : [
        plain('registrations', say('doctor.title.registrations'), say('doctor.sent.registrations'), {
          ...warning('registrations-full', full.message, full.hint),
          received: say('doctor.theyTurnedAwayNow'),
        }),
      ]

function tools(names: string[] | undefined): Finding[] {
  if (names === undefined) return []
  const title = say('doctor.toolsOffer')
  const verdict =
    names.length > 0
      ? ok(`${names.length}`)
      : {
          ...warning('no-tools', say('doctor.noTools.message'), say('doctor.noTools.hint')),
          received: '0',
        }
  return [plain('tools', title, say('doctor.sent.tools'), verdict)]
}

/** What assistants met that called meanwhile cannot be tried any more: whoever runs the way there answered them, and not we. */
function awayFindings(spells: Away[], now: number): Finding[] {
  if (spells.length === 0) return []
  const problem = warning('was-away', say('doctor.wasAway.message'), say('doctor.wasAway.hint'))
  const received = spells.map((spell) => awaySentence(spell, now)).join(' ')
  return [plain('away', say('doctor.title.away'), say('doctor.sent.away'), { ...problem, received })]
}
