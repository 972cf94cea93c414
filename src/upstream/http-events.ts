import { StringDecoder } from 'node:string_decoder'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { type AnswerBudget, Arriving } from './answer-budget.ts'

/** Reads a stream of events (HTML Living Standard §9.2.6) from pieces of a body. */
export interface EventReader {
  /** Throws HostError when one event gets too large. */
  add(chunk: Buffer): void
  /** No more comes: what stands there without the empty line that ends an event is one all the same. */
  end(): void
  /** Gives back what an event that is arriving holds. */
  drop(): void
}

export function createEventReader(
  budget: AnswerBudget,
  on: {
    event(event: EventSourceMessage): void
    /** The server wishes this pause before a reconnection. Milliseconds. */
    retry?(milliseconds: number): void
  },
): EventReader {
  const decoder = new StringDecoder('utf8')
  let isFirst = true
  // Since the last event: one event is limited, the stream is not.
  const arriving = new Arriving(budget)
  const parser = createParser({
    onEvent: (event) => {
      arriving.done()
      on.event(event)
    },
    onRetry: (milliseconds) => on.retry?.(milliseconds),
    onComment: () => {
      arriving.done()
    },
  })
  return {
    add(chunk) {
      // What is left of the piece after an event counts for the next one.
      arriving.add(chunk.length)
      const text = decoder.write(chunk)
      parser.feed(isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text)
      if (text !== '') isFirst = false
    },
    end() {
      parser.feed('\n\n')
      arriving.done()
    },
    drop: () => arriving.done(),
  }
}
