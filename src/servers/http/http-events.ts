import { StringDecoder } from 'node:string_decoder'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { type HostError, isHostError } from '../../kernel/errors.ts'
import { type AnswerBudget, Arriving } from '../framing/answer-budget.ts'
import type { Overlong } from '../framing/line-splitter.ts'

/** Characters that are kept of the beginning and the end of an event that is passed over. */
const kept = 256

/** Reads a stream of events (HTML Living Standard §9.2.6) from pieces of a body. */
export interface EventReader {
  /** Throws HostError when one event gets too large and nobody wants to know of that. */
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
    /** An event was too large and passed over: where all answers come on one stream, it costs the one that was in it. */
    overlong?(event: Pick<Overlong, 'head' | 'tail' | 'why'>): void
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
  /** Of the event that is arriving. */
  let head = ''
  let passing: { tail: string; why: HostError } | null = null
  const keepHead = (text: string) => {
    const [plain, returned] = [text.lastIndexOf('\n\n'), text.lastIndexOf('\r\n\r\n')]
    const begin = Math.max(plain === -1 ? -1 : plain + 2, returned === -1 ? -1 : returned + 4)
    if (begin !== -1) head = text.slice(begin, begin + 2 * kept)
    else if (head.length < 2 * kept) head += text.slice(0, 2 * kept)
  }
  /** Looks for the end of an event that is passed over, and goes on behind it. */
  const pass = (text: string, { tail, why }: { tail: string; why: HostError }) => {
    const all = tail + text
    const end = /\r?\n\r?\n/.exec(all)
    if (end === null) {
      passing = { tail: all.slice(-kept), why }
      return
    }
    passing = null
    parser.reset()
    on.overlong?.({
      head: head.slice(Math.max(0, head.indexOf('{'))),
      tail: all.slice(0, end.index).slice(-kept),
      why,
    })
    head = ''
    read(all.slice(end.index + end[0].length))
  }
  const read = (text: string) => {
    if (on.overlong) keepHead(text)
    parser.feed(isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text)
    if (text !== '') isFirst = false
  }
  return {
    add(chunk) {
      if (passing) {
        pass(decoder.write(chunk), passing)
        return
      }
      try {
        // What is left of the piece after an event counts for the next one.
        arriving.add(chunk.length)
      } catch (why) {
        if (!on.overlong || !isHostError(why)) throw why
        pass(decoder.write(chunk), { tail: '', why })
        return
      }
      read(decoder.write(chunk))
    },
    end() {
      parser.feed('\n\n')
      arriving.done()
    },
    drop: () => arriving.done(),
  }
}
