import type { ErrorReply } from '../../contract/errors.ts'
import { type Exchange, isPage, type SilentWhy } from './exchange.ts'

/** Set by our end of the tunnel when Drawbridge's own listener does not answer. */
const localDownHeader = 'x-drawbridge-tunnel'

/** How services in between say that what is behind them does not answer; 530 is Cloudflare's. */
const gateways: ReadonlySet<number> = new Set([502, 504, 530])

const problem = (code: string, message: string, hint: string): ErrorReply => ({ code, message, hint })

const silent: Record<SilentWhy, ErrorReply> = {
  slow: problem(
    'no-answer',
    'Nothing came back in time. Assistants give up after about ten seconds.',
    'Check the internet connection of this computer. If it is fine, the tunnel service may be overloaded: wait a minute and check again.',
  ),
  name: problem(
    'name-unknown',
    'The name of this address is not known on the internet.',
    'Check the internet connection. If it is fine, the tunnel is not open, or the name is too new: wait a minute, then check again.',
  ),
  refused: problem(
    'refused',
    'Nothing accepts connections at this address.',
    'The tunnel is closed, or a firewall stands in the way. Raise and lower the bridge to open it anew, then check again.',
  ),
  certificate: problem(
    'certificate',
    'The address shows a certificate that this computer does not trust.',
    'Something between here and the tunnel opens encrypted connections, such as a company network or an antivirus program. Try another network. Also check that the clock of this computer is right.',
  ),
  broken: problem(
    'broken-off',
    'The connection broke off before an answer came.',
    'Check the internet connection and try again. If it stays like this, choose a new address.',
  ),
  stopped: problem(
    'no-time',
    'There was no time left for this one.',
    'What was checked before took too long. Mend that first, then check again.',
  ),
}

/**
 * What is wrong with an exchange whatever was asked: nothing came, something else than Drawbridge answered, or it failed.
 * Null: an answer that can be judged. `page`: whether a page of ours is what was asked for.
 */
export function troubleWith(exchange: Exchange, { page = false } = {}): ErrorReply | null {
  if (exchange.kind === 'silent') return silent[exchange.why]
  const { status, headers, text, json } = exchange
  if (headers.get(localDownHeader) !== null)
    return problem(
      'local-down',
      'The tunnel works, but Drawbridge does not answer on this computer.',
      'Quit Drawbridge and start it again. If that does not help, a firewall on this computer may stand in the way.',
    )
  const said = (json as { error?: unknown } | null | undefined)?.error
  if (status === 503 && said === 'raised')
    return problem('raised', 'The bridge is raised: nobody gets in.', 'Lower the bridge, then check again.')
  if (status === 421 || said === 'not-for-us')
    return problem(
      'wrong-host',
      'Drawbridge answered, but it does not take this address for its own.',
      'If you use a tunnel of your own, let it pass on the Host header as it is. Otherwise raise and lower the bridge to open the address anew.',
    )
  if (status >= 300 && status < 400)
    return problem(
      'redirected',
      `The address sends visitors on to another one (${hostOf(headers.get('location'), exchange.url)}).`,
      'Something in front of Drawbridge wants visitors to sign in, or moves the address. Assistants cannot follow. Switch that off in the tunnel’s settings, or choose another tunnel.',
    )
  if (gateways.has(status))
    return problem(
      'gateway',
      `The tunnel service answered ${status}: it cannot reach Drawbridge.`,
      'The tunnel on this computer is closed or broken. Raise and lower the bridge to open it anew, then check again.',
    )
  if (isPage(headers, text) && !(page && isOurs(text))) return strangePage(status, text)
  if (status === 429)
    return problem(
      'too-many',
      'The tunnel service answers that there were too many requests.',
      'Wait a few minutes and check again.',
    )
  if (status >= 500)
    return problem(
      'server-error',
      `The answer was an error (${status}).`,
      'Try again in a minute. If it stays, quit Drawbridge and start it again; the log file in the data folder has the details.',
    )
  return null
}

/** Every page of ours has the product's name at the end of its title. */
export const isOurs = (html: string): boolean => html.includes('· Drawbridge</title>')

/** A page of somebody else, where Drawbridge should answer. */
function strangePage(status: number, html: string): ErrorReply {
  if (/loca\.lt|localtunnel|tunnel password|tunnel-reminder/i.test(html))
    return problem(
      'tunnel-page',
      'The tunnel shows visitors a page that asks for a password.',
      'Assistants cannot type it. For a browser, the password is the public IP address of this computer. If assistants get this page too, choose a new address or another tunnel.',
    )
  if (/ngrok/i.test(html))
    return problem(
      'tunnel-page',
      'The tunnel (ngrok) shows visitors a page of its own.',
      'Is the tunnel open? If it is, the free plan shows a warning page first: use a plan or a tunnel without one.',
    )
  if (/cloudflare/i.test(html))
    return problem(
      'tunnel-page',
      'Cloudflare shows visitors a page of its own.',
      'Is the tunnel running? If it is, switch off bot checks and Cloudflare Access for this address.',
    )
  if (/type=["']?password|sign ?in|log ?in/i.test(html))
    return problem(
      'login-page',
      'Visitors get a page that wants them to sign in somewhere.',
      'Something in front of Drawbridge asks for a sign-in of its own. Assistants cannot get past it: switch it off for this address.',
    )
  return problem(
    'page',
    `Visitors get a web page (${status}) instead of Drawbridge.`,
    'Something else answers at this address. Check that the tunnel leads to Drawbridge, or choose a new address.',
  )
}

const hostOf = (location: string | null, base: string): string =>
  location === null ? 'it does not say which' : (URL.parse(location, base)?.host ?? 'not a valid one')
