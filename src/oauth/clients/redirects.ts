import { type Sentence, saidLater } from '../../../locales/say.ts'
/** What kind of place a redirect URI leads to. `private`: a scheme that an installed app claimed (RFC 8252 §7.1). */
export type RedirectKind = 'https' | 'loopback' | 'private'

type RedirectCheck = { ok: true; kind: RedirectKind } | { ok: false; reason: Sentence }

const refuse = (reason: Sentence): RedirectCheck => ({ ok: false, reason })

/** RFC 8252 §7.3, spelled exactly so: other spellings of the same address (`0x7f.1`, `127.1`) are refused. */
const loopbackHosts: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** Schemes that a browser or the operating system would act on by itself, and our own. */
const forbiddenSchemes =
  /^(?:javascript|data|file|vbscript|blob|about|filesystem|view-source|wss?|ftps?|mailto|tel|sms|chrome.*|edge|opera|brave|moz-.*|resource|intent|android-app|jar|feed|ms-.*|search-ms|search|shell|ssh|sftp|telnet|ldaps?|gopher|smb|nfs|git|res|mhtml|x-.*|app|drawbridge|cid|mid|urn|http\+unix|itms.*|steam)$/

/** Visible ASCII without the characters that URL parsers disagree about (RFC 3986 §2). */
const plainCharacters = /^[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/

/** Encoded control characters, backslashes, and dot segments with or without path parameters. */
const trickyPath = /%(?:0[0-9a-f]|1[0-9a-f]|7f|5c|2f)|(?:^|\/)(?:\.|%2e){1,2}(?:[;/?]|$)|\/\.\.?;/i

/**
 * Decides whether a client may register this redirect URI: https anywhere, plain http on this computer only, or an
 * app's own scheme; never with user information or a fragment (RFC 6749 §3.1.2, RFC 9700 §4.1), and only in the one
 * spelling that a URL parser gives back, so that comparing text is comparing places.
 */
export function checkRedirectUri(uri: unknown): RedirectCheck {
  if (typeof uri !== 'string' || uri.length === 0) return refuse(saidLater('redirect.notText'))
  if (uri.length > 2_000) return refuse(saidLater('redirect.tooLong'))
  if (!plainCharacters.test(uri)) return refuse(saidLater('redirect.oddCharacters'))
  if (uri.includes('#')) return refuse(saidLater('redirect.fragment'))
  const parsed = URL.parse(uri)
  if (parsed === null) return refuse(saidLater('redirect.incomplete'))
  if (parsed.href !== uri && parsed.href !== `${uri}/`) return refuse(saidLater('redirect.notPlain'))
  const scheme = parsed.protocol.slice(0, -1)
  const [, authority = '', path = ''] = /^[a-z][a-z0-9+.-]*:(?:\/\/([^/?]*))?([^?]*)/.exec(uri) ?? []
  if (authority.includes('@') || parsed.username !== '' || parsed.password !== '')
    return refuse(saidLater('redirect.userName'))
  if (trickyPath.test(path)) return refuse(saidLater('redirect.trickyPath'))
  if (scheme === 'https') {
    if (loopbackHosts.has(parsed.hostname)) return refuse(saidLater('redirect.httpsHere'))
    if (!/^(?:\[[0-9a-f:]+\]|[a-z0-9-]+(?:\.[a-z0-9-]+)*)$/.test(parsed.hostname))
      return refuse(saidLater('redirect.oddHost'))
    return { ok: true, kind: 'https' }
  }
  if (scheme === 'http') {
    if (!loopbackHosts.has(parsed.hostname)) return refuse(saidLater('redirect.httpElsewhere'))
    return { ok: true, kind: 'loopback' }
  }
  if (forbiddenSchemes.test(scheme)) return refuse(saidLater('redirect.scheme', { scheme }))
  if (!uri.startsWith(`${scheme}:/`)) return refuse(saidLater('redirect.incomplete'))
  return { ok: true, kind: 'private' }
}

/**
 * OIDC's `application_type`, decided from the URIs because most clients leave it out: only `native` clients may vary
 * the loopback port (RFC 8252 §7.3) and use their own schemes.
 */
export const applicationType = (kinds: readonly RedirectKind[]): 'native' | 'web' =>
  kinds.some((kind) => kind !== 'https') ? 'native' : 'web'

/** What a person is shown of a redirect URI that passed `checkRedirectUri`: the host, or the scheme of an app. */
export function redirectHost(uri: string): string {
  const { protocol, hostname, host } = new URL(uri)
  if (protocol === 'https:') return host
  if (protocol === 'http:') return hostname
  return host === '' ? protocol : `${protocol}//${host}`
}

/** Equal for redirect hosts that lead to the same place: the loopback names are one computer. */
export const samePlace = (host: string): string => (loopbackHosts.has(host) ? 'localhost' : host)

export const isLoopbackHost = (host: string): boolean => loopbackHosts.has(host)
