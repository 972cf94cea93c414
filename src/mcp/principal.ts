import type { Access, Grant } from '../contract/access.ts'

/** Whose token or key came with a request, and what the owner allowed them. Never changed: a grant that changes has another one. */
export interface Principal {
  readonly grantId: string
  readonly clientName: string
  readonly kind: 'client' | 'key'
  readonly workspace: string
  /** The workspace at whose address it asks, where its owner gave it another one. Null or left out: its own. */
  readonly address?: string | null
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

export const principalOf = (
  grant: Pick<Grant, 'id' | 'name' | 'kind' | 'workspace' | 'address' | 'access' | 'tools' | 'pausedUntil'>,
  scopes: ReadonlySet<string> | null,
): Principal => ({
  grantId: grant.id,
  clientName: grant.name,
  kind: grant.kind,
  workspace: grant.workspace,
  address: grant.address ?? null,
  access: grant.access,
  tools: grant.tools === null ? null : new Set(grant.tools),
  scopes,
  pausedUntil: grant.pausedUntil ?? null,
})

/** The workspace whose address is its own, and no other's is. */
export const addressOf = ({ address, workspace }: Pick<Principal, 'address' | 'workspace'>): string =>
  address ?? workspace

/** What became of an `Authorization` header. */
export type Authentication =
  | { ok: true; principal: Principal }
  | { ok: false; error: 'missing' | 'invalid_token'; description: string }
