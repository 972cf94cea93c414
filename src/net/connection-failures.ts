import { type Sentence, saidLater } from '../../locales/say.ts'
import { type ErrorText, errorSentences, isHostError } from '../kernel/errors.ts'

/** What happened to a request on its way to another computer, before there was any answer. */
export interface Destination {
  host: string | Sentence
  isHttps: boolean
  /** Host of the proxy in between; absent: there is none. */
  proxy?: string | undefined
}

interface Facts extends Destination {
  /** Of the innermost error (`ECONNREFUSED`, `CERT_HAS_EXPIRED` …). */
  code: string
  /** All messages on the way to the innermost error. */
  detail: string
}

/** `certificate`: the other side could not show who it is. `protocol`: it speaks something else. `unreachable`: it may be there later. */
type FailureKind = 'proxy' | 'certificate' | 'protocol' | 'unreachable'

export interface ConnectionFailure {
  kind: FailureKind
  message: Sentence
  hint: Sentence
}

type Way = Extract<ErrorText, `way-${string}`>

interface Row {
  when(facts: Facts): boolean
  kind: FailureKind
  says: Way
}

const coded = (pattern: RegExp) => (facts: Facts) => pattern.test(facts.code)
/** Said by those who cannot know whether it will be; whoever gives up takes it back. */
export const triedAgain = saidLater('part.triedAgain')

/** The first row that fits is what is said. */
const table: readonly Row[] = [
  {
    when: ({ detail }) => /Proxy response \(407\)|Proxy Authentication Required/.test(detail),
    kind: 'proxy',
    says: 'way-proxy-password',
  },
  {
    when: ({ detail }) => /^(?:Proxy response \(\d+\)|The proxy )/m.test(detail),
    kind: 'proxy',
    says: 'way-proxy-refused',
  },
  {
    when: ({ proxy, code }) =>
      proxy !== undefined &&
      /^(?:ECONNREFUSED|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)/.test(code),
    kind: 'proxy',
    says: 'way-proxy-unreachable',
  },
  {
    when: coded(/^DEPTH_ZERO_SELF_SIGNED_CERT$/),
    kind: 'certificate',
    says: 'way-self-signed',
  },
  {
    when: coded(/^(?:SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:VERIFY|GET)_\w+)$/),
    kind: 'certificate',
    says: 'way-signed-by-unknown',
  },
  {
    when: coded(/^CERT_HAS_EXPIRED$/),
    kind: 'certificate',
    says: 'way-expired',
  },
  {
    when: coded(/^CERT_NOT_YET_VALID$/),
    kind: 'certificate',
    says: 'way-not-valid-yet',
  },
  {
    when: coded(/^ERR_TLS_CERT_ALTNAME_INVALID$/),
    kind: 'certificate',
    says: 'way-other-name',
  },
  {
    when: coded(/CERT|^CRL_|^HOSTNAME_MISMATCH$/),
    kind: 'certificate',
    says: 'way-certificate',
  },
  {
    when: ({ isHttps, code, detail }) =>
      isHttps &&
      (code === 'EPROTO' || /^ERR_SSL/.test(code) || /wrong version number|packet length/i.test(detail)),
    kind: 'unreachable',
    says: 'way-not-https',
  },
  {
    when: ({ code }) => code.startsWith('HPE_') || code === 'HTTPParserError',
    kind: 'protocol',
    says: 'way-not-http',
  },
  {
    when: coded(/^(?:ENOTFOUND|ENODATA|EAI_NONAME)$/),
    kind: 'unreachable',
    says: 'way-no-such-name',
  },
  {
    when: coded(/^EAI_/),
    kind: 'unreachable',
    says: 'way-no-look-up',
  },
  {
    when: coded(/^ECONNREFUSED$/),
    kind: 'unreachable',
    says: 'way-refused',
  },
  {
    when: coded(/^(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/),
    kind: 'unreachable',
    says: 'way-no-way',
  },
  {
    when: coded(/^(?:ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/),
    kind: 'unreachable',
    says: 'way-no-answer',
  },
  {
    when: ({ code, detail }) => isClosing(code, detail),
    kind: 'unreachable',
    says: 'way-closed',
  },
]

/** What an error of Node or undici says about the way, in words for people; null: nothing. */
export function connectionFailure(way: Destination, error: unknown): ConnectionFailure | null {
  const chain = causes(error)
  const innermost = chain.at(-1)
  if (innermost === undefined || chain.some(isHostError)) return null
  const given = (innermost as NodeJS.ErrnoException).code
  const facts: Facts = {
    ...way,
    // undici's parser has a name, and not always a code.
    code: typeof given === 'string' ? given : innermost.name,
    detail: chain.map(({ message }) => message).join('\n'),
  }
  const row = table.find(({ when }) => when(facts))
  if (row === undefined) return null
  const { host, proxy = '', code } = facts
  const status = /Proxy response \((\d+)\)/.exec(facts.detail)?.[1] ?? 'none'
  return { kind: row.kind, ...errorSentences(row.says, { host, proxy, code, status, triedAgain }) }
}

const isClosing = (code: string, detail: string): boolean =>
  /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED)$/.test(code) || /other side closed|hang up/i.test(detail)

/** Whether somebody was there and closed the connection: that says nothing about the other connections to the same place. */
export const isCutOff = (error: unknown): boolean =>
  causes(error).some((one) => isClosing(String((one as NodeJS.ErrnoException).code ?? ''), one.message))

/** An error and what caused it, one after the other. Where a name has several addresses, the first of their errors stands for all. */
export function causes(error: unknown): Error[] {
  const chain: Error[] = []
  for (let at = error; at instanceof Error && chain.length < 20; ) {
    chain.push(at)
    at = at.cause ?? (at instanceof AggregateError ? at.errors[0] : undefined)
  }
  return chain
}
