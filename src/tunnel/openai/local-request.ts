import { Agent, type IncomingMessage, request } from 'node:http'

/** A request that came through the tunnel, as our own public listener gets it. */
export interface LocalRequest {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  /** The one of our origins it is for. */
  origin: string
  headers?: Readonly<Record<string, string | readonly string[]>>
  body?: string | Buffer
}

/** To the public listener on this computer, by the entrance for what comes through a tunnel. Nothing else is ever asked. */
export class LocalListener {
  readonly #port: () => number
  // Sooner than the listener ends a connection that is not used: a request must not meet that.
  readonly #agent = new Agent({ keepAlive: true, timeout: 30_000 })

  constructor(port: () => number) {
    this.#port = port
  }

  /** The beginning of the answer; its body is to be read. Throws what the connection says. */
  ask(wanted: LocalRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { method, path, origin, headers, body } = wanted
    const bytes = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          ...{ host: '127.0.0.1', port: this.#port(), method, path, signal },
          agent: this.#agent,
          headers: { ...headers, ...bytes, host: new URL(origin).host } as Record<string, string | string[]>,
        },
        resolve,
      )
      sent.on('error', reject)
      sent.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** Throws when it is longer than that, or breaks off. */
export async function readAll(from: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of from as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > limit) throw new Error(`an answer of more than ${limit} bytes`)
  }
  return Buffer.concat(chunks)
}
