import * as z from 'zod'
import { parseJson, readText } from '../net/network-fetch.ts'
import type { Answer, TunnelProvider } from './providers/provider.ts'
import type { ProbeFetch } from './public-fetch.ts'
import { TunnelFailure } from './tunnel-failure.ts'

/** Our public listener's answer at /health. */
const Health = z.object({ name: z.literal('drawbridge'), instance: z.string() })

/**
 * What answers at a public address. `ours`: this Drawbridge. `other`: another one. `local-down`: the tunnel works, our
 * listener does not. `known`: it is known why
 * something else answered. `page`: a web page, as tunnel services show to browsers. `wrong`: some other answer. `silent`: none.
 */
export type ProbeResult =
  | { kind: 'ours' }
  | { kind: 'other' }
  | { kind: 'local-down' }
  | { kind: 'known'; why: TunnelFailure }
  | { kind: 'page'; detail: string }
  | { kind: 'wrong'; detail: string }
  | { kind: 'silent'; detail: string }

/** Marks the answer that a tunnel gives here when Drawbridge's own listener does not. */
export const localDownHeader = 'x-drawbridge-tunnel'

const maxAnswer = 16_000

/** Asks `${origin}/health` from outside and says who answered. Throws nothing. */
export async function probe(options: {
  origin: string
  instance: string
  provider: Pick<TunnelProvider, 'probe' | 'explain'>
  now(): number
  timeout: number
  signal: AbortSignal
  fetch: ProbeFetch
}): Promise<ProbeResult> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeout)])
  try {
    const response = await options.fetch(`${options.origin}/health`, {
      headers: { accept: 'application/json', 'user-agent': 'drawbridge', ...options.provider.probe.headers },
      redirect: 'manual',
      signal,
    })
    const body = await readText(response, maxAnswer)
    if (response.headers.get(localDownHeader) !== null) return { kind: 'local-down' }
    const health = Health.safeParse(parseJson(body))
    if (health.success) return { kind: health.data.instance === options.instance ? 'ours' : 'other' }
    const answer = { status: response.status, headers: response.headers, body }
    const why = filtered(answer) ?? options.provider.explain?.(answer, options.now())
    if (why) return { kind: 'known', why }
    const type = response.headers.get('content-type') ?? ''
    const detail = `${response.status} ${type}: ${body.slice(0, 120)}`
    return { kind: type.includes('text/html') || /^\s*</.test(body) ? 'page' : 'wrong', detail }
  } catch (error) {
    return { kind: 'silent', detail: describe(error) }
  }
}

/**
 * Cloudflare's filters answer before the tunnel does, for any address that is in a zone of theirs (developers.cloudflare.com,
 * “Detect a challenge page response”; the AI filters answer 403 as plain text).
 */
function filtered({ status, headers, body }: Answer): TunnelFailure | null {
  if (headers.get('server') !== 'cloudflare' && headers.get('cf-ray') === null) return null
  const isFilter =
    headers.has('cf-mitigated') || (status === 403 && /blocked|challenge|error code: 10\d\d/i.test(body))
  if (!isFilter) return null
  return new TunnelFailure({ code: 'tunnel-blocked', says: 'tunnel-blocked-cloudflare', detail: `${status}` })
}

function describe(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}
