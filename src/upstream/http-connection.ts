import { type FetchLike, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Agent, fetch as undiciFetch } from 'undici'
import { HostError } from '../kernel/errors.ts'
import { type Connection, connect, type Hooks, newClient, timeIsUp } from './connection.ts'
import { httpFailure } from './failures.ts'

/** Bytes of one message, as over stdio. */
const maxMessage = 4_000_000

export interface HttpSpec {
  name: string
  url: string
  /** Out of the vault. */
  headers: Readonly<Record<string, string>>
  version: string
  startTimeout: number
}

/**
 * Connects over Streamable HTTP (MCP 2025-11-25 and 2026-07-28, Transports). Redirects are followed within the same
 * origin only, so headers never go elsewhere and nobody is sent to a service of this computer. Throws HostError.
 */
export async function openHttp(spec: HttpSpec, hooks: Hooks): Promise<Connection> {
  // Streams may be silent for as long as they like; everything else has a time limit above.
  const agent = new Agent({ bodyTimeout: 0, connect: { timeout: 10_000 } })
  let lost = false
  const onBroken = (error: unknown) => {
    if (lost) return
    lost = true
    hooks.onLost(httpFailure(spec.name, spec.url, error, null))
  }
  const transport = new StreamableHTTPClientTransport(new URL(spec.url), {
    requestInit: { headers: { ...spec.headers } },
    fetch: limited(
      (url, init) => undiciFetch(url, { ...(init as object), dispatcher: agent }) as never,
      onBroken,
    ),
    redirectPolicy: 'same-origin',
    // We open anew instead, so that a lost server is noticed.
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 1_000,
      maxReconnectionDelay: 1_000,
      reconnectionDelayGrowFactor: 1,
    },
  })
  const client = newClient(spec.version, hooks)
  const close = async () => {
    lost = true
    await transport.close().catch(() => {})
    await agent.destroy()
  }
  hooks.onStarted(() => {})
  try {
    await connect(client, transport, hooks, spec.startTimeout)
  } catch (cause) {
    await close()
    const waited = hooks.signal.reason === timeIsUp ? spec.startTimeout : null
    throw httpFailure(spec.name, spec.url, cause, waited)
  }
  const explain = (error: unknown, waited: number | null) => httpFailure(spec.name, spec.url, error, waited)
  return { client, explain, close, killNow: () => void agent.destroy() }
}

/** A fetch whose bodies are limited, and which tells when a stream of events breaks off. */
export function limited(fetch: FetchLike, onBroken: (error: unknown) => void): FetchLike {
  return async (url, init) => {
    const response = await fetch(url, init)
    if (!response.ok || !response.body) return response
    const events = /^text\/event-stream/i.test(response.headers.get('content-type') ?? '')
    const reader = response.body.getReader()
    let bytes = 0
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) return controller.close()
          // Events are limited one by one; each ends with a line break.
          const end = events ? value.lastIndexOf(10) : -1
          bytes = end === -1 ? bytes + value.length : value.length - end - 1
          if (bytes > maxMessage) throw tooLarge()
          controller.enqueue(value)
        } catch (error) {
          await reader.cancel(error).catch(() => {})
          controller.error(error)
          if (events && !init?.signal?.aborted) onBroken(error)
        }
      },
      cancel: (reason) => reader.cancel(reason),
    })
    return new Response(body, {
      status: response.status,
      statusText: response.statusText,
      headers: [...response.headers],
    })
  }
}

const tooLarge = () =>
  new HostError({
    code: 'server-answer-too-large',
    message: `The server sent an answer larger than ${maxMessage / 1_000_000} MB, which was dropped.`,
    hint: 'Ask for less at once.',
  })
