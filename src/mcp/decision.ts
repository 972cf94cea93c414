import type { Access } from '../contract/access.ts'
import type { Risk } from '../contract/tools.ts'

/** Everything a decision depends on. */
export interface Facts {
  /** The user left the tool switched on. */
  enabled: boolean
  /** The owner has looked at the tool, or it came with its server; false: it is new and waits. */
  accepted: boolean
  /** The tool belongs to the grant's workspace and to its chosen tools. */
  inGrant: boolean
  /** The tool is for this computer only, and the call came from elsewhere. */
  localOnly: boolean
  risk: Risk
  /** The built-in connector it belongs to; null for servers, which have no scope of their own. */
  sourceId: string | null
  access: Access
  /** The scopes of the token; null for keys, which are not narrowed. */
  scopes: ReadonlySet<string> | null
  /** What a rule or a pin of the owner can be bound to; left out where a tool is only listed. */
  call?: CallFacts | undefined
}

/** One call, as rules and pins know it. Hashes are SHA-256, hexadecimal, and made only when somebody asks for them. */
export interface CallFacts {
  /** Stable. */
  readonly toolId: string
  /** The server's id, which no other ever gets, or the connector's slug. */
  readonly source: string
  /** Grant and session. */
  readonly session: string
  /** All that tells an assistant, and its owner, what the tool does. */
  readonly definitionHash: string
  /** The tool with exactly these arguments. */
  readonly argumentsHash: string
}

export type DenyReason = 'disabled' | 'not-accepted' | 'not-in-grant' | 'local-only' | 'scope' | 'look-only'

export type Decision =
  | { kind: 'allow' }
  | { kind: 'ask' }
  | {
      kind: 'deny'
      reason: DenyReason
      message: string
      hint: string
      /** With the reason `scope`: every scope the call needs, which is all that it lacks. */
      scopes?: readonly string[]
    }
