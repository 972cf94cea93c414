import { say } from '../../../locales/say.ts'
import { parseJson } from '../../kernel/exact-json.ts'
import type { Redactor } from '../../kernel/log/redact.ts'
import { shorten } from '../../kernel/shorten.ts'
import { readText } from '../../net/network-fetch.ts'

interface Ask {
  method: 'GET' | 'POST' | 'OPTIONS'
  url: string
  headers?: Record<string, string>
  body?: string
  /** Shown instead of the body and headers that were sent: what a person should know about them. */
  about?: string
}

interface Told {
  /** What was sent, and what came back: short, redacted, for people. */
  sent: string
  received: string
  /** Milliseconds. */
  took: number
}

export interface Answered extends Told {
  kind: 'answered'
  url: string
  status: number
  headers: Headers
  /** At most `maxBody` bytes of it. */
  text: string
  /** Undefined when the text is not JSON. */
  json: unknown
}

/** `slow`: no answer in time. `name`: the name of the address is unknown. `stopped`: the whole check ran out of time. */
export type SilentWhy = 'slow' | 'name' | 'refused' | 'certificate' | 'broken' | 'stopped'

interface Silent extends Told {
  kind: 'silent'
  url: string
  why: SilentWhy
}

export type Exchange = Answered | Silent

const maxBody = 64 * 1024
/** Letters of a body that are shown. */
const shownBody = 300

/** Headers worth showing: the ones that the checks are about. */
const shownHeaders = ['www-authenticate', 'location', 'access-control-allow-origin', 'retry-after', 'allow']

/** Sends one request and tells what happened. Follows no redirect, keeps no cookie, throws nothing. */
export type Asker = (ask: Ask) => Promise<Exchange>

export function createAsker(deps: {
  fetch: typeof fetch
  redactor: Pick<Redactor, 'text'>
  /** Milliseconds for one request, body included. */
  timeout: number
  /** Ends everything that is under way. */
  signal: AbortSignal
}): Asker {
  const show = (text: string) => shorten(deps.redactor.text(text), shownBody)

  return async ({ method, url, headers = {}, body, about }) => {
    const sent = deps.redactor.text(
      `${method} ${url.replace(/\?.*/, '?…')}${about === undefined ? '' : `\n${about}`}`,
    )
    const started = performance.now()
    const took = () => Math.round(performance.now() - started)
    const slow = AbortSignal.timeout(deps.timeout)
    try {
      const response = await deps.fetch(url, {
        method,
        headers,
        redirect: 'manual',
        signal: AbortSignal.any([deps.signal, slow]),
        ...(body === undefined ? {} : { body }),
      })
      const text = await readText(response, maxBody)
      const told = [`${response.status} ${response.headers.get('content-type') ?? ''}`.trim()]
      for (const name of shownHeaders) {
        const value = response.headers.get(name)
        if (value !== null) told.push(`${name}: ${show(value)}`)
      }
      if (text !== '') told.push(show(isPage(response.headers, text) ? textOfPage(text) : text))
      return {
        kind: 'answered',
        url,
        sent,
        received: told.join('\n'),
        took: took(),
        status: response.status,
        headers: response.headers,
        text,
        json: parseJson(text),
      }
    } catch (error) {
      const why = deps.signal.aborted ? 'stopped' : slow.aborted ? 'slow' : reasonOf(error)
      return { kind: 'silent', url, why, sent, received: show(silence(why, error)), took: took() }
    }
  }
}

/** The code that Node or undici gave, wherever in the chain of causes it hangs. */
function codesOf(error: unknown): string {
  const codes: string[] = []
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    codes.push(String((at as NodeJS.ErrnoException).code ?? ''))
    if (at instanceof AggregateError) codes.push(...at.errors.map((one) => String(one?.code ?? '')))
  }
  return codes.join(' ')
}

function reasonOf(error: unknown): SilentWhy {
  const codes = codesOf(error)
  if (/ENOTFOUND|EAI_AGAIN|ENODATA/.test(codes)) return 'name'
  if (/TIMEOUT|ETIMEDOUT/.test(codes)) return 'slow'
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/.test(codes)) return 'refused'
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY|EPROTO/.test(codes)) return 'certificate'
  return 'broken'
}

function silence(why: SilentWhy, error: unknown): string {
  if (why === 'slow') return say('doctor.noAnswerInTime')
  if (why === 'stopped') return say('doctor.checkEndedBeforeAnswer')
  const { message, cause } = error as Error
  return say('doctor.noAnswer', { cause: cause instanceof Error ? cause.message || message : message })
}

/** Whether this is a web page, whatever it claims to be. */
export const isPage = (headers: Headers, text: string): boolean =>
  /text\/html/i.test(headers.get('content-type') ?? '') || /^\s*<(?:!doctype|html|head|body)/i.test(text)

/** What a person would read of a page. */
const textOfPage = (html: string): string =>
  html
    .replace(/<(style|script)\b[\s\S]*?(?:<\/\1\s*>|$)/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
