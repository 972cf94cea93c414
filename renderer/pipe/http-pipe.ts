import { say } from '../../locales/say.ts'
import type { Listen, Reply } from '../../src/contract/pipe.ts'
import type { LinkState, ShellPipe } from './shell-pipe.ts'

/** Starting a server for the first time may download it: longer than any other answer. */
const CALL_TIMEOUT_MS = 180_000
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 8_000

interface EventSourceLike {
  readonly readyState: number
  addEventListener(type: string, listen: (event: { data?: unknown; lastEventId?: string }) => void): void
  close(): void
}

export interface HttpPipeDeps {
  /** '' for same-origin. */
  base: string
  csrf: string
  fetch: typeof fetch
  openEvents(url: string): EventSourceLike
}

/** What kept an answer from coming, in words of this side. */
const failure = (code: string, what: 'unreachable' | 'timeout' | 'signedOut' | 'badAnswer'): Reply => ({
  ok: false,
  error: { code, message: say(`pipe.${what}.message`), hint: say(`pipe.${what}.hint`) },
})

/** The way over the private listener: calls by POST, events as a stream of server-sent events. */
export class HttpPipe implements ShellPipe {
  readonly #deps: HttpPipeDeps
  readonly #listeners = new Set<Listen>()
  readonly #beginListeners = new Set<(revision: number) => void>()
  readonly #linkListeners = new Set<(state: LinkState) => void>()
  #link: LinkState = 'up'
  #events: EventSourceLike | null = null
  #retry: ReturnType<typeof setTimeout> | null = null
  #delay = FIRST_RETRY_MS
  #closed = false

  constructor(deps: HttpPipeDeps) {
    this.#deps = deps
    this.#connect()
  }

  async call(name: string, input: unknown): Promise<Reply> {
    let response: Response
    try {
      response = await this.#deps.fetch(`${this.#deps.base}/api/call/${encodeURIComponent(name)}`, {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'content-type': 'application/json', 'x-drawbridge-csrf': this.#deps.csrf },
        body: JSON.stringify({ input }),
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      })
    } catch (error) {
      const late = error instanceof DOMException && error.name === 'TimeoutError'
      return late ? failure('timeout', 'timeout') : failure('unreachable', 'unreachable')
    }
    if (response.status === 401) {
      this.#setLink('signed-out')
      return failure('signed_out', 'signedOut')
    }
    try {
      const reply: unknown = await response.json()
      if (isReply(reply)) return reply
    } catch {
      // Not JSON: answered below like any other answer that makes no sense.
    }
    return failure('bad_answer', 'badAnswer')
  }

  on(listen: Listen): () => void {
    this.#listeners.add(listen)
    return () => this.#listeners.delete(listen)
  }

  onBegin(listen: (revision: number) => void): () => void {
    this.#beginListeners.add(listen)
    return () => this.#beginListeners.delete(listen)
  }

  link(): LinkState {
    return this.#link
  }

  onLink(listen: (state: LinkState) => void): () => void {
    this.#linkListeners.add(listen)
    return () => this.#linkListeners.delete(listen)
  }

  close(): void {
    this.#closed = true
    this.#events?.close()
    if (this.#retry) clearTimeout(this.#retry)
  }

  #setLink(next: LinkState): void {
    if (this.#link === next || this.#closed) return
    this.#link = next
    for (const listen of this.#linkListeners) listen(next)
  }

  #connect(): void {
    if (this.#closed) return
    const source = this.#deps.openEvents(`${this.#deps.base}/api/events`)
    this.#events = source
    source.addEventListener('open', () => {
      if (this.#events !== source) return
      this.#delay = FIRST_RETRY_MS
      this.#setLink('up')
    })
    source.addEventListener('hello', ({ lastEventId }) => {
      const revision = revisionOf(lastEventId)
      if (revision !== undefined) for (const listen of this.#beginListeners) listen(revision)
    })
    source.addEventListener('message', ({ data, lastEventId }) => {
      const message = parseMessage(data)
      if (!message) return
      const revision = revisionOf(lastEventId)
      for (const listen of this.#listeners) listen(message.name, message.payload, revision)
    })
    source.addEventListener('error', () => this.#ended(source))
  }

  #ended(source: EventSourceLike): void {
    if (this.#events !== source || this.#closed) return
    // The browser's own retry has no upper pause and stops for good on a refusal: ours does both jobs.
    source.close()
    this.#events = null
    if (this.#link !== 'signed-out') this.#setLink('lost')
    // An EventSource hides the status; a call tells a refusal (401) from a host that is gone.
    void this.call('status.get', undefined).then((reply) => {
      if (reply.ok) this.#delay = Math.min(this.#delay, 1_000)
      this.#again()
    })
  }

  #again(): void {
    if (this.#closed || this.#retry) return
    this.#retry = setTimeout(() => {
      this.#retry = null
      this.#connect()
    }, this.#delay)
    this.#delay = Math.min(this.#delay * 2, LAST_RETRY_MS)
  }
}

function isReply(value: unknown): value is Reply {
  if (typeof value !== 'object' || value === null || !('ok' in value)) return false
  if (value.ok === true) return true
  if (value.ok !== false || !('error' in value)) return false
  const error = value.error as Record<string, unknown> | null
  return typeof error?.message === 'string' && typeof error.hint === 'string'
}

/** The event's number; undefined from a host that gives none. */
const revisionOf = (id: string | undefined): number | undefined =>
  /^\d+$/.test(id ?? '') ? Number(id) : undefined

function parseMessage(data: unknown): { name: string; payload: unknown } | null {
  if (typeof data !== 'string') return null
  try {
    const message = JSON.parse(data) as { name?: unknown; payload?: unknown } | null
    return typeof message?.name === 'string' ? { name: message.name, payload: message.payload } : null
  } catch {
    return null
  }
}
