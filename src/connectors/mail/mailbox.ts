import type { FetchMessageObject, ImapFlow, ListResponse, SearchObject } from 'imapflow'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import { HostError } from '../../kernel/errors.ts'
import { causes } from '../../net/connection-failures.ts'
import { isLoopbackHost } from '../../net/guarded-fetch.ts'
import type { Network } from '../../net/network.ts'
import { garbled, slow, tooMany, unreachable } from '../kit/service.ts'
import { type MailServer, whereToGetPassword } from './providers.ts'

export interface SignIn extends MailServer {
  user: string
  pass: string
}

interface CallLimits {
  readonly network: Network
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly timeLeft: number
  now(): number
  /** Throws where nothing more may be asked. */
  check(): void
}

/** Of what a server may send at once, in bytes and tokens: reading it must not hold up everybody else. */
const limits = {
  maxLineLength: 500_000,
  maxLiteralSize: 1_000_000,
  maxResponseSize: 2_000_000,
  // A mail to thousands of people must not keep its reader from all others.
  maxResponseTokens: 100_000,
}
/** As it is in the id of a mail, and as long as it may be in a question. */
const folderName = /^\P{Cc}{1,500}$/u
/** Milliseconds. */
const patience = { connectionTimeout: 8_000, greetingTimeout: 6_000, socketTimeout: 12_000 }
/** A search looks through so many mails at a time, so that its answers stay short, and the newest are found first. */
const stretch = 4_000
/** Bytes in which the answer for a stretch has room many times over. */
const longestFound = 1_000_000
/** Part of the time of a call in which searching goes on. */
const forSearching = 0.6

/**
 * A mailbox (RFC 9051), for one call: whoever is done closes it. Folders are opened with EXAMINE and texts are peeked at, so that nothing is
 * changed there, not even what counts as read.
 */
export class Mailbox {
  readonly #client: ImapFlow
  readonly #server: MailServer
  readonly #limits: CallLimits
  readonly #lastSearch: number
  readonly #abort: () => void
  readonly #timer: NodeJS.Timeout
  #isLate = false

  private constructor(client: ImapFlow, server: MailServer, call: CallLimits) {
    this.#client = client
    this.#server = server
    this.#limits = call
    this.#lastSearch = performance.now() + call.timeLeft * forSearching
    this.#abort = () => client.close()
    call.signal.addEventListener('abort', this.#abort, { once: true })
    this.#timer = setTimeout(() => {
      this.#isLate = true
      client.close()
    }, call.timeLeft)
  }

  /** Throws HostError, as everything here does. */
  static async open(signIn: SignIn, call: CallLimits): Promise<Mailbox> {
    const { host, port, user, pass } = signIn
    const { ImapFlow } = await import('imapflow')
    const { proxy, trust } = await call.network.route(new URL(`https://${host}:${port}`))
    const isHere = isLoopbackHost(host)
    const secure = port === 993
    const auth = {
      user,
      // Read when it is about to be sent: a server may greet late.
      get pass() {
        call.check()
        return pass
      },
    }
    const client = new ImapFlow({
      ...{ host, port, secure, auth, ...limits, ...patience },
      // On this computer nobody is on the way; programs that stand there for a provider show certificates of their own making.
      ...(secure || isHere ? {} : { doSTARTTLS: true }),
      tls: { ...(trust && { secureContext: trust }), rejectUnauthorized: !isHere },
      ...(proxy && { proxy: proxy.href }),
      ...{ logger: false, disableAutoIdle: true, disableAutoEnable: true, disableCompression: true },
      clientInfo: { name: 'Drawbridge' },
    })
    // What happens after the last answer interests nobody.
    client.on('error', () => {})
    const box = new Mailbox(client, signIn, call)
    try {
      await box.#tried(() => client.connect())
      return box
    } catch (error) {
      await box.close()
      throw error
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#limits.signal.removeEventListener('abort', this.#abort)
    this.#client.close()
  }

  /** Folders that can be opened, and named. */
  async folders(): Promise<ListResponse[]> {
    const all = await this.#tried(() => this.#client.list())
    return all.filter(
      ({ path, flags }) => folderName.test(path) && !flags.has('\\Noselect') && !flags.has('\\NonExistent'),
    )
  }

  /** Throws also when there is no such folder. */
  async look(path: string): Promise<{ exists: number; uidValidity: bigint }> {
    const folder = await this.#tried(() => this.#client.mailboxOpen(path, { readOnly: true }), path)
    // What is there in spite of its type: a server may leave either out.
    const { exists, uidValidity } = folder as Partial<typeof folder>
    if (exists === undefined || uidValidity === undefined)
      throw garbled(this.#server.host, new Error('a folder without EXISTS or UIDVALIDITY'))
    // The client writes out as many answers as there are mails, and the server says how many that are.
    Object.defineProperty(folder, 'exists', { get: () => stretch + 1, set() {} })
    return { exists, uidValidity }
  }

  /** UIDs in the folder that is open, newest first: `more than `most`, where there are as many. `unsearched`: so many of the oldest were not looked at. */
  async search(wanted: SearchObject, { exists, most }: { exists: number; most: number }) {
    let uids: number[] = []
    let top = exists
    while (top > 0 && uids.length <= most && performance.now() < this.#lastSearch) {
      const bottom = Math.max(1, top - stretch + 1)
      const found = await this.#found({ ...wanted, seq: `${bottom}:${top}` })
      if (found.length > top - bottom + 1)
        throw garbled(this.#server.host, new Error('more were found than there are'))
      uids = uids.concat(found.toSorted((a, b) => b - a))
      top = bottom - 1
    }
    return { uids, unsearched: top }
  }

  /** Ends when the answer is longer than any can be. */
  async #found(wanted: SearchObject): Promise<number[]> {
    const before = this.#client.stats().received
    let isEndless = false
    const timer = setInterval(() => {
      if (this.#client.stats().received - before <= longestFound) return
      isEndless = true
      this.#client.close()
    }, 50)
    try {
      const found = await this.#tried(() => this.#client.search(wanted, { uid: true }))
      if (found === false || found === undefined) throw searchRefused(this.#server.host)
      return found as number[]
    } catch (error) {
      throw isEndless ? garbled(this.#server.host, error) : error
    } finally {
      clearInterval(timer)
    }
  }

  /** In the order of `uids`; without those that are gone. */
  async headers(uids: readonly number[]): Promise<FetchMessageObject[]> {
    if (uids.length === 0) return []
    const query = { envelope: true, flags: true, size: true, internalDate: true }
    const all = await this.#tried(() => this.#client.fetchAll(uids.join(','), query, { uid: true }))
    const byUid = new Map(all.map((one) => [one.uid, one]))
    return uids.flatMap((uid) => byUid.get(uid) ?? [])
  }

  /** With what it is made of; null: it is gone. */
  async mail(uid: number): Promise<FetchMessageObject | null> {
    const query = { envelope: true, flags: true, size: true, internalDate: true, bodyStructure: true }
    const found = await this.#tried(() => this.#client.fetchOne(String(uid), query, { uid: true }))
    return found || null
  }

  /** A part of a mail as text, its encoding and its character set undone; of a longer one the beginning. */
  async text(uid: number, part: string, maxBytes: number): Promise<string> {
    const { content } = await this.#tried(() =>
      this.#client.download(String(uid), part, { uid: true, maxBytes }),
    )
    const chunks: Buffer[] = []
    await this.#tried(async () => {
      for await (const chunk of content ?? []) chunks.push(chunk as Buffer)
    })
    return Buffer.concat(chunks).toString('utf8')
  }

  /** In words of ours. Ends with the call's time, whatever the server does. */
  async #tried<T>(what: () => Promise<T>, folder?: string): Promise<T> {
    this.#limits.check()
    try {
      return await what()
    } catch (error) {
      this.#limits.signal.throwIfAborted()
      if (error instanceof HostError) throw error
      if (this.#isLate) throw slow(this.#server.host, error)
      throw failure(this.#server, error, this.#limits.now(), folder)
    }
  }
}

type ImapError = Error & {
  code?: string
  authenticationFailed?: boolean
  serverResponseCode?: string
  mailboxMissing?: boolean
  responseStatus?: string
  throttleReset?: number
  tlsFailed?: boolean
}

const timeouts = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT', 'ETIMEOUT'])
/** RFC 5530 §3. */
const busy = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'THROTTLED'])
const odd =
  /^(?:ParserError|LineTooLarge|LiteralTooLarge|ResponseTooLarge|TooManyTokens|TooManyResponses|MAX_IMAP|InvalidResponse|UnexpectedTag|MissingTag|ResponseProcessing)/

function failure(server: MailServer, cause: unknown, now: number, folder: string | undefined): HostError {
  const { host } = server
  const error = cause as ImapError
  const code = String(error.code ?? '')
  if (code === 'ETHROTTLE' || busy.has(error.serverResponseCode ?? ''))
    return tooMany(host, error.throttleReset || 60_000, now)
  if (error.authenticationFailed) return passwordRefused(server, cause)
  if (folder !== undefined && error.mailboxMissing) return folderUnknown(folder, '', cause)
  if (timeouts.has(code)) return slow(host, cause)
  if (odd.test(code)) return garbled(host, cause)
  if (error.responseStatus !== undefined) return refused(host, cause)
  const isCertificate = causes(error).some((one) =>
    /CERT|SIGNED|UNABLE_TO/.test(String((one as ImapError).code)),
  )
  if (error.tlsFailed && !isCertificate) return notEncrypted(host, cause)
  return unreachable(host, { host, isHttps: false }, true, cause)
}

const passwordRefused = (server: MailServer, cause: unknown) =>
  new HostError({
    code: 'service-key-refused',
    says: 'service-password-refused-mail',
    params: { host: server.host, where: whereToGetPassword(server) },
    cause,
  })
const notEncrypted = (host: string, cause: unknown) =>
  new HostError({ code: 'service-unreachable', says: 'mail-not-encrypted', params: { host }, cause })
export const folderUnknown = (folder: string, folders: string, cause?: unknown) =>
  new HostError({
    code: 'not-found',
    says: 'mail-folder-unknown',
    params: { folder: folder.slice(0, 100), folders: visibleLine(folders, 2_000) },
    cause,
  })
const refused = (host: string, cause: unknown) =>
  new HostError({ code: 'service-refused', says: 'mail-refused', params: { host }, cause })
const searchRefused = (host: string) =>
  new HostError({ code: 'service-refused', says: 'mail-search-refused', params: { host } })
