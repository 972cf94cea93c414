import type { CancelSignal } from '../../kernel/cancellation.ts'
import type { Principal } from '../../mcp/principal.ts'

/** One authenticated request. */
export interface Caller {
  principal: Principal
  /** The origin it was addressed to, such as `https://name.example`. */
  origin: string
  /** The protected resource (RFC 9728): `{origin}/mcp` or `{origin}/mcp/{workspace}`. */
  resource: string
  /** Aborted when the client is gone or the grant was revoked. */
  signal: CancelSignal
}
