import type { ClientCapabilities, LoggingLevel } from '@modelcontextprotocol/server'
import type { InputRequest, LogMessage, Progress, Raw, SourceMethod } from '../../mcp/tool-source.ts'
import type { Caller } from './caller.ts'

/** The methods that lead to a source. */
export type CallMethod = 'tools/call' | SourceMethod

/** One request that leads to a source, and the client behind it: what it can do, and how it is told and asked meanwhile. */
export interface ClientRequest {
  readonly caller: Caller
  readonly era: 'legacy' | 'modern'
  readonly method: CallMethod
  /** As sent, of the shape that the protocol says (`checkParams`), without `_meta`, `inputResponses` and `requestState`. */
  readonly params: Raw
  /** Grant and session: nothing that belongs to one of these may reach another. */
  readonly key: string
  /** Which chat of its client it comes from (`chatOf`), made when it is asked for; null or left out: nobody knows. */
  readonly chat?: string | null
  readonly capabilities: ClientCapabilities
  /** Since when its client waits, of `performance.now()`, where it had to wait for its turn; left out: since now. */
  readonly cameAt?: number | undefined
  /** It said that its call may become a task (`io.modelcontextprotocol/tasks`). */
  readonly takesTasks?: boolean
  /** See `Exchange.meta`. */
  readonly meta?: Raw | undefined
  /** The rest of it, for the few servers that may know who is asking (`client-context.ts`). */
  readonly context?: Raw | undefined
  readonly logLevel?: LoggingLevel | undefined
  /** Only in the 2026-07-28 era. */
  readonly inputResponses?: Raw | undefined
  readonly requestState?: string | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  readonly onLog?: ((message: LogMessage) => void) | undefined
  /**
   * Only in a session of the 2025 era, whose client can be asked while its request is under way, and only what it declared. Rejects
   * with ProtocolError.
   */
  readonly ask?: ((request: InputRequest, signal?: AbortSignal) => Promise<Raw>) | undefined
  /** See `Exchange.onElicitationComplete`: only for such a client that can be sent to pages. */
  readonly onElicitationComplete?: ((elicitationId: string) => void) | undefined
}
