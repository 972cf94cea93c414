import { extractWWWAuthenticateParams, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/client'
import { addParamHeaders, encodeHeaderValue, namedParam } from '../../mcp/param-headers.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { readRetryAfter } from '../../net/retry-after.ts'
import type { Challenge } from '../sign-in/sign-ins.ts'
import type { ResponseHeaders } from './http-exchange.ts'

/** Which parameter `Mcp-Name` repeats, also of what clients of ours cannot ask for. */
const nameOf: Readonly<Record<string, string>> = {
  ...namedParam,
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}

/** The user's own, as a flat list, without those that a transport sets itself. */
export function flatHeaders(own: Readonly<Record<string, string>>): string[] {
  return Object.entries(own)
    .filter(([name]) => !/^(accept|content-type)$/i.test(name))
    .flat()
}

/** The protocol version that a request of the 2026 era carries in its `_meta`; undefined for older ones. */
export function modernVersion(message: Raw): string | undefined {
  if (message.id === undefined || typeof message.method !== 'string') return undefined
  const meta = (message.params as { _meta?: Raw } | undefined)?._meta
  const version = meta?.[PROTOCOL_VERSION_META_KEY]
  return typeof version === 'string' ? version : undefined
}

/** Appends what a request of the 2026 era repeats in its headers. */
export function addModernHeaders(
  headers: string[],
  message: Raw,
  version: string,
  tool: (name: string) => Raw | undefined,
): void {
  const method = message.method as string
  const params = (message.params ?? {}) as Raw
  headers.push('Mcp-Protocol-Version', version, 'Mcp-Method', method)
  const name = Object.hasOwn(nameOf, method) ? params[nameOf[method]!] : undefined
  if (typeof name !== 'string') return
  headers.push('Mcp-Name', encodeHeaderValue(name))
  const definition = method === 'tools/call' ? tool(name) : undefined
  if (definition) addParamHeaders(headers, definition, params.arguments)
}

/** Reads `WWW-Authenticate` of a 401 or 403. */
export function readChallenge(status: number, headers: ResponseHeaders): Challenge {
  const given = headers['www-authenticate']
  const all = Array.isArray(given) ? given.join(', ') : (given ?? '')
  // A server may offer several ways, also in one line (RFC 9110 §11.6.1); ours is the one with tokens.
  const [, parts = ''] = /(?:^|[,\s])bearer\s+(.*)$/is.exec(withoutQuoted(all)) ?? []
  const ours = parts === '' ? all : `Bearer ${all.slice(-parts.length)}`
  const response = new Response(null, { headers: ours === '' ? {} : { 'www-authenticate': ours } })
  return { status, ...extractWWWAuthenticateParams(response) }
}

/** Of the same length, so that nothing is looked for in what somebody only quotes. */
const withoutQuoted = (header: string): string =>
  header.replace(/"(?:[^"\\]|\\.)*"/gs, (quoted) => '_'.repeat(quoted.length))

/** `Text/HTML; charset=…` → `text/html`. */
export function mediaType(headers: ResponseHeaders): string {
  const type = headers['content-type']
  if (type === 'application/json') return type
  return typeof type === 'string' ? type.split(';', 1)[0]!.trim().toLowerCase() : ''
}

/** `text/html; charset="UTF-8"` → `UTF-8`; undefined when nothing is said. */
export const charsetOf = ({ 'content-type': type }: ResponseHeaders): string | undefined =>
  typeof type === 'string' ? /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(type)?.[1] : undefined
/** How long the server wants to be left alone. Milliseconds; null: it does not say. */
export function restIn(headers: ResponseHeaders): number | null {
  const given = headers['retry-after']
  return readRetryAfter(Array.isArray(given) ? given[0] : given, Date.now())
}
