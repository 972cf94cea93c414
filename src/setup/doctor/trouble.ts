import { say } from '../../../locales/say.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import { type Exchange, isPage, type SilentWhy } from './exchange.ts'

/** Set by our end of the tunnel when Drawbridge's own listener does not answer. */
const localDownHeader = 'x-drawbridge-tunnel'

/** How services in between say that what is behind them does not answer; 530 is Cloudflare's. */
const gateways: ReadonlySet<number> = new Set([502, 504, 530])

const problem = (code: string, message: string, hint: string): ErrorReply => ({ code, message, hint })

const silent: Record<SilentWhy, () => ErrorReply> = {
  slow: () => problem('no-answer', say('doctor.noAnswer.message'), say('doctor.noAnswer.hint')),
  name: () => problem('name-unknown', say('doctor.nameUnknown.message'), say('doctor.nameUnknown.hint')),
  refused: () => problem('refused', say('doctor.refused.message'), say('doctor.refused.hint')),
  certificate: () =>
    problem('certificate', say('doctor.certificate.message'), say('doctor.certificate.hint')),
  broken: () => problem('broken-off', say('doctor.brokenOff.message'), say('doctor.brokenOff.hint')),
  stopped: () => problem('no-time', say('doctor.noTime.message'), say('doctor.noTime.hint')),
}

/**
 * What is wrong with an exchange whatever was asked: nothing came, something else than Drawbridge answered, or it failed.
 * Null: an answer that can be judged. `page`: whether a page of ours is what was asked for.
 */
export function troubleWith(exchange: Exchange, { page = false } = {}): ErrorReply | null {
  if (exchange.kind === 'silent') return silent[exchange.why]()
  const { status, headers, text, json } = exchange
  if (headers.get(localDownHeader) !== null)
    return problem('local-down', say('doctor.localDown.message'), say('doctor.localDown.hint'))
  const said = (json as { error?: unknown } | null | undefined)?.error
  if (status === 503 && said === 'raised')
    return problem('raised', say('doctor.raised.message'), say('doctor.raised.hint'))
  if (status === 421 || said === 'not-for-us')
    return problem('wrong-host', say('doctor.wrongHost.message'), say('doctor.wrongHost.hint'))
  if (status >= 300 && status < 400)
    return problem(
      'redirected',
      say('doctor.redirected.message', { host: hostOf(headers.get('location'), exchange.url) }),
      say('doctor.redirected.hint'),
    )
  if (gateways.has(status))
    return problem('gateway', say('doctor.gateway.message', { status }), say('doctor.gateway.hint'))
  if (isPage(headers, text) && !(page && isOurs(text))) return strangePage(status, text)
  if (status === 429) return problem('too-many', say('doctor.tooMany.message'), say('doctor.tooMany.hint'))
  if (status >= 500)
    return problem(
      'server-error',
      say('doctor.serverError.message', { status }),
      say('doctor.serverError.hint'),
    )
  return null
}

/** Every page of ours has the product's name at the end of its title. */
export const isOurs = (html: string): boolean => html.includes('· Drawbridge</title>')

/** A page of somebody else, where Drawbridge should answer. */
function strangePage(status: number, html: string): ErrorReply {
  if (/loca\.lt|localtunnel|tunnel password|tunnel-reminder/i.test(html))
    return problem('tunnel-page', say('doctor.tunnelPage.message'), say('doctor.tunnelPage.hint'))
  if (/ngrok/i.test(html))
    return problem(
      'tunnel-page',
      say('doctor.tunnelPage.tunnelNgrokShows.message'),
      say('doctor.tunnelPage.tunnelOpenIf.hint'),
    )
  if (/cloudflare/i.test(html))
    return problem(
      'tunnel-page',
      say('doctor.tunnelPage.cloudflareShowsVisitors.message'),
      say('doctor.tunnelPage.tunnelRunningIf.hint'),
    )
  if (/type=["']?password|sign ?in|log ?in/i.test(html))
    return problem('login-page', say('doctor.loginPage.message'), say('doctor.loginPage.hint'))
  return problem('page', say('doctor.page.message', { status }), say('doctor.page.hint'))
}

const hostOf = (location: string | null, base: string): string =>
  location === null
    ? say('doctor.doesNotSayWhich')
    : (URL.parse(location, base)?.host ?? say('doctor.notValidOne'))
