import type { Access } from '../../contract/access.ts'
import type { CancelSignal } from '../../kernel/cancellation.ts'

/** Whose token or key came with a request. Never changed: a grant that changes has another one. */
export interface Principal {
  readonly grantId: string
  readonly clientName: string
  readonly kind: 'client' | 'key'
  readonly workspace: string
  readonly access: Access
  /** Public tool names; null means every tool of the workspace. */
  readonly tools: ReadonlySet<string> | null
  /** Null: no narrowing. */
  readonly scopes: ReadonlySet<string> | null
  /** It asks from the computer that we run on; see `fromHere`. Left out: no. */
  readonly onThisComputer?: boolean
}

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
