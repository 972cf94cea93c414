import type { ServerResponse } from 'node:http'
import { commonHeaders } from '../../net/answers.ts'
import { type EventStream, openEventStream } from '../../net/event-stream.ts'
import type { Framed } from './rpc-messages.ts'

/** Where the messages that belong to one request go. Messages are JSON text of one line. */
export interface Answer {
  /** Whether anything can come before the response. */
  readonly canPush: boolean
  /** Something before the response: a notification, or a request to the client. */
  push(message: string): void
  /** The response. Status and headers are said only where they still can be. */
  end(message: string | Framed, status?: number, headers?: readonly string[]): void
  /** The request was taken back: nobody waits for a response (MCP, "Cancellation"). */
  drop(): void
}

/** As one literal: V8 takes much longer to put lists together. */
const jsonHeaders = (length: number): string[] => [
  'Cache-Control',
  commonHeaders['Cache-Control'],
  'X-Content-Type-Options',
  commonHeaders['X-Content-Type-Options'],
  'Referrer-Policy',
  commonHeaders['Referrer-Policy'],
  'Content-Type',
  'application/json',
  'Content-Length',
  String(length),
]
const noHeaders: readonly string[] = []

const head = (length: number, more: readonly string[]): string[] =>
  more.length === 0 ? jsonHeaders(length) : [...jsonHeaders(length), ...more]

/** Whether the client takes event streams. The last one's answer is remembered: they hardly ever differ. */
let lastAccept: string | undefined
let lastTakes = true
function takesEvents(accept: string | undefined): boolean {
  if (accept !== lastAccept) {
    lastAccept = accept
    lastTakes = accept === undefined || /text\/event-stream|\*\/\*/i.test(accept)
  }
  return lastTakes
}

const textOf = (message: string | Framed): string =>
  typeof message === 'string' ? message : message.before + message.bytes.toString() + message.after

/** The answer to one POST: JSON with its length, or, from the first message before the response on, an event stream. */
export class HttpAnswer implements Answer {
  readonly canPush: boolean
  readonly #res: ServerResponse
  #stream: EventStream | null = null
  #over = false

  constructor(res: ServerResponse) {
    this.#res = res
    this.canPush = takesEvents(res.req.headers.accept)
  }

  push(message: string): void {
    if (this.#over || !this.canPush) return
    this.#stream ??= openEventStream(this.#res)
    this.#stream.send(message)
  }

  end(message: string | Framed, status = 200, headers: readonly string[] = noHeaders): void {
    if (this.#over) return
    this.#over = true
    if (this.#stream) {
      this.#stream.send(textOf(message))
      this.#stream.close()
      return
    }
    const res = this.#res
    if (res.headersSent || res.destroyed) return
    if (typeof message === 'string') {
      res.writeHead(status, head(Buffer.byteLength(message), headers))
      res.end(message)
      return
    }
    const { before, bytes, after } = message
    const length = Buffer.byteLength(before) + bytes.length + Buffer.byteLength(after)
    res.writeHead(status, head(length, headers))
    res.write(before)
    res.write(bytes)
    res.end(after)
  }

  drop(): void {
    if (this.#over) return
    this.#over = true
    if (this.#stream) this.#stream.close()
    else accepted(this.#res)
  }
}

/** The answer to a message that came by POST and is answered on the stream of an HTTP+SSE client (MCP 2024-11-05). */
export class StreamAnswer implements Answer {
  readonly canPush = true
  readonly #stream: EventStream
  #over = false

  constructor(stream: EventStream) {
    this.#stream = stream
  }

  push(message: string): void {
    if (!this.#over) this.#stream.send(message)
  }

  end(message: string | Framed): void {
    this.push(textOf(message))
    this.#over = true
  }

  drop(): void {
    this.#over = true
  }
}

/** The answer to one message of a batch: a part of the one that the POST gets. */
export class PartAnswer implements Answer {
  readonly canPush = false
  readonly #parts: string[]
  #over = false

  constructor(parts: string[]) {
    this.#parts = parts
  }

  push(): void {}

  end(message: string | Framed): void {
    if (!this.#over) this.#parts.push(textOf(message))
    this.#over = true
  }

  drop(): void {
    this.#over = true
  }
}

/** What needs no answer got here. */
export function accepted(res: ServerResponse): void {
  if (res.headersSent || res.destroyed) return
  res.writeHead(202, { ...commonHeaders, 'Content-Length': 0 })
  res.end()
}
