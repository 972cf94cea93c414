/** HTTP as tests need it: exactly as written, however wrong. */
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'

export interface Wanted {
  method?: string
  path?: string
  headers?: Record<string, string | string[]>
  body?: string | Buffer
}

export interface Got {
  status: number
  headers: IncomingMessage['headers']
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: answers of every kind are looked into
  json: any
}

/** A request exactly as written: unlike fetch, it leaves Host, path and headers alone. */
export function send(port: number, wanted: Wanted): Promise<Got> {
  return new Promise((resolve, reject) => {
    const req = request(
      {
        port,
        host: '127.0.0.1',
        method: wanted.method ?? 'GET',
        path: wanted.path ?? '/',
        headers: wanted.headers,
        setHost: false,
        agent: false,
      },
      (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk) => chunks.push(chunk))
        res.on('error', reject)
        res.on('end', () => {
          const body = Buffer.concat(chunks).toString()
          let json: unknown
          try {
            json = JSON.parse(/^data: (.*)$/m.exec(body)?.[1] ?? body)
          } catch {}
          resolve({ status: res.statusCode!, headers: res.headers, text: body, json })
        })
      },
    )
    req.on('error', reject)
    req.end(wanted.body)
  })
}

export const rpc = (method: string, params: unknown = {}, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
})

/** Bytes as they are, and all that comes back until the other side closes. */
export function raw(port: number, parts: string[], pauseMs = 0): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let got = ''
    socket.on('data', (chunk) => {
      got += chunk
    })
    socket.on('close', () => resolve(got))
    socket.on('error', () => {})
    void (async () => {
      for (const part of parts) {
        if (socket.destroyed) break
        socket.write(part)
        if (pauseMs > 0) await new Promise((next) => setTimeout(next, pauseMs))
      }
    })()
  })
}

/** An answer that comes in events; `events` grows while it is open. */
export interface Events {
  status: number
  headers: IncomingMessage['headers']
  // biome-ignore lint/suspicious/noExplicitAny: messages of every kind are looked into
  events: { event: string; data: any }[]
  /** Comments, which keep the stream alive. */
  comments: string[]
  /** Resolves when the other side has ended it. */
  ended: Promise<void>
  close(): void
}

/** A request whose answer is read as it comes. */
export function openEvents(port: number, wanted: Wanted): Promise<Events> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', path = '/', headers } = wanted
    const req = request(
      { port, host: '127.0.0.1', method, path, headers, setHost: false, agent: false },
      (res) => {
        const ended = Promise.withResolvers<void>()
        const got: Events = {
          status: res.statusCode!,
          headers: res.headers,
          events: [],
          comments: [],
          ended: ended.promise,
          close: () => req.destroy(),
        }
        let rest = ''
        res.on('data', (chunk) => {
          const parts = (rest + chunk).split('\n\n')
          rest = parts.pop()!
          for (const part of parts) {
            const data = /^data: (.*)$/m.exec(part)?.[1]
            if (data === undefined) got.comments.push(part)
            else {
              const event = /^event: (.*)$/m.exec(part)?.[1] ?? 'message'
              got.events.push({ event, data: data.startsWith('{') ? JSON.parse(data) : data })
            }
          }
        })
        res.on('error', () => ended.resolve())
        res.on('close', () => ended.resolve())
        resolve(got)
      },
    )
    req.on('error', reject)
    req.end(wanted.body)
  })
}
