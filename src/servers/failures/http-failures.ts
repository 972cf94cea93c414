/** Long because it is one table: which sentence fits is a matter of what stands above it. */
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { errorText, HostError, isHostError } from '../../kernel/errors.ts'
import { type ConnectionFailure, causes, connectionFailure } from '../../net/connection-failures.ts'
import { seconds } from './duration.ts'
import { restWanted, unknownVersion } from './failures.ts'
import { SessionForgotten } from './forgotten.ts'
import { plainLine } from './log-lines.ts'

/** Whose failure it is. */
export interface About {
  name: string
  url: string
  /** Takes secrets out of what the server said, before it is quoted. */
  redact?: ((text: string) => string) | undefined
  /** Host of the proxy in between; absent: there is none. */
  proxy?: string | undefined
}

/** What is known about a request over HTTP that did not go as hoped. */
interface Facts {
  name: string
  host: string
  status: number | null
  /** What it said itself: one line, redacted; '' when nothing. */
  said: string
  /** Of the body. */
  type: string
  /** Of the innermost error (`ECONNREFUSED`, `CERT_HAS_EXPIRED` …). */
  code: string
  /** All messages on the way to the innermost error. */
  detail: string
  error: unknown
  /** What happened on the way, if that is it. */
  way: ConnectionFailure | null
  /** Set when time ran out. Milliseconds. */
  waited: number | null
  /** How long it wants to be left alone. Milliseconds. */
  rest: number | null
}

interface Row {
  when(facts: Facts): boolean
  code: string | ((facts: Facts) => string)
  message(facts: Facts): string
  hint: string | ((facts: Facts) => string)
}

const quoted = ({ said }: Facts) => (said === '' ? '' : ` It says: “${said}”`)
const later = ({ rest }: Facts) => (rest === null ? 'in a few minutes' : `in ${seconds(rest)}`)
const is = (status: number) => (facts: Facts) => facts.status === status
/** What happened on the way, by the codes of servers. */
const codes: Record<ConnectionFailure['kind'], string> = {
  proxy: 'proxy-refused',
  certificate: 'server-certificate',
  protocol: 'server-not-mcp',
  unreachable: 'server-unreachable',
}

const checkAddress = 'Check the address: it often ends with /mcp.'

/** The first row that fits is what is said. What servers answer; what happens on the way to them is in kernel/way-failures.ts. */
const table: readonly Row[] = [
  {
    when: ({ error }) => error instanceof SessionForgotten,
    code: 'server-session-ended',
    message: ({ name }) => `“${name}” has forgotten the session, as servers do when they are restarted.`,
    hint: 'A new one is begun by itself. Ask again; before you repeat a change, check whether it already happened.',
  },
  {
    when: is(429),
    code: 'server-rate-limited',
    message: ({ name }) => `“${name}” takes no more requests for the moment (HTTP 429).`,
    hint: (facts) => `Try again ${later(facts)}. Drawbridge waits as well.`,
  },
  {
    when: is(401),
    code: 'server-refused',
    message: ({ name }) => `“${name}” refused us: it wants to know who is asking (HTTP 401).`,
    hint: 'Change the server and give the key or header it needs, for example “Authorization: Bearer …”.',
  },
  {
    when: ({ status, said }) =>
      (status === 403 || status === 421 || status === 400) &&
      /\b(?:host|origin)\b[^.]{0,40}\b(?:header|not allowed|invalid|forbidden|mismatch|denied)|\b(?:invalid|forbidden|disallowed|unknown|bad) (?:host|origin)\b|only (?:be )?(?:allowed|accessible|reachable|available)[^.]{0,20} (?:at|from|on|via)\b|\blocalhost\b/i.test(
        said,
      ),
    code: 'server-host-refused',
    message: (facts) =>
      `“${facts.name}” does not answer under the name ${facts.host} (HTTP ${facts.status}).${quoted(facts)}`,
    hint: 'Change the address to the name and port it wants to be called by, for example localhost, or allow this name in the settings of the server. A key does not help.',
  },
  {
    when: is(403),
    code: 'server-refused',
    message: (facts) => `“${facts.name}” does not allow this (HTTP 403).${quoted(facts)}`,
    hint: 'Check that the key or account you gave may use this server, or give another one. If no key is needed, ask whoever runs it who is let in.',
  },
  {
    when: is(407),
    code: 'proxy-refused',
    message: ({ host }) =>
      `The proxy of your network wants a name and a password before it leads to ${host}.`,
    hint: 'Start Drawbridge with HTTPS_PROXY=http://name:password@proxy:port, or ask whoever runs the network.',
  },
  {
    when: ({ detail }) => /Redirect .*not followed/.test(detail),
    code: 'server-moved',
    message: ({ name, detail }) => {
      const to = /Redirect to (\S+) not followed/.exec(detail)?.[1]
      return `“${name}” sends us on to another address${to === undefined || to === '' ? '' : ` (${plainLine(to).slice(0, 200)})`}. For your safety that is not followed.`
    },
    hint: 'If you trust the new address, change this server and give that. If it is a page to sign in, of a hotel or a company, open it in your browser first.',
  },
  {
    when: is(511),
    code: 'server-unreachable',
    message: ({ host }) => `Your network wants you to sign in before it leads to ${host} (HTTP 511).`,
    hint: 'Open any page in your browser, sign in to the network there, and try again.',
  },
  {
    when: is(402),
    code: 'server-refused',
    message: (facts) => `“${facts.name}” wants to be paid (HTTP 402).${quoted(facts)}`,
    hint: 'Look at the plan, credit or quota of the account whose key you gave. It works again once that is settled.',
  },
  {
    when: is(451),
    code: 'server-refused',
    message: (facts) => `“${facts.name}” may not answer here, for legal reasons (HTTP 451).${quoted(facts)}`,
    hint: 'Ask whoever runs it where it may be used from.',
  },
  {
    when: ({ status }) => status === 408 || status === 409 || status === 423 || status === 425,
    code: 'server-error',
    message: (facts) => `“${facts.name}” could not do this now (HTTP ${facts.status}).${quoted(facts)}`,
    hint: (facts) =>
      `Try again ${facts.rest === null ? 'in a moment' : later(facts)}. Before you repeat a change, check whether it already happened.`,
  },
  {
    when: is(421),
    code: 'server-host-refused',
    message: (facts) =>
      `“${facts.name}” does not answer under the name ${facts.host} (HTTP 421).${quoted(facts)}`,
    hint: 'Change the address to the name and port it wants to be called by, or allow this name in the settings of the server. A key does not help.',
  },
  {
    when: is(426),
    code: 'server-not-mcp',
    message: (facts) => `“${facts.name}” wants another protocol than plain HTTP (HTTP 426).${quoted(facts)}`,
    hint: 'Give the address that begins with https://, or the one for “Streamable HTTP”: WebSockets are no way of MCP.',
  },
  {
    when: is(431),
    code: 'server-request-too-large',
    message: ({ name }) => `The headers are too large for “${name}” (HTTP 431).`,
    hint: 'Change the server and shorten its headers or its address.',
  },
  {
    when: is(413),
    code: 'server-request-too-large',
    message: ({ name }) => `What was sent is too large for “${name}” (HTTP 413).`,
    hint: 'Send less at once.',
  },
  {
    when: ({ status, rest }) => status !== null && status >= 500 && rest !== null,
    code: 'server-unreachable',
    message: (facts) => `“${facts.name}” is busy or being looked after (HTTP ${facts.status}).`,
    hint: (facts) => `It wants to be asked again ${later(facts)}.`,
  },
  {
    when: ({ status }) => status !== null && status >= 500,
    code: 'server-unreachable',
    message: (facts) =>
      `“${facts.name}” has a problem of its own at the moment (HTTP ${facts.status}).${quoted(facts)}`,
    hint: 'Try again in a few minutes. If it lasts, ask whoever runs it.',
  },
  {
    when: ({ status, type }) => (status === null || status === 404) && type === 'text/html',
    code: 'server-not-mcp',
    message: (facts) =>
      `At ${facts.host} there is a web page, and nothing answered that speaks MCP${facts.status === null ? '' : ` (HTTP ${facts.status})`}.${quoted(facts)}`,
    hint: `${checkAddress} If it is a page to sign in, of a hotel or a company, open it in your browser first.`,
  },
  {
    when: ({ status }) => status === 404 || status === 405 || status === 410,
    code: 'server-not-mcp',
    message: (facts) =>
      `${facts.host} answers, but under this address nothing answered that speaks MCP (HTTP ${facts.status}).${quoted(facts)}`,
    hint: checkAddress,
  },
  {
    when: ({ status }) => status !== null,
    code: 'server-not-mcp',
    message: (facts) =>
      `“${facts.name}” did not accept what it was asked (HTTP ${facts.status}).${quoted(facts)}`,
    hint: 'Look for a newer version of this server, or ask whoever runs it. Its address may want something more, such as a header.',
  },
  {
    when: ({ error }) => unknownVersion(error) !== null,
    code: 'server-protocol-unknown',
    message: ({ name, error }) => unknownVersion(error)!.message(name),
    hint: ({ error }) => unknownVersion(error)!.hint,
  },
  {
    when: ({ error }) => error instanceof ProtocolError,
    code: 'server-not-mcp',
    message: (facts) => `“${facts.name}” is there, and refused what it was asked first.${quoted(facts)}`,
    hint: 'Look for a newer version of this server, or ask whoever runs it.',
  },
  {
    when: ({ error, code }) =>
      (error instanceof SdkError &&
        [SdkErrorCode.ClientHttpUnexpectedContent, SdkErrorCode.InvalidResult].includes(error.code)) ||
      (error instanceof Error && ['SyntaxError', 'ZodError', '$ZodError'].includes(error.name)) ||
      /^(?:Z_|ERR_ZLIB|ERR_BROTLI|ERR__?(?:ZSTD|ERROR))/.test(code),
    code: 'server-not-mcp',
    message: ({ name, type }) =>
      `“${name}” answers, but what it says cannot be read as MCP${type === '' || type === 'application/json' ? '' : ` (it is ${plainLine(type).slice(0, 60)})`}.`,
    hint: `${checkAddress} If it is right, look for a newer version of this server.`,
  },
  {
    when: ({ status, way }) => status === null && way !== null,
    code: ({ way }) => codes[way!.kind],
    message: ({ way }) => way!.message,
    hint: ({ way }) => way!.hint,
  },
  {
    when: ({ waited }) => waited !== null,
    code: 'server-unreachable',
    message: ({ host, waited }) => `${host} did not answer within ${seconds(waited!)}.`,
    hint: 'Check that the server runs, then restart it here.',
  },
  {
    when: () => true,
    code: 'server-unreachable',
    message: ({ host }) => `${host} cannot be reached.`,
    hint: 'Check the address, that the server runs and that this computer is online.',
  },
]

/** Why a server at an address did not answer as hoped, in words for people. `waited`: milliseconds, when time ran out. */
export function httpFailure(about: About, cause: unknown, waited: number | null): HostError {
  if (isHostError(cause)) return cause
  const facts = factsOf(about, cause, waited)
  if (isHostError(facts.error)) return facts.error
  const row = table.find(({ when }) => when(facts))!
  const { code, hint } = row
  return new HostError({
    code: typeof code === 'string' ? code : code(facts),
    message: row.message(facts),
    hint: typeof hint === 'string' ? hint : hint(facts),
    detail: errorText(cause),
    cause,
  })
}

function factsOf(
  { name, url, proxy, redact = (text) => text }: About,
  cause: unknown,
  waited: number | null,
): Facts {
  const { host, protocol } = new URL(url)
  let status: number | null = null
  let body = ''
  let type = ''
  const chain = causes(cause)
  // Said already, by whoever knew better.
  const error = chain.find(isHostError) ?? chain.at(-1)
  for (const at of chain) {
    if (at instanceof SdkHttpError) {
      status ??= at.status ?? null
      if (typeof at.data?.text === 'string') body ||= at.data.text
    } else if (at instanceof ProtocolError) body ||= at.message
    else if (at instanceof SdkError) {
      const data = at.data as { type?: unknown; text?: unknown } | undefined
      if (typeof data?.type === 'string') type ||= data.type
      if (typeof data?.text === 'string') body ||= data.text
    }
  }
  if (type === '' && isPage(body)) type = 'text/html'
  const detail = chain.map(({ message }) => message).join('\n')
  const said = /^Redirect .* not followed$/.test(body) ? '' : plainLine(redact(saidIn(body))).slice(0, 200)
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return {
    name,
    host,
    status,
    said,
    type,
    detail,
    error,
    waited,
    way: connectionFailure({ host, isHttps: protocol === 'https:', proxy }, cause),
    code: typeof code === 'string' ? code : '',
    rest: restWanted(cause),
  }
}

const isPage = (body: string) => /^\s*<(?:!doctype html|html|head|body)\b/i.test(body)

/** The telling words of a refusal, whatever it is written in. */
function saidIn(body: string): string {
  const text = body.slice(0, 4_000).trim()
  if (isPage(text)) return (/<title[^>]*>([^<]{1,200})/i.exec(text)?.[1] ?? '').trim()
  if (!text.startsWith('{')) return text.startsWith('<') ? '' : text.split('\n', 1)[0]!.slice(0, 200)
  try {
    const { error, error_description, message, detail, title } = JSON.parse(text)
    // FastAPI lists what is wrong with each part.
    const listed = Array.isArray(detail) ? detail[0]?.msg : undefined
    const found = [error?.message, error_description, message, detail, listed, title, error]
    return found.find((one) => typeof one === 'string' && one !== '') ?? ''
  } catch {
    return ''
  }
}

/** What a server said itself in a refusal by HTTP, on one line; empty when it said nothing. */
export function httpWords(error: unknown): string {
  for (const at of causes(error))
    if (at instanceof SdkHttpError) return plainLine(saidIn(String(at.data?.text ?? ''))).slice(0, 300)
  return ''
}
