// HTTP/1.1 over one kept connection, as bare as it can be: the load generator shares two processors with what it
// measures, and whatever it costs itself hides the differences between the others.
import { connect, type Socket } from 'node:net'

export interface Answer {
  status: number
  type: string
  session: string | null
  body: string
}

export interface Lane {
  /** One request at a time. Rejects when the connection ends before the answer. */
  send(method: 'POST' | 'DELETE', headers: string, body: string): Promise<Answer>
  /** Opens the answer to a GET and gives its body as it comes. */
  listen(headers: string, onText: (text: string) => void, onEnd: () => void): void
  close(): void
}

interface Reading {
  onAnswer(answer: Answer): void
  onText: ((text: string) => void) | null
  onError(error: Error): void
}

/** Node's servers end a connection that was idle for five seconds: just then a request would be lost. Milliseconds. */
const idleAtMost = 3_000

/** A lane to the server of `url`; it connects when it is used, again when the server ended the connection meanwhile. */
export function createLane(url: URL): Lane {
  let socket: Socket | null = null
  let reading: Reading | null = null
  let head: { status: number; type: string; session: string | null; length: number } | null = null
  let rest = ''
  let body = ''
  let usedAt = 0

  const ended = (error: Error) => {
    socket?.destroy()
    socket = null
    const waiting = reading
    reading = null
    waiting?.onError(error)
  }
  const open = (): Socket => {
    if (socket?.writable && performance.now() - usedAt < idleAtMost) return socket
    socket?.destroy()
    const made = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    made.setEncoding('latin1')
    made.on('data', (text) => made === socket && take(String(text)))
    made.on('error', (error) => made === socket && ended(error))
    made.on('close', () => made === socket && ended(new Error('the connection ended')))
    socket = made
    usedAt = performance.now()
    return made
  }

  const finish = () => {
    const { status, type, session } = head!
    const done = reading
    const answer = { status, type, session, body }
    head = null
    body = ''
    reading = null
    usedAt = performance.now()
    done?.onAnswer(answer)
  }
  const add = (text: string) => {
    if (reading?.onText) reading.onText(text)
    else body += text
  }
  const take = (text: string) => {
    rest = rest === '' ? text : rest + text
    if (head === null && !readHead()) return
    if (head!.length >= 0) {
      if (rest.length < head!.length) return
      add(rest.slice(0, head!.length))
      rest = rest.slice(head!.length)
      return finish()
    }
    readChunks()
  }
  const readHead = (): boolean => {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return false
    const lines = rest.slice(0, end)
    rest = rest.slice(end + 4)
    const status = Number(lines.slice(9, 12))
    const chunked = /\r\ntransfer-encoding: chunked/i.test(lines)
    const length = chunked ? -1 : Number(/\r\ncontent-length: (\d+)/i.exec(lines)?.[1] ?? 0)
    const type = /\r\ncontent-type: ([^\r;]+)/i.exec(lines)?.[1] ?? ''
    const session = /\r\nmcp-session-id: ([^\r]+)/i.exec(lines)?.[1] ?? null
    head = { status, type, session, length }
    return true
  }
  /** RFC 9112 §7.1; nobody sends trailers here. */
  const readChunks = () => {
    for (;;) {
      const end = rest.indexOf('\r\n')
      if (end < 0) return
      const size = Number.parseInt(rest, 16)
      if (rest.length < end + 4 + size) return
      if (size > 0) add(rest.slice(end + 2, end + 2 + size))
      rest = rest.slice(end + 4 + size)
      if (size === 0) return finish()
    }
  }

  return {
    send: (method, headers, text) =>
      new Promise((onAnswer, onError) => {
        const to = open()
        reading = { onAnswer, onText: null, onError }
        to.write(
          `${method} ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\n${headers}content-length: ${text.length}\r\n\r\n${text}`,
          'latin1',
        )
      }),
    listen(headers, onText, onEnd) {
      const to = open()
      reading = { onAnswer: onEnd, onText, onError: onEnd }
      to.write(
        `GET ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\naccept: text/event-stream\r\n${headers}\r\n`,
      )
    },
    close() {
      reading = null
      socket?.destroy()
      socket = null
    },
  }
}
