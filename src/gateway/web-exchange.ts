import type { IncomingMessage, ServerResponse } from 'node:http'
import { commonHeaders } from './answers.ts'

/** What MCP reads from a request's headers; everything else, the bearer token above all, stays with the listener. */
const passedOn = ['content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name'] as const

/** The request as the SDK wants it. Its body was read already and travels beside it. */
export function webRequest(req: IncomingMessage, resource: string, signal: AbortSignal): Request {
  // Both are what we may answer with; a client that says less still understands the JSON it gets nearly always.
  const headers = new Headers({ accept: 'application/json, text/event-stream' })
  for (const name of passedOn) {
    const value = req.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  return new Request(resource, { method: 'POST', headers, signal })
}

/** Writes the SDK's answer: JSON in one piece with its length, event streams as they come. */
export async function writeResponse(
  response: Response,
  res: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const headers = { ...Object.fromEntries(response.headers), ...lowerCommonHeaders }
  if (response.body === null || !isEventStream(response)) {
    const body = Buffer.from(await response.arrayBuffer())
    if (res.destroyed || res.headersSent) return
    res.writeHead(response.status, { ...headers, 'content-length': body.length })
    res.end(body)
    return
  }
  const reader = response.body.getReader()
  const cancel = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', cancel, { once: true })
  try {
    if (signal.aborted || res.destroyed) return cancel()
    res.writeHead(response.status, headers)
    // The client should know at once that the stream stands, even if nothing comes for a while.
    res.flushHeaders()
    for (;;) {
      const { done, value } = await reader.read()
      if (done || res.destroyed) break
      if (!res.write(value)) await drained(res, signal)
    }
  } finally {
    signal.removeEventListener('abort', cancel)
    res.end()
  }
}

const lowerCommonHeaders = Object.fromEntries(
  Object.entries(commonHeaders).map(([name, value]) => [name.toLowerCase(), value]),
)

export const isEventStream = (response: Response): boolean =>
  response.headers.get('content-type')?.startsWith('text/event-stream') === true

const drained = (res: ServerResponse, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const go = () => {
      res.off('drain', go)
      signal.removeEventListener('abort', go)
      resolve()
    }
    res.once('drain', go)
    signal.addEventListener('abort', go, { once: true })
    if (signal.aborted) go()
  })
