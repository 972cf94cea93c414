import type { ServerResponse } from 'node:http'
import { commonHeaders } from './answers.ts'

/** Comments keep tunnels and proxies from taking a quiet stream for a dead one. Milliseconds. */
const keepAliveMs = 15_000
/** A client that does not read is not worth more memory than this, in bytes, beside what was said last. */
const mostUnread = 4 * 1024 * 1024

/** Server-sent events (HTML standard §9.2) on one response. */
export interface EventStream {
  /** `data` is one line. Nothing happens once the stream is closed. */
  send(data: string, event?: string): void
  /** Ends the response after what was sent. */
  close(): void
  readonly closed: boolean
}

const headers = [
  ...Object.entries(commonHeaders)
    // the stream must also not be packed by what stands between us and the client
    .flatMap(([name, value]) => [name, name === 'Cache-Control' ? `${value}, no-transform` : value]),
  'Content-Type',
  'text/event-stream',
  'X-Accel-Buffering',
  'no',
]

/** Begins the answer. The client sees at once that the stream stands, even if nothing comes for a while. */
export function openEventStream(
  res: ServerResponse,
  options: { headers?: readonly string[]; onClosed?(): void } = {},
): EventStream {
  let closed = res.destroyed || res.writableEnded
  const timer = setInterval(() => write(': keep-alive\n\n'), keepAliveMs)
  timer.unref()
  const ended = () => {
    clearInterval(timer)
    if (closed) return
    closed = true
    options.onClosed?.()
  }
  let mayWait = mostUnread
  const write = (text: string) => {
    if (closed) return
    if (res.writableLength > mayWait) {
      res.destroy()
      return
    }
    mayWait = mostUnread + text.length
    res.write(text)
  }
  if (closed) clearInterval(timer)
  else {
    res.writeHead(200, [...headers, ...(options.headers ?? [])])
    res.flushHeaders()
    res.once('close', ended)
  }
  return {
    send: (data, event = 'message') => write(`event: ${event}\ndata: ${data}\n\n`),
    close() {
      if (closed) return
      ended()
      res.end()
    },
    get closed() {
      return closed
    },
  }
}
