import type { ClientCapabilities, LoggingLevel } from '@modelcontextprotocol/client'
import type { CancelSignal } from '../../kernel/cancellation.ts'

/** A JSON object as it came over the wire. */
export type Raw = Record<string, unknown>

export interface Progress {
  progress: number
  total?: number
  message?: string
}

/** MCP `notifications/message`. */
export interface LogMessage {
  level: LoggingLevel
  logger?: string
  data: unknown
}

/** What a server asks of the client: `elicitation/create`, `sampling/createMessage` or `roots/list`. */
export interface Question {
  method: string
  params?: Raw
}

/** The client behind one request, as far as the server may know, tell and ask it while the request runs. */
export interface Exchange {
  /** Aborted when the answer is not wanted any more. */
  signal: CancelSignal
  /** One client in one session: what belongs to one key may not reach another. */
  client: string
  capabilities: ClientCapabilities
  /** `_meta` that travels on. */
  meta?: Raw
  onProgress?(progress: Progress): void
  /** The least level of log messages that the client wants; absent: none. */
  logLevel?: LoggingLevel
  onLog?(message: LogMessage): void
  /** Rejects with ProtocolError when the client cannot be asked that. */
  ask?(question: Question, signal?: AbortSignal): Promise<Raw>
  /** The page of this elicitation was dealt with. May come after the request has ended. */
  onVisited?(elicitationId: string): void
  inputResponses?: Raw
  requestState?: string
}

/** RFC 5424, least severe first. */
const levels: readonly LoggingLevel[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
]

/** 0 for `debug` up to 7; −1 for what is no level. */
export const severity = (level: unknown): number => levels.indexOf(level as LoggingLevel)
