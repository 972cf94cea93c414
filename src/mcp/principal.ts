import type { Access } from '../contract/access.ts'

/** Whose token or key came with a request, and what the owner allowed them. Never changed: a grant that changes has another one. */
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
  /** Its calls are refused until then: by who made this, who makes another one when it is over. Null or left out: they are not. */
  readonly pausedUntil?: number | null
  /** It asks from the computer that we run on; see `fromHere`. Left out: no. */
  readonly onThisComputer?: boolean
}

/** What became of an `Authorization` header. */
export type Authentication =
  | { ok: true; principal: Principal }
  | { ok: false; error: 'missing' | 'invalid_token'; description: string }
