import type { IncomingMessage } from 'node:http'
import { isProgramOrigin } from '../../contract/preferences.ts'
import { soleHost } from '../../net/request-headers.ts'

/** Web clients of assistants, whose pages may call us from a browser. Exact origins, nothing derived from them. */
const webClients: ReadonlySet<string> = new Set([
  'https://chatgpt.com',
  'https://chat.openai.com',
  'https://platform.openai.com',
  'https://claude.ai',
  'https://claude.com',
  'https://vscode.dev',
  'https://insiders.vscode.dev',
])

const localPage = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/
const isLocalPage = (origin: string): boolean => localPage.test(origin) || isProgramOrigin(origin)
const localPageRefused = (from: string): string =>
  `This page on this computer may not use Drawbridge yet: its owner can allow it in Settings, Pages on this computer, as ${from}.`

/** Why a request is turned away before anything else is looked at. */
export type Addressed = { ok: true; origin: string } | { ok: false; status: 403 | 421; message: string }

/**
 * Against DNS rebinding (a web page that makes a browser talk to this computer): `Host` must be the host of one of our origins, and `Origin`, when there is one, ours, a known web client's, or exactly one of the
 * pages on this computer (`localPages`) that the owner named.
 */
export function addressedTo(
  req: IncomingMessage,
  origins: readonly string[],
  localPages: readonly string[] = [],
): Addressed {
  const host = soleHost(req)
  const origin = host === undefined ? undefined : (origins.find(isAt, host) ?? originNamed(origins, host))
  // RFC 9110 §15.5.20
  if (origin === undefined)
    return { ok: false, status: 421, message: 'This address is not one of Drawbridge’s own.' }
  const from = req.headers.origin
  if (from !== undefined && !origins.includes(from) && !webClients.has(from) && !localPages.includes(from))
    return {
      ok: false,
      status: 403,
      message: isLocalPage(from) ? localPageRefused(from) : 'Pages of this site may not use Drawbridge.',
    }
  return { ok: true, origin }
}

/** Whether an origin consists of a scheme and this host. */
function isAt(this: string, origin: string): boolean {
  return origin.endsWith(this) && origin.length === origin.indexOf('://') + 3 + this.length
}

/** Names are the same in capitals (RFC 9110 §4.2.3), and with the port that an address has anyway, which some clients always write. */
function originNamed(origins: readonly string[], host: string): string | undefined {
  const plain = host.toLowerCase()
  return origins.find((origin) => {
    const { host: named, port, protocol } = new URL(origin)
    return plain === named || (port === '' && plain === `${named}:${protocol === 'https:' ? 443 : 80}`)
  })
}
