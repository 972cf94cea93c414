/** What OpenAI's tunnel hands over, and how it is answered (openai/tunnel-client, docs/protocol.md and openapi.json, wire version 2026-08-25). */
import * as z from 'zod'
import { isExactObject } from '../../kernel/exact-json.ts'

/** Whatever else is in it is for later versions. `headers` may be missing, or null, in what older services send. */
const Command = z.object({
  request_id: z.string().min(1).max(500),
  shard_token: z.string().min(1).max(4_000),
  command_type: z.string().catch('jsonrpc'),
  channel: z.string().catch('main'),
  headers: z.record(z.string(), z.array(z.string())).catch({}),
  response_timeout: z.unknown().optional(),
  jsonrpc: z.unknown().optional(),
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
  message: Record<string, unknown> | null
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

/** The commands of a poll. One that cannot be read is left out: there is nothing it could be answered with. */
export function readCommands(body: unknown): TunnelCommand[] {
  const commands = isExactObject(body) && Array.isArray(body.commands) ? body.commands : []
  return commands.flatMap((one): TunnelCommand[] => {
    const read = Command.safeParse(one)
    if (!read.success) return []
    const { request_id, shard_token, command_type, channel, headers, response_timeout } = read.data
    // As it was parsed: its numbers may be raw ones, which a schema would not take for numbers.
    const { jsonrpc } = one as { jsonrpc?: unknown }
    return [
      {
        ...{ requestId: request_id, shardToken: shard_token, type: command_type },
        ...{ channel: channel === '' ? 'main' : channel, headers },
        within: readTimeout(response_timeout),
        message: isExactObject(jsonrpc) ? jsonrpc : null,
      },
    ]
  })
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
