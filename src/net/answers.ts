import type { ServerResponse } from 'node:http'

/** On everything the public listener says: nothing is cached, guessed, framed or referred to. */
export const commonHeaders = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
} as const

/** Answers with JSON, unless an answer has begun already. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (res.headersSent || res.destroyed) return
  const text = JSON.stringify(body)
  res.writeHead(status, {
    ...commonHeaders,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  })
  res.end(res.req.method === 'HEAD' ? undefined : text)
}

/** A refusal below the level of MCP, for programs and people. */
export const sendRefusal = (
  res: ServerResponse,
  status: number,
  error: string,
  message: string,
  headers?: Readonly<Record<string, string>>,
): void => sendJson(res, status, { error, error_description: message }, headers)

/** JSON-RPC 2.0 §5.1, for requests whose id is not known. */
export const sendRpcError = (
  res: ServerResponse,
  status: number,
  code: number,
  message: string,
  headers?: Readonly<Record<string, string>>,
): void => sendJson(res, status, { jsonrpc: '2.0', id: null, error: { code, message } }, headers)
