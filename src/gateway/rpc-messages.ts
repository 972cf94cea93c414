import type { RequestId } from '@modelcontextprotocol/server'

/** JSON-RPC 2.0, as text. `result` is JSON already. */
export const responseText = (id: RequestId, result: string): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`

export const errorMessage = (
  id: RequestId | null,
  error: { code: number; message: string; data?: unknown },
): string => {
  const { code, message, data } = error
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } })
}

export const notificationText = (method: string, params?: object): string =>
  JSON.stringify({ jsonrpc: '2.0', method, ...(params && { params }) })
