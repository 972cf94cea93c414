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

const failure = (code: string, message: string, hint: string): Reply => ({
  ok: false,
  error: { code, message, hint },
})

const unreachable = () =>
  failure(
    'unreachable',
    'Drawbridge does not answer.',
    'It may have been closed. This page tries again by itself.',
  )

/** The way over the private listener: calls by POST, events as a stream of server-sent events. */
export function createHttpPipe(deps: HttpPipeDeps): ShellPipe {
  const listeners = new Set<Listen>()
  const beginListeners = new Set<(revision: number) => void>()
  const linkListeners = new Set<(state: LinkState) => void>()
  let link: LinkState = 'up'
  let events: EventSourceLike | null = null
  let retry: ReturnType<typeof setTimeout> | null = null
  let delay = FIRST_RETRY_MS
  let closed = false

  const setLink = (next: LinkState) => {
    if (link === next || closed) return
    link = next
    for (const listen of linkListeners) listen(next)
  }

  const call = async (name: string, input: unknown): Promise<Reply> => {
    let response: Response
    try {
      response = await deps.fetch(`${deps.base}/api/call/${encodeURIComponent(name)}`, {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'content-type': 'application/json', 'x-drawbridge-csrf': deps.csrf },
        body: JSON.stringify({ input }),
        signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
      })
    } catch (error) {
      if (error instanceof DOMException && error.name === 'TimeoutError')
        return failure(
          'timeout',
          'That took too long.',
          'Look at the page again in a moment, then try again.',
        )
      return unreachable()
    }
    if (response.status === 401) {
      setLink('signed-out')
      return failure(
        'signed_out',
        'This browser is not signed in to Drawbridge any more.',
        'Open the link that Drawbridge printed.',
      )
    }
    try {
      const reply: unknown = await response.json()
      if (isReply(reply)) return reply
    } catch {
      // Not JSON: answered below like any other answer that makes no sense.
    }
    return failure(
      'bad_answer',
      'Drawbridge gave an answer this page does not understand.',
      'Reload the page. If it stays, restart Drawbridge.',
    )
  }

  const again = () => {
    if (closed || retry) return
    retry = setTimeout(() => {
      retry = null
      connect()
    }, delay)
    delay = Math.min(delay * 2, LAST_RETRY_MS)
  }

  function connect() {
    if (closed) return
    const source = deps.openEvents(`${deps.base}/api/events`)
    events = source
    source.addEventListener('open', () => {
      if (events !== source) return
      delay = FIRST_RETRY_MS
      setLink('up')
    })
    source.addEventListener('hello', ({ lastEventId }) => {
      const revision = revisionOf(lastEventId)
      if (revision !== undefined) for (const listen of beginListeners) listen(revision)
    })
    source.addEventListener('message', ({ data, lastEventId }) => {
      const message = parseMessage(data)
      if (!message) return
      const revision = revisionOf(lastEventId)
      for (const listen of listeners) listen(message.name, message.payload, revision)
    })
    source.addEventListener('error', () => {
      if (events !== source || closed) return
      // The browser's own retry has no upper pause and stops for good on a refusal: ours does both jobs.
      source.close()
      events = null
      if (link !== 'signed-out') setLink('lost')
      // An EventSource hides the status; a call tells a refusal (401) from a host that is gone.
      void call('status.get', undefined).then((reply) => {
        if (reply.ok) delay = Math.min(delay, 1_000)
        again()
      })
    })
  }

  connect()
  return {
    call,
    on: (listen) => {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
    onBegin: (listen) => {
      beginListeners.add(listen)
      return () => beginListeners.delete(listen)
    },
    link: () => link,
    onLink: (listen) => {
      linkListeners.add(listen)
      return () => linkListeners.delete(listen)
    },
    close: () => {
      closed = true
      events?.close()
      if (retry) clearTimeout(retry)
    },
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
