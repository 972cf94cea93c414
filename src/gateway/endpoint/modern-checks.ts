import type { IncomingHttpHeaders } from 'node:http'
import { ProtocolError, UnsupportedProtocolVersionError } from '@modelcontextprotocol/server'
import { isObject } from '../../kernel/is-object.ts'
import { paramMismatch } from '../../mcp/param-headers.ts'

import type { Catalog } from '../offers/catalog.ts'
import { type ClientMessage, modernVersion } from './client-message.ts'
import { standardHeaderMismatch } from './standard-headers.ts'

/** MCP 2026-07-28, "Header Mismatch". */
const headerMismatch = -32_020

/**
 * What is wrong with a message of the 2026-07-28 era before anybody looks at its method, in the order in which the SDK
 * looks: version, standard headers, headers that repeat arguments. All of it is HTTP 400.
 */
export function modernProblem(
  message: Extract<ClientMessage, { version: string }>,
  headers: IncomingHttpHeaders,
  catalog: Pick<Catalog, 'resolve'>,
  workspace: string,
): ProtocolError | null {
  const { kind, version, method, params } = message
  if (version !== modernVersion)
    return new UnsupportedProtocolVersionError({ supported: [modernVersion], requested: version })
  if (kind !== 'request') return null
  const entry =
    method === 'tools/call' && typeof params.name === 'string'
      ? catalog.resolve(params.name, workspace)
      : undefined
  const args = isObject(params.arguments) ? params.arguments : undefined
  const mismatch =
    standardHeaderMismatch(method, params, version, headers) ??
    (entry ? paramMismatch(entry.definition.inputSchema, args, headers) : null)
  if (!mismatch) return null
  const text = `Bad Request: the request headers and body disagree: ${mismatch.body}`
  return new ProtocolError(headerMismatch, text, { mismatch })
}
