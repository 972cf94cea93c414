import type { RequestId } from '@modelcontextprotocol/server'

/** A message whose largest part is kept as the bytes that are sent, UTF-8. */
export interface Framed {
  before: string
  bytes: Buffer
  after: string
}

/** JSON-RPC 2.0, as text. `result` is JSON already. */
export const responseText = (id: RequestId, result: string): string => `${opening(id)}${result}}`

/** The same with a result that is mostly bytes. */
export const framedResponse = (id: RequestId, { before, bytes, after }: Framed): Framed => ({
  before: opening(id) + before,
  bytes,
  after: `${after}}`,
})

const opening = (id: RequestId): string => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`

export const errorMessage = (
  id: RequestId | null,
  error: { code: number; message: string; data?: unknown },
): string => {
  const { code, message, data } = error
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } })
}

export const notificationText = (method: string, params?: object): string =>
  JSON.stringify({ jsonrpc: '2.0', method, ...(params && { params }) })
