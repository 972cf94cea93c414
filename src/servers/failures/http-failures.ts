/** Long because it is one table: which sentence fits is a matter of what stands above it. */
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { saidLater } from '../../../locales/say.ts'
import { type ErrorParams, type ErrorText, errorText, HostError, isHostError } from '../../kernel/errors.ts'
import { type ConnectionFailure, causes, connectionFailure } from '../../net/connection-failures.ts'
import { duration } from './duration.ts'
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
  says: Said
  /** What only this sentence needs. */
  params?(facts: Facts): Partial<HttpParams>
}
type Said = Extract<ErrorText, `http-${string}` | 'server-version-unknown'>
type HttpParams = ErrorParams<Said>['params']

const later = (rest: number | null) =>
  rest === null ? saidLater('part.inAFewMinutes') : saidLater('part.inTime', { time: duration(rest) })
const is = (status: number) => (facts: Facts) => facts.status === status
/** What happened on the way, by the codes of servers. */
const codes: Record<ConnectionFailure['kind'], string> = {
  proxy: 'proxy-refused',
  certificate: 'server-certificate',
  protocol: 'server-not-mcp',
  unreachable: 'server-unreachable',
}

/** The first row that fits is what is said. What servers answer; what happens on the way to them is in kernel/way-failures.ts. */
const table: readonly Row[] = [
  {
    when: ({ error }) => error instanceof SessionForgotten,
    code: 'server-session-ended',
    says: 'http-session-forgotten',
  },
  {
    when: is(429),
    code: 'server-rate-limited',
    says: 'http-429',
  },
  {
    when: is(401),
    code: 'server-refused',
    says: 'http-401',
  },
  {
    when: ({ status, said }) =>
      (status === 403 || status === 421 || status === 400) &&
      /\b(?:host|origin)\b[^.]{0,40}\b(?:header|not allowed|invalid|forbidden|mismatch|denied)|\b(?:invalid|forbidden|disallowed|unknown|bad) (?:host|origin)\b|only (?:be )?(?:allowed|accessible|reachable|available)[^.]{0,20} (?:at|from|on|via)\b|\blocalhost\b/i.test(
        said,
      ),
    code: 'server-host-refused',
    says: 'http-other-host',
  },
  {
    when: is(403),
    code: 'server-refused',
    says: 'http-403',
  },
  {
    when: is(407),
    code: 'proxy-refused',
    says: 'http-407',
  },
  {
    when: ({ detail }) => /Redirect .*not followed/.test(detail),
    code: 'server-moved',
    says: 'http-redirect',
    params: ({ detail }) => {
      const to = plainLine(/Redirect to (\S+) not followed/.exec(detail)?.[1] ?? '').slice(0, 200)
      return { to, isKnown: to !== '' }
    },
  },
  {
    when: is(511),
    code: 'server-unreachable',
    says: 'http-511',
  },
  {
    when: is(402),
    code: 'server-refused',
    says: 'http-402',
  },
  {
    when: is(451),
    code: 'server-refused',
    says: 'http-451',
  },
  {
    when: ({ status }) => status === 408 || status === 409 || status === 423 || status === 425,
    code: 'server-error',
    says: 'http-not-now',
    params: ({ rest }) => ({ later: rest === null ? saidLater('part.inAMoment') : later(rest) }),
  },
  {
    when: is(421),
    code: 'server-host-refused',
    says: 'http-421',
  },
  {
    when: is(426),
    code: 'server-not-mcp',
    says: 'http-426',
  },
  {
    when: is(431),
    code: 'server-request-too-large',
    says: 'http-431',
  },
  {
    when: is(413),
    code: 'server-request-too-large',
    says: 'http-413',
  },
  {
    when: ({ status, rest }) => status !== null && status >= 500 && rest !== null,
    code: 'server-unreachable',
    says: 'http-busy',
  },
  {
    when: ({ status }) => status !== null && status >= 500,
    code: 'server-unreachable',
    says: 'http-own-problem',
  },
  {
    when: ({ status, type }) => (status === null || status === 404) && type === 'text/html',
    code: 'server-not-mcp',
    says: 'http-web-page',
    params: ({ status }) => ({ isKnown: status !== null }),
  },
  {
    when: ({ status }) => status === 404 || status === 405 || status === 410,
    code: 'server-not-mcp',
    says: 'http-nothing-there',
  },
  {
    when: ({ status }) => status !== null,
    code: 'server-not-mcp',
    says: 'http-not-accepted',
  },
  {
    when: ({ error }) => unknownVersion(error) !== null,
    code: 'server-protocol-unknown',
    says: 'server-version-unknown',
    params: ({ error }) => unknownVersion(error)!,
  },
  {
    when: ({ error }) => error instanceof ProtocolError,
    code: 'server-not-mcp',
    says: 'http-refused-first',
  },
  {
    when: ({ error, code }) =>
      (error instanceof SdkError &&
        [SdkErrorCode.ClientHttpUnexpectedContent, SdkErrorCode.InvalidResult].includes(error.code)) ||
      (error instanceof Error && ['SyntaxError', 'ZodError', '$ZodError'].includes(error.name)) ||
      /^(?:Z_|ERR_ZLIB|ERR_BROTLI|ERR__?(?:ZSTD|ERROR))/.test(code),
    code: 'server-not-mcp',
    says: 'http-unreadable',
    params: ({ type }) => ({
      type: plainLine(type).slice(0, 60),
      isKnown: type !== '' && type !== 'application/json',
    }),
  },
  {
    when: ({ status, way }) => status === null && way !== null,
    code: ({ way }) => codes[way!.kind],
    says: 'http-way',
    params: ({ way }) => ({ why: way!.message, whatToDo: way!.hint }),
  },
  {
    when: ({ waited }) => waited !== null,
    code: 'server-unreachable',
    says: 'http-waited',
    params: ({ waited }) => ({ time: duration(waited!) }),
  },
  {
    when: () => true,
    code: 'server-unreachable',
    says: 'http-unreachable',
  },
]

/** Why a server at an address did not answer as hoped, in words for people. `waited`: milliseconds, when time ran out. */
export function httpFailure(about: About, cause: unknown, waited: number | null): HostError {
  if (isHostError(cause)) return cause
  const facts = factsOf(about, cause, waited)
  if (isHostError(facts.error)) return facts.error
  const row = table.find(({ when }) => when(facts))!
  const { code, says } = row
  const more = row.params?.(facts)
  return new HostError({
    code: typeof code === 'string' ? code : code(facts),
    says,
    params: { ...paramsOf(facts), ...more },
    // What it calls its page, or where it leads, is of its choosing as well.
    quotes: [facts.said, facts.type, more?.to ?? ''].some((words) => words !== ''),
    detail: errorText(cause),
    cause,
  })
}

function paramsOf({ name, host, status, said, rest }: Facts): HttpParams {
  const quote = said === '' ? '' : saidLater('part.itSays', { said })
  const no = { to: '', type: '', versions: '', time: '', why: '', whatToDo: '', isKnown: false }
  return { ...no, name, host, status: status ?? '', quote, later: later(rest) }
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
