import type { IncomingHttpHeaders } from 'node:http'
import type { RequestId } from '@modelcontextprotocol/server'
import type { Raw } from '../../mcp/tool-source.ts'
import type { Caller } from '../calls/caller.ts'
import type { Era } from '../offers/visible-list.ts'
import type { Answer } from './answer.ts'
import { errorMessage, type Framed, framedResponse, responseText } from './rpc-messages.ts'
import type { Session } from './sessions/sessions.ts'

/** One request of a client on its way to its answer. */
export interface IncomingRequest {
  era: Era
  id: RequestId
  method: string
  /** As sent; empty when there were none. */
  params: Raw
  headers: IncomingHttpHeaders
  caller: Caller
  /** Aborts `caller.signal`. */
  stop(): void
  /** Of the 2025 era, when the client has one. */
  session: Session | null
  answer: Answer
}

/** `result` is JSON that was made before. */
export const respondFramed = ({ id, answer }: IncomingRequest, result: Framed): void =>
  answer.end(framedResponse(id, result))

/** `result` is JSON. */
export const respond = (
  { id, answer }: IncomingRequest,
  result: string,
  status?: number,
  headers?: readonly string[],
): void => answer.end(responseText(id, result), status, headers)

export const refuse = (
  { id, answer }: Pick<IncomingRequest, 'id' | 'answer'>,
  error: { code: number; message: string; data?: unknown },
  status = 200,
  headers?: readonly string[],
): void => answer.end(errorMessage(id, error), status, headers)
