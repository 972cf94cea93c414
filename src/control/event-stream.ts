import type { ServerResponse } from 'node:http'
import type { Listen } from '../contract/pipe.ts'
import { type EventStream, openEventStream } from '../net/event-stream.ts'

/** How often it is looked at whether a listener is still welcome. Milliseconds. */
const lookEvery = 20_000
const maxStreams = 64

export interface EventStreams {
  /** Turns a response into a stream of `{name, payload}`. False when there are too many already. */
  add(res: ServerResponse, stillWelcome: () => boolean): boolean
  close(): void
}

/**
 * Server-sent events (HTML standard §9.2): every event of the host, to everybody who listens, with its number as `id`. A
 * stream begins with `hello` and the number of the last event told: whoever asked before that may have missed some.
 */
export function createEventStreams(
  on: (listen: Listen) => () => void,
  revision?: () => number,
): EventStreams {
  const open = new Map<EventStream, () => boolean>()
  const stopListening = on((name, payload, number) => {
    if (open.size === 0) return
    const event = JSON.stringify({ name, payload })
    for (const stream of open.keys()) stream.send(event, undefined, number)
  })
  const looking = setInterval(() => {
    for (const [stream, stillWelcome] of open) if (!stillWelcome()) stream.close()
  }, lookEvery)
  looking.unref()

  return {
    add(res, stillWelcome) {
      if (open.size >= maxStreams) return false
      const stream = openEventStream(res, { retryMs: 1_000, onClosed: () => open.delete(stream) })
      if (!stream.closed) open.set(stream, stillWelcome)
      if (revision) stream.send('{}', 'hello', revision())
      return true
    },
    close() {
      clearInterval(looking)
      stopListening()
      for (const stream of open.keys()) stream.close()
    },
  }
}
