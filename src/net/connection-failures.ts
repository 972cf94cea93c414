import { isHostError } from '../kernel/errors.ts'

/** What happened to a request on its way to another computer, before there was any answer. */
export interface Destination {
  host: string
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
  message: string
  hint: string
}

interface Row {
  when(facts: Facts): boolean
  kind: FailureKind
  message(facts: Facts): string
  hint: string
}

const coded = (pattern: RegExp) => (facts: Facts) => pattern.test(facts.code)
const proxySettings =
  'Look at HTTPS_PROXY and NO_PROXY, or at the proxy in the settings of the system. What NO_PROXY names is asked directly.'
/** Said by those who cannot know whether it will be; whoever gives up takes it back. */
export const triedAgain = 'It is tried again by itself.'
const ownCertificate =
  'If it is your own, or your company’s: save its certificate (or that of the authority which signed it) as a .pem file. Then let your system trust it, if you use the desktop app, or start Drawbridge with NODE_EXTRA_CA_CERTS set to that file. Otherwise do not use it.'

/** The first row that fits is what is said. */
const table: readonly Row[] = [
  {
    when: ({ detail }) => /Proxy response \(407\)|Proxy Authentication Required/.test(detail),
    kind: 'proxy',
    message: ({ host }) =>
      `The proxy of your network wants a name and a password before it leads to ${host}.`,
    hint: 'Start Drawbridge with HTTPS_PROXY=http://name:password@proxy:port, or ask whoever runs the network.',
  },
  {
    when: ({ detail }) => /^(?:Proxy response \(\d+\)|The proxy )/m.test(detail),
    kind: 'proxy',
    message: ({ host, detail }) => {
      const status = /Proxy response \((\d+)\)/.exec(detail)?.[1]
      return `The proxy of your network did not lead us to ${host}${status === undefined ? '' : ` (HTTP ${status})`}.`
    },
    hint: proxySettings,
  },
  {
    when: ({ proxy, code }) =>
      proxy !== undefined &&
      /^(?:ECONNREFUSED|ENOTFOUND|EAI_|EHOST|ENET|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)/.test(code),
    kind: 'proxy',
    message: ({ host, proxy }) =>
      `The proxy of your network (${proxy}), which leads to ${host}, cannot be reached.`,
    hint: `Check that this computer is online. ${proxySettings}`,
  },
  {
    when: coded(/^DEPTH_ZERO_SELF_SIGNED_CERT$/),
    kind: 'certificate',
    message: ({ host }) =>
      `${host} shows a certificate that it made itself (self-signed), so nobody vouches for it.`,
    hint: ownCertificate,
  },
  {
    when: coded(/^(?:SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:VERIFY|GET)_\w+)$/),
    kind: 'certificate',
    message: ({ host }) =>
      `The certificate of ${host} was signed by somebody whom this computer does not know.`,
    hint: `Some companies and virus scanners sign all pages anew. ${ownCertificate}`,
  },
  {
    when: coded(/^CERT_HAS_EXPIRED$/),
    kind: 'certificate',
    message: ({ host }) => `The certificate of ${host} has expired.`,
    hint: 'Whoever runs it has to renew it. Check also that the date of this computer is right.',
  },
  {
    when: coded(/^CERT_NOT_YET_VALID$/),
    kind: 'certificate',
    message: ({ host }) => `The certificate of ${host} is not valid yet.`,
    hint: 'Check that the date and time of this computer are right.',
  },
  {
    when: coded(/^ERR_TLS_CERT_ALTNAME_INVALID$/),
    kind: 'certificate',
    message: ({ host }) => `The certificate that answers at ${host} is for another name.`,
    hint: 'Check the address for a typing mistake, and give the name that the certificate is for. If the address is right, somebody may stand in between.',
  },
  {
    when: coded(/CERT|^CRL_|^HOSTNAME_MISMATCH$/),
    kind: 'certificate',
    message: ({ host, code }) => `The certificate of ${host} is not in order (${code}).`,
    hint: 'Whoever runs it has to mend it.',
  },
  {
    when: ({ isHttps, code, detail }) =>
      isHttps &&
      (code === 'EPROTO' || /^ERR_SSL/.test(code) || /wrong version number|packet length/i.test(detail)),
    kind: 'unreachable',
    message: ({ host }) => `${host} answers, but not over https as the address says.`,
    hint: 'Check the port. If it runs on this computer, its address probably begins with http://.',
  },
  {
    when: ({ code }) => code.startsWith('HPE_') || code === 'HTTPParserError',
    kind: 'protocol',
    message: ({ host }) => `${host} answers, but not in HTTP.`,
    hint: 'Check the port, and whether the address begins with https://.',
  },
  {
    when: coded(/^(?:ENOTFOUND|ENODATA|EAI_NONAME)$/),
    kind: 'unreachable',
    message: ({ host }) => `${host} cannot be reached: there is no computer of that name.`,
    hint: 'Check the address for a typing mistake, and that this computer is online.',
  },
  {
    when: coded(/^EAI_/),
    kind: 'unreachable',
    message: ({ host }) => `${host} cannot be reached: its name cannot be looked up at the moment.`,
    hint: `Check that this computer is online. ${triedAgain}`,
  },
  {
    when: coded(/^ECONNREFUSED$/),
    kind: 'unreachable',
    message: ({ host }) => `${host} cannot be reached: no program answers there.`,
    hint: 'Start the server, and check the port in its address.',
  },
  {
    when: coded(/^(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/),
    kind: 'unreachable',
    message: ({ host }) => `${host} cannot be reached: there is no way to it from this computer.`,
    hint: 'Check that this computer is online, and that a VPN is on if one is needed.',
  },
  {
    when: coded(/^(?:ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/),
    kind: 'unreachable',
    message: ({ host }) => `${host} cannot be reached: it does not answer.`,
    hint: 'Check the address and that the server runs. A firewall, or a VPN that is off, looks the same.',
  },
  {
    when: ({ code, detail }) => isClosing(code, detail),
    kind: 'unreachable',
    message: ({ host }) => `${host} closed the connection before it answered.`,
    hint: 'Try again. If it happens every time, look at what the server itself writes about it.',
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
  return row ? { kind: row.kind, message: row.message(facts), hint: row.hint } : null
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
