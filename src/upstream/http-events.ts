import { StringDecoder } from 'node:string_decoder'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { maxMessage, tooLarge } from './http-exchange.ts'

/** Reads a stream of events (HTML Living Standard §9.2.6) from pieces of a body. */
export interface EventReader {
  /** Throws HostError when one event gets too large. */
  add(chunk: Buffer): void
}

export function createEventReader(on: {
  event(event: EventSourceMessage): void
  /** The server wishes this pause before a reconnection. Milliseconds. */
  retry?(milliseconds: number): void
}): EventReader {
  const decoder = new StringDecoder('utf8')
  // Since the last event: one event is limited, the stream is not.
  let bytes = 0
  const parser = createParser({
    onEvent: (event) => {
      bytes = 0
      on.event(event)
    },
    onRetry: (milliseconds) => on.retry?.(milliseconds),
    onComment: () => {
      bytes = 0
    },
  })
  return {
    add(chunk) {
      bytes += chunk.length
      parser.feed(decoder.write(chunk))
      if (bytes > maxMessage) throw tooLarge()
    },
  }
}
