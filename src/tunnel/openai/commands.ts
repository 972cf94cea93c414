/** What OpenAI's tunnel hands over, and how it is answered (openai/tunnel-client, docs/protocol.md and openapi.json, wire version 2026-08-25). */
import * as z from 'zod'
import { parseExact } from '../../kernel/exact-json.ts'
import { openBrace, openBracket } from '../../kernel/json-scan.ts'
import { createSlices, type Slices } from '../../kernel/slices.ts'
import { firstOf, partsOf } from './parts.ts'

/** Bytes. A request is 4 MB at most; of what else is said of it a little is enough. */
export const mostBody = 4.5 * 1024 * 1024
const mostAbout = 64 * 1024
const mostId = 500

/** Whatever else is in it is for later versions. `headers` may be missing, or null, in what older services send. */
const Command = z.object({
  request_id: z.string().min(1).max(500),
  shard_token: z.string().min(1).max(4_000),
  command_type: z.string().catch('jsonrpc'),
  channel: z.string().catch('main'),
  headers: z.record(z.string(), z.array(z.string())).catch({}),
  response_timeout: z.unknown().optional(),
})

export interface TunnelCommand {
  requestId: string
  shardToken: string
  /** `jsonrpc`, `session_termination`, or `oauth_discovery`, which the official client knows and the document does not name. */
  type: string
  channel: string
  headers: Readonly<Record<string, readonly string[]>>
  /** Milliseconds from its receipt; null: as long as it takes. */
  within: number | null
  /** The message as it came, which is not read before it is known whose it is; null: there is none. */
  body: Buffer | null
  /** The message's; undefined: it wants no answer. */
  id: unknown
}

const units = { ns: 1e-6, us: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
/** Longer is no limit: a timer holds no more. Milliseconds. */
const longest = 24 * 3_600_000

/** A number and a unit; null for what is neither, which means the same as none (“Response timeout”). */
export function readTimeout(given: unknown): number | null {
  const [, digits, unit] = typeof given === 'string' ? (/^(\d+)(ns|us|ms|s|m|h)$/.exec(given) ?? []) : []
  if (digits === undefined) return null
  const ms = Number(digits) * units[unit as keyof typeof units]
  return ms > longest ? null : ms
}

/** The commands of a poll; null: it is no answer of the service's. One that cannot be read is left out: there is nothing it could be answered with. */
export async function readCommands(poll: Buffer): Promise<TunnelCommand[] | null> {
  const slices = createSlices()
  const list = firstOf(poll) === openBrace ? (await partsOf(poll, slices)).get('commands') : undefined
  if (list === undefined) return null
  if (firstOf(list) !== openBracket) return String(list.subarray(0, 100)).trim() === 'null' ? [] : null
  const commands: TunnelCommand[] = []
  for (const part of (await partsOf(list, slices)).values()) {
    const command = await readCommand(part, slices)
    if (command !== null) commands.push(command)
    await slices.pause()
  }
  return commands
}

async function readCommand(bytes: Buffer, slices: Slices): Promise<TunnelCommand | null> {
  const parts = await partsOf(bytes, slices)
  const sent = parts.get('jsonrpc')
  parts.delete('jsonrpc')
  const read = Command.safeParse(parsedParts(parts))
  if (!read.success || (sent !== undefined && sent.length > mostBody)) return null
  const { request_id, shard_token, command_type, channel, headers, response_timeout } = read.data
  const isMessage = sent !== undefined && firstOf(sent) === openBrace
  return {
    ...{ requestId: request_id, shardToken: shard_token, type: command_type },
    ...{ channel: channel === '' ? 'main' : channel, headers },
    within: readTimeout(response_timeout),
    // A copy: a part would hold the whole poll.
    body: isMessage ? Buffer.from(sent) : null,
    id: isMessage ? idOf((await partsOf(sent, slices)).get('id')) : undefined,
  }
}

/** Undefined: they are too much, or no JSON. */
function parsedParts(parts: ReadonlyMap<string, Buffer>): unknown {
  let size = 0
  for (const part of parts.values()) size += part.length
  if (size > mostAbout) return undefined
  return parsed(`{${[...parts].map(([name, part]) => `"${name}":${part}`).join()}}`)
}

/** Null: nobody could be answered by that. */
function idOf(part: Buffer | undefined): unknown {
  if (part === undefined) return undefined
  return part.length > mostId ? null : (parsed(String(part)) ?? null)
}

/** Undefined: it is no JSON. Numbers stay what they were. */
export function parsed(text: string): unknown {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}

type AnswerType =
  | 'jsonrpc_response'
  | 'jsonrpc_notify'
  | 'notify_ack'
  | 'session_termination_response'
  | 'oauth_discovery_response'

/** One answer to a command. All but `jsonrpc_notify` end it. */
export interface TunnelAnswer {
  type: AnswerType
  status: number
  headers?: Record<string, string[]>
  json?: unknown
}

/** Only these pass (“Structured MCP errors and synthesized tunnel failures”). */
const passing = [
  'Content-Type',
  'Mcp-Session-Id',
  'Mcp-Protocol-Version',
  'Last-Event-ID',
  'Access-Control-Expose-Headers',
  'WWW-Authenticate',
] as const

/** Under the names that the document has: not everybody on the way takes any spelling. `headers`: as Node has them. */
export function passingHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  const kept: Record<string, string[]> = {}
  for (const name of passing) {
    const values = [headers[name.toLowerCase()] ?? []].flat().filter((value) => value !== '')
    if (values.length > 0) kept[name] = values
  }
  return kept
}

export const isJson = { 'Content-Type': ['application/json'] }

/** Where an answer of ours did not come from: `x-tunnel-failure-schema`. */
type FailureSource = 'target_http' | 'connect' | 'transport_closed' | 'protocol' | 'client_internal'

/** Instead of an answer that no JSON-RPC can be recovered from. Without what went wrong in words: those may be anything. */
export function failed(
  id: unknown,
  status: number,
  source: FailureSource,
  headers: Record<string, string[]> = {},
): TunnelAnswer {
  const isOurs = source === 'target_http'
  const tunnel_failure = {
    ...{ version: 1, source, upstream_response_received: isOurs },
    ...(isOurs && { upstream_status: status }),
  }
  return {
    type: 'jsonrpc_response',
    status,
    headers: { ...headers, ...isJson },
    json: {
      jsonrpc: '2.0',
      id,
      error: { code: -32603, message: messages[source], data: { tunnel_failure } },
    },
  }
}

const messages: Record<FailureSource, string> = {
  target_http: 'Drawbridge did not take the request.',
  connect: 'Drawbridge does not answer on its computer.',
  transport_closed: 'Drawbridge broke off before its answer was complete.',
  protocol: 'Drawbridge gave an answer that is none.',
  client_internal: 'The answer is too large for the tunnel.',
}
