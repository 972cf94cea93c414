import type { Access } from '../contract/access.ts'
import type { AskReason, RuleSubject } from '../contract/approvals.ts'
import type { Risk } from '../contract/tools.ts'

/** Everything a decision depends on. */
export interface Facts {
  /** The user left the tool switched on. */
  enabled: boolean
  /** The owner has looked at the tool as it is, or it came with its server; false: it waits for him. */
  accepted: boolean
  /** Why it waits: it is new, describes itself in another way than it did, or its server is another. */
  waitsFor?: 'new' | 'changed' | 'identity' | null
  /** The tool belongs to the grant's workspace and to its chosen tools. */
  inGrant: boolean
  /** The tool is for this computer only, and the call came from elsewhere. */
  localOnly: boolean
  risk: Risk
  /** It reaches others than the owner, or what is his: anything but a plain no is a yes. */
  openWorld?: boolean
  /** What was read in this session that a stranger may have written; of calls that change something. */
  readBefore?: ReadBefore | null
  /** The short name of the source it belongs to, by which a scope names it; null: none does. */
  sourceId: string | null
  access: Access
  /** The scopes of the token, or what a key is narrowed to; null: nothing. */
  scopes: ReadonlySet<string> | null
  /** The owner paused the grant until then. Null or left out: it is not paused. */
  pausedUntil?: number | null
  /** Ids of other tools by which the same is had, whose *never* holds here too; null or left out: there are none. */
  twins?: { readonly grantId: string; readonly tools: readonly string[] } | null
  /** What exactly is called; absent for what is listed, and for resources and prompts. */
  call?: CallFacts
}

/** What was read, in a few words (`fetch https://…`), and when. */
export interface ReadBefore {
  readonly what: string
  readonly at: number
  /** `nextOrder`, when it was read; 0 or left out: in an earlier life of the program. */
  readonly order?: number
}

/** A call of a tool. Hashes are SHA-256, hexadecimal, and made when they are asked for. */
export interface CallFacts extends RuleSubject {
  readonly grantId: string
  /** The server's id, which no other ever has; the short name of a connector. */
  readonly source: string
  /** Grant and session; see `Exchange.client`. */
  readonly session: string
}

/** An answer of the owner that holds for more than one call, of one grant and one tool. */
export interface HeldRule {
  readonly id: string
  readonly effect: 'allow' | 'never'
  /** Of the only arguments it holds for; null: whatever they are. */
  readonly argumentsHash: string | null
  /** The only chat it holds in; null: in all. */
  readonly chat: string | null
  /** Milliseconds since 1970. */
  readonly since: number
  /** `nextOrder`, when the owner was asked; left out: in an earlier life of the program. */
  readonly order?: number
  readonly until: number | null
  /** As they were when the owner answered. */
  readonly definitionHash: string
  readonly identity: string
  readonly waivesTaint: boolean
}

/** Where rules are looked up: by grant and tool. */
export interface RuleBook {
  of(grantId: string, toolId: string): readonly HeldRule[] | undefined
  now(): number
}

export type DenyReason =
  | 'paused'
  | 'disabled'
  | 'not-accepted'
  | 'changed'
  | 'server-changed'
  | 'not-in-grant'
  | 'local-only'
  | 'never'
  | 'scope'
  | 'look-only'

export type Decision =
  /** `rule`: the id of the one without which the owner would be asked. */
  | { kind: 'allow'; rule?: string }
  | { kind: 'ask'; why: AskReason }
  | {
      kind: 'deny'
      reason: DenyReason
      message: string
      hint: string
      /** With the reason `never`: the rule that says so. */
      rule?: string
      /** With the reason `scope`: every scope the call needs, which is all that it lacks. */
      scopes?: readonly string[]
    }
