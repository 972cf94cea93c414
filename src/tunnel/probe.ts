import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import { parseJson } from '../kernel/exact-json.ts'
import { readText } from '../net/network-fetch.ts'
import type { Answer, TunnelProvider } from './providers/provider.ts'
import type { ProbeFetch } from './public-fetch.ts'
import { TunnelFailure } from './tunnel-failure.ts'

/** Who knocks: filters let some in and not others. */
export interface Visitor {
  /** The assistant that comes so; null: we, as we are. */
  who: string | null
  userAgent: string
}

const ourselves: Visitor = { who: null, userAgent: 'drawbridge' }
/** As the services of assistants were seen to come (2026-09). */
export const visitors: readonly Visitor[] = [
  ourselves,
  { who: 'ChatGPT', userAgent: 'Python/3.12 aiohttp/3.11.11' },
  { who: 'Claude', userAgent: 'Claude-User' },
]

/** Our public listener's answer at /health. */
const Health = z.object({
  name: z.literal('drawbridge'),
  instance: z.string(),
  /** When it was last told to take the address over, milliseconds since 1970; one of before tells nothing. */
  claim: z.int().min(0).max(8.64e15).catch(0),
})

/**
 * What answers at a public address. `ours`: this Drawbridge. `other`: another one, told to have it at `claim`. `local-down`: the tunnel works, our
 * listener does not. `known`: it is known why something else answered. `edge`: Cloudflare, which has no connection to this computer.
 * `page`: a web page, as tunnel services show to browsers. `wrong`: some other answer. `silent`: none.
 */
export type ProbeResult =
  | { kind: 'ours' }
  | { kind: 'other'; claim: number }
  | { kind: 'local-down' }
  | { kind: 'known'; why: TunnelFailure }
  | { kind: 'edge'; detail: string }
  | { kind: 'page' | 'wrong'; status: number; detail: string }
  | { kind: 'silent'; detail: string }

/** Marks the answer that a tunnel gives here when Drawbridge's own listener does not. */
export const localDownHeader = 'x-drawbridge-tunnel'

const maxAnswer = 16_000

/** Asks `${origin}/health` from outside and says who answered. Throws nothing. */
export async function probe(options: {
  origin: string
  instance: string
  provider: Pick<TunnelProvider, 'probe' | 'explain'>
  /** Left out: ourselves. */
  as?: Visitor
  now(): number
  timeout: number
  signal: AbortSignal
  fetch: ProbeFetch
}): Promise<ProbeResult> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeout)])
  const { as = ourselves } = options
  try {
    const response = await options.fetch(`${options.origin}/health`, {
      headers: { accept: 'application/json', 'user-agent': as.userAgent, ...options.provider.probe.headers },
      redirect: 'manual',
      signal,
    })
    const body = await readText(response, maxAnswer)
    if (response.headers.get(localDownHeader) !== null) return { kind: 'local-down' }
    const health = Health.safeParse(parseJson(body))
    if (health.success) {
      const { instance, claim } = health.data
      return instance === options.instance ? { kind: 'ours' } : { kind: 'other', claim }
    }
    const answer = { status: response.status, headers: response.headers, body }
    const why = filtered(answer, as) ?? options.provider.explain?.(answer, options.now())
    if (why) return { kind: 'known', why }
    const type = response.headers.get('content-type') ?? ''
    const detail = `${response.status} ${type}: ${body.slice(0, 120)}`
    if (isCloudflare(answer) && (answer.status === 530 || /error code: 10(?:16|33)/.test(body)))
      return { kind: 'edge', detail }
    const isPage = type.includes('text/html') || /^\s*</.test(body)
    return { kind: isPage ? 'page' : 'wrong', status: answer.status, detail }
  } catch (error) {
    // That there is no answer is what every other failure is about.
    if (error instanceof TunnelFailure && error.code !== 'tunnel-unreachable')
      return { kind: 'known', why: error }
    return { kind: 'silent', detail: describe(error) }
  }
}

/**
 * The same as an assistant. What turns only the assistant away is a filter, of whatever company: it is asked once more as we are, before
 * that is said.
 */
export async function probeAs(visitor: Visitor, options: Parameters<typeof probe>[0]): Promise<ProbeResult> {
  const answer = await probe({ ...options, as: visitor })
  if (visitor.who === null || (answer.kind !== 'page' && answer.kind !== 'wrong')) return answer
  if (answer.status >= 500 || (await probe(options)).kind !== 'ours') return answer
  const { who } = visitor
  const { detail } = answer
  const why = new TunnelFailure({
    code: 'tunnel-blocked',
    says: 'tunnel-blocked-visitor',
    params: { who },
    detail,
  })
  return { kind: 'known', why }
}

const isCloudflare = ({ headers }: Answer): boolean =>
  headers.get('server') === 'cloudflare' || headers.has('cf-ray')

/**
 * Cloudflare's filters answer before the tunnel does, for any address that is in a zone of theirs (developers.cloudflare.com,
 * “Detect a challenge page response”; the AI filters answer 403 as plain text).
 */
function filtered(answer: Answer, { who }: Visitor): TunnelFailure | null {
  const { status, headers, body } = answer
  if (!isCloudflare(answer)) return null
  const isFilter =
    headers.has('cf-mitigated') || (status === 403 && /blocked|challenge|error code: 10\d\d/i.test(body))
  if (!isFilter) return null
  return new TunnelFailure({
    code: 'tunnel-blocked',
    says: 'tunnel-blocked-cloudflare',
    params: { who: who ?? saidLater('tunnel.assistants') },
    detail: `${status}`,
  })
}

function describe(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}
