import type { IncomingHttpHeaders } from 'node:http'
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  classifyInboundRequest,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
  type RequestId,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server'
import { isObject } from '../../kernel/is-object.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import type { Era } from '../offers/visible-list.ts'
import type { ElicitationAnswer } from './sessions/sessions.ts'

/** The one revision of the 2026 era that is spoken here. */
export const modernVersion = '2026-07-28'

/** What came in, and in which era. */
export type ClientMessage =
  | { kind: 'request'; era: Era; id: RequestId; method: string; params: Raw; version: string }
  | { kind: 'notification'; era: Era; method: string; params: Raw; version: string }
  | { kind: 'answer'; id: RequestId; answer: ElicitationAnswer }
  | { kind: 'refused'; id: RequestId | null; status: number; code: number; message: string; data?: unknown }

const isId = (value: unknown): value is RequestId => typeof value === 'string' || Number.isSafeInteger(value)

const legacyVersions: ReadonlySet<string> = new Set(SUPPORTED_PROTOCOL_VERSIONS)

/** Envelopes that the SDK found good, so that the same ones of the next request are not looked through again. */
const goodEnvelopes = new Set<string>()
const mostEnvelopes = 500

/**
 * What the SDK's classification says, whose rules these are. It costs 10 µs, so that requests that leave nothing to say
 * are recognised without it.
 */
export function classify(body: unknown, headers: IncomingHttpHeaders): ClientMessage {
  const said = saidOnce(headers['mcp-protocol-version'])
  if (said === undefined) delete headers['mcp-protocol-version']
  else if (said !== headers['mcp-protocol-version']) headers['mcp-protocol-version'] = said
  const plain = isObject(body) ? plainRequest(body, headers) : null
  if (plain) return plain
  const tooMuch = isObject(body) && isObject(body.params) && hasMuchToCheck(body.params._meta)
  if (tooMuch) {
    const message = `Invalid _meta envelope: more than ${mostChecked} values.`
    return { kind: 'refused', id: isId(body.id) ? body.id : null, status: 400, code: -32602, message }
  }
  const outcome = classifyInboundRequest({
    httpMethod: 'POST',
    body,
    ...headerValue(headers, 'mcp-protocol-version', 'protocolVersionHeader'),
    ...headerValue(headers, 'mcp-method', 'mcpMethodHeader'),
    ...headerValue(headers, 'mcp-name', 'mcpNameHeader'),
  })
  const message = body as { id?: unknown; method?: string; params?: Raw; result?: Raw; error?: never }
  const id = isObject(body) && isId(message.id) ? message.id : null
  if (outcome.kind === 'reject') {
    const { httpStatus, code, data } = outcome
    return { kind: 'refused', id, status: httpStatus, code, message: outcome.message, data }
  }
  if (outcome.kind === 'modern') {
    const { messageKind, classification, message: checked } = outcome
    const base = {
      era: 'modern' as const,
      method: checked.method,
      params: (checked.params ?? {}) as Raw,
      version: classification.revision ?? 'unknown',
    }
    if (messageKind === 'notification') return { kind: 'notification', ...base }
    remember(base.params._meta)
    return { kind: 'request', id: id!, ...base }
  }
  if (outcome.reason === 'response') {
    const answer = message.result === undefined ? { error: message.error! } : { result: message.result }
    return { kind: 'answer', id: id!, answer }
  }
  const version = String(headers['mcp-protocol-version'] ?? '')
  const base = { era: 'legacy' as const, method: message.method!, params: message.params ?? {}, version }
  return outcome.reason === 'notification'
    ? { kind: 'notification', ...base }
    : { kind: 'request', id: id!, ...base }
}

/**
 * A header of the protocol as it was meant: undefined when it holds what programs write for nothing; and one that was said twice, by a
 * client and by what stands before it, is the one when it was the same.
 */
export function saidOnce(value: string | string[] | undefined): string | string[] | undefined {
  if (typeof value !== 'string') return value
  if (nothing.has(value.trim())) return undefined
  if (!value.includes(',')) return value
  const [first, ...others] = value.split(',').map((one) => one.trim())
  return others.every((one) => one === first) ? first : value
}

const nothing: ReadonlySet<string> = new Set(['', 'undefined', 'null', 'None'])

function plainRequest(body: Raw, headers: IncomingHttpHeaders): ClientMessage | null {
  const { jsonrpc, id, method, params } = body
  if (jsonrpc !== '2.0' || !isId(id) || typeof method !== 'string' || method === 'initialize') return null
  let fields = 0
  for (const _ in body) fields += 1
  if (fields !== (params === undefined ? 3 : 4) || (params !== undefined && !isObject(params))) return null
  const meta = params?._meta
  if (meta !== undefined && (!isObject(meta) || !isProgressToken(meta.progressToken))) return null
  const version = headers['mcp-protocol-version']
  if (version !== undefined && typeof version !== 'string') return null
  if (meta === undefined || !(PROTOCOL_VERSION_META_KEY in meta)) {
    if (version !== undefined && !legacyVersions.has(version)) return null
    return { kind: 'request', era: 'legacy', id, method, params: params ?? {}, version: version ?? '' }
  }
  if (version !== modernVersion || meta[PROTOCOL_VERSION_META_KEY] !== modernVersion) return null
  if (headers['mcp-method'] !== method || !goodEnvelopes.has(envelopeOf(meta))) return null
  return { kind: 'request', era: 'modern', id, method, params: params!, version }
}

/** Values in what the SDK checks of `_meta`: it collects what is wrong with each, which takes long where there are many. */
const mostChecked = 2_000

function hasMuchToCheck(meta: unknown): boolean {
  if (!isObject(meta)) return false
  let left = mostChecked
  const isTooMuch = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false
    for (const name in value) {
      left -= 1
      if (left < 0 || isTooMuch((value as Raw)[name])) return true
    }
    return false
  }
  return ourMeta.values().some((name) => isTooMuch(meta[name]))
}

const isProgressToken = (token: unknown): boolean => token === undefined || isId(token)

/** Everything in `_meta` that the protocol speaks of, but for the progress token, which is new every time. */
const envelopeOf = (meta: Raw): string => {
  const parts = [
    meta[PROTOCOL_VERSION_META_KEY],
    meta[CLIENT_CAPABILITIES_META_KEY],
    meta[CLIENT_INFO_META_KEY],
    meta[LOG_LEVEL_META_KEY],
  ]
  for (const name in meta) if (!ourMeta.has(name)) parts.push(name, meta[name])
  return JSON.stringify(parts)
}
/** What of `_meta` is between the client and us. */
export const ourMeta: ReadonlySet<string> = new Set([
  PROTOCOL_VERSION_META_KEY,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  'progressToken',
])

function remember(meta: unknown): void {
  if (!isObject(meta)) return
  const envelope = envelopeOf(meta)
  if (envelope.length > 4_000) return
  if (goodEnvelopes.size >= mostEnvelopes) goodEnvelopes.clear()
  goodEnvelopes.add(envelope)
}

const headerValue = <Name extends string>(headers: IncomingHttpHeaders, header: string, name: Name) => {
  const value = headers[header]
  return (typeof value === 'string' ? { [name]: value } : {}) as { [name in Name]?: string }
}
