import type { ClientCapabilities, LoggingLevel } from '@modelcontextprotocol/server'
import type { InputRequest, LogMessage, Progress, Raw, SourceMethod } from '../../mcp/tool-source.ts'

/** What the endpoint knows of the client behind a request, and can do for the request while it runs. */
export interface ClientSide {
  era: 'legacy' | 'modern'
  /** Grant and session: nothing that belongs to one of these may reach another. */
  key: string
  capabilities: ClientCapabilities
  /** See `Exchange.meta`. */
  meta?: Raw
  /** The rest of it, for the few servers that may know who is asking (`client-context.ts`). */
  context?: Raw
  /** Aborted when the client took back this one request. */
  signal?: AbortSignal
  onProgress?(progress: Progress): void
  logLevel?: LoggingLevel
  onLog?(message: LogMessage): void
  /** Only in a session of the 2025 era, whose client can be asked while its request runs. Rejects with ProtocolError. */
  ask?(question: InputRequest, signal?: AbortSignal): Promise<Raw>
  /** See `Exchange.onElicitationComplete`: only for such a client that can be sent to pages. */
  onElicitationComplete?(elicitationId: string): void
  /** Only in the 2026-07-28 era. */
  inputResponses?: Raw
  requestState?: string
}

/** One request that leads to a source. `params` are as sent, without `_meta`, `inputResponses` and `requestState`. */
export interface ClientRequest {
  method: 'tools/call' | SourceMethod
  params: Raw
  client: ClientSide
}
