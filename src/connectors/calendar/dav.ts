import { HostError } from '../../kernel/errors.ts'
import type { Ask } from '../kit/ask.ts'
import type { DavResponse } from '../reading/multistatus.ts'
import { NotRead, type ReadingThread } from '../reading/reading-thread.ts'

/** With every request, wherever at the provider it goes. */
export interface DavAccount {
  server: string
}

export interface DavCalendar {
  name: string
  url: string
}

const propfind = `<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><d:current-user-principal/><c:calendar-home-set/><d:resourcetype/><d:displayname/><c:supported-calendar-component-set/></d:prop></d:propfind>`

/** RFC 4791 §9.9: in UTC. */
const query = (start: string, end: string) => `<?xml version="1.0" encoding="utf-8"?>
<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><c:calendar-data/></d:prop><c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT"><c:time-range start="${start}" end="${end}"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>`

const mostCalendars = 50
const day = 86_400_000

/**
 * A CalDAV server (RFC 4791), as one account. It names other addresses of its own by itself; the password goes to none but the one that
 * the owner typed, and, at iCloud, to the computer of that account.
 */
export class Dav {
  readonly #ask: Ask<DavAccount>
  readonly #thread: ReadingThread
  readonly #headers: Readonly<Record<string, string>>
  readonly #start: URL

  constructor(ask: Ask<DavAccount>, thread: ReadingThread, headers: Readonly<Record<string, string>>) {
    this.#ask = ask
    this.#thread = thread
    this.#headers = headers
    this.#start = new URL(ask.account.server)
  }

  /** Those that hold events. The address may be that of one of them, of somebody's own place, or just of the server (RFC 6764 §6). */
  async calendars(): Promise<DavCalendar[]> {
    const own =
      (await this.#find(this.#start)) ?? (await this.#find(new URL('/.well-known/caldav', this.#start)))
    if (own === null) throw notThere(this.#start.host)
    if (own.one.isCalendar) return [shown(own.one, own.at)]
    const at = (href: string) => {
      const url = URL.parse(href, own.at.href)
      if (url === null) throw notThere(this.#start.host)
      return url
    }
    const home =
      own.one.home ??
      (own.one.principal === null ? null : (await this.#find(at(own.one.principal)))?.one.home)
    if (!home) throw notThere(this.#start.host)
    const all = await this.#propfind(at(home), 1)
    return (
      all
        .filter(
          ({ isCalendar, components }) =>
            isCalendar && (components.length === 0 || components.includes('VEVENT')),
        )
        // One address that is none costs itself.
        .filter(({ href }) => URL.canParse(href, at(home).href))
        .slice(0, mostCalendars)
        .map((one) => shown(one, at(home)))
    )
  }

  /** What a calendar has between two moments, and around them: what is whole days may be others there. */
  async events(calendar: DavCalendar, start: number, end: number): Promise<string> {
    const time = (at: number) => `${new Date(at).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`
    const body = query(time(start - day), time(end + day))
    const found = await this.#send('REPORT', new URL(calendar.url), 1, body)
    return found.map(({ data }) => data).join('\r\n')
  }

  /** Null: it is not here, or nobody's. */
  async #find(at: URL): Promise<{ one: DavResponse; at: URL } | null> {
    try {
      const [one] = await this.#propfind(at, 0)
      const is = one !== undefined && (one.isCalendar || one.home !== null || one.principal !== null)
      return is ? { one, at } : null
    } catch (error) {
      if (error instanceof HostError && notHere.has(error.code)) return null
      throw error
    }
  }

  #propfind(at: URL, depth: 0 | 1): Promise<DavResponse[]> {
    return this.#send('PROPFIND', at, depth, propfind)
  }

  async #send(method: 'PROPFIND' | 'REPORT', at: URL, depth: 0 | 1, body: string): Promise<DavResponse[]> {
    const headers = { ...this.#headers, accept: '*/*', 'content-type': 'application/xml; charset=utf-8' }
    const options = { body, headers: { ...headers, depth: String(depth) } }
    const xml = await this.#askAt(at).text(method, at.href, options)
    try {
      return await this.#thread.read('multistatus', xml)
    } catch (error) {
      if (error instanceof NotRead) throw unreadable(this.#start.host, error)
      throw error
    }
  }

  #askAt({ origin, host, protocol }: URL): Ask<DavAccount> {
    if (origin === this.#start.origin) return this.#ask
    const isSame =
      protocol === 'https:' && [host, this.#start.host].every((one) => one.endsWith('.icloud.com'))
    if (isSame) return this.#ask.elsewhere(origin)
    throw new HostError({
      code: 'service-refused',
      says: 'service-leads-elsewhere',
      params: { name: this.#start.host, status: 207, host },
    })
  }
}

const notHere = new Set(['service-refused', 'service-answer-invalid', 'service-rights-missing'])

const shown = ({ name, href }: DavResponse, at: URL): DavCalendar => {
  const url = new URL(href, at)
  return { url: url.href, name: name || decodedName(url) }
}

/** The last part of its path. */
function decodedName({ pathname }: URL): string {
  const last = pathname.split('/').filter(Boolean).at(-1) ?? ''
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

const notThere = (host: string) =>
  new HostError({ code: 'not-found', says: 'not-found-calendars', params: { host } })
const unreadable = (name: string, cause: unknown) =>
  new HostError({ code: 'service-answer-invalid', params: { name }, cause })
