import type { IncomingHttpHeaders } from 'node:http'
import { decodeHeaderValue, type Mismatch, namedParam } from '../../mcp/param-headers.ts'
import type { Raw } from '../../mcp/tool-source.ts'

/**
 * The headers that every request of the 2026-07-28 era needs (MCP, Streamable HTTP, "Standard Headers"), in the order in
 * which they are named there. That version and method say what the body says was found out by the classification.
 */
export function standardHeaderMismatch(
  method: string,
  params: Raw,
  version: string,
  headers: IncomingHttpHeaders,
): Mismatch | null {
  if (headers['mcp-protocol-version'] === undefined)
    return {
      header: '(missing)',
      body: `the body envelope names protocol version ${version} but the required MCP-Protocol-Version header is absent`,
    }
  if (headers['mcp-method'] === undefined)
    return {
      header: '(missing)',
      body: `the body names method ${method} but the required Mcp-Method header is absent`,
    }
  const field = Object.hasOwn(namedParam, method) ? namedParam[method] : undefined
  if (field === undefined) return null
  const sent = headers['mcp-name']
  const said = params[field]
  if (typeof sent !== 'string')
    return typeof said === 'string'
      ? {
          header: '(missing)',
          body: `the body carries params.${field}="${said}" but the required Mcp-Name header is absent`,
        }
      : null
  const decoded = decodeHeaderValue(sent)
  if (decoded === undefined)
    return { header: sent, body: 'the Mcp-Name header carries an invalid Base64 sentinel value' }
  if (typeof said !== 'string' || decoded === said) return null
  return {
    header: sent,
    body: `the body carries params.${field}="${said}" but the Mcp-Name header names "${decoded}"`,
  }
}
