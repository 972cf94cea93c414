import type { ServerResponse } from 'node:http'
import type { Listen } from '../contract/pipe.ts'

/** Under the 30 s after which proxies and browsers begin to doubt a silent stream. */
const pingEvery = 20_000
/** A reader that fell this far behind (a sleeping tab) is cut off; it reconnects and asks for the state anew. */
const maxBehind = 4_000_000
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
  const open = new Map<ServerResponse, () => boolean>()
  const send = (text: string) => {
    for (const res of open.keys()) {
      if (res.writableLength > maxBehind) res.destroy()
      else res.write(text)
    }
  }
  const stopListening = on((name, payload, number) => {
    const id = number === undefined ? '' : `id: ${number}\n`
    if (open.size > 0) send(`${id}data: ${JSON.stringify({ name, payload })}\n\n`)
  })
  const pings = setInterval(() => {
    for (const [res, stillWelcome] of open) if (!stillWelcome()) res.end()
    send(': still here\n\n')
  }, pingEvery)
  pings.unref()

  return {
    add(res, stillWelcome) {
      if (open.size >= maxStreams) return false
      res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
      res.write('retry: 1000\n: connected\n\n')
      if (revision) res.write(`event: hello\nid: ${revision()}\ndata: {}\n\n`)
      open.set(res, stillWelcome)
      res.on('close', () => open.delete(res))
      res.on('error', () => open.delete(res))
      return true
    },
    close() {
      clearInterval(pings)
      stopListening()
      for (const res of open.keys()) res.end()
      open.clear()
    },
  }
}
