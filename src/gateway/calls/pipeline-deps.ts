import type { Call, CallEnd, CallRule, CallStart } from '../../contract/activity.ts'
import type { ApprovalAnswer, ApprovalRequest, HeldBack, ReadQuestion } from '../../contract/approvals.ts'
import type { Risk } from '../../contract/tools.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Traffic } from '../../kernel/traffic.ts'
import type { Decision, Facts } from '../../mcp/decision.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Catalog } from '../offers/catalog.ts'
import type { Patience } from './late/late-call.ts'
import type { LateStore } from './late/late-store.ts'
import type { Suspicious } from './results/examined-result.ts'
import type { TaintStore } from './taints/taint-store.ts'
import type { TargetCatalog } from './targets.ts'

export interface PipelineDeps {
  catalog: TargetCatalog & Pick<Catalog, 'onChanged'>
  decide(facts: Facts): Decision
  approvals: {
    /** Characters of JSON that can be asked about at all. */
    readonly longest: number
    ask(request: ApprovalRequest, signal?: AbortSignal): Promise<ApprovalAnswer>
    /** The same is wanted by who read more, for which it is not asked anew. */
    alsoRead(question: ReadQuestion): void
    /** Why the user would not even be asked; null: asked. */
    holdBack(
      request: Pick<ApprovalRequest, 'grantId' | 'tool'> & { argumentsHash(): string },
    ): HeldBack | null
    /** Ends the questions whose time is over. */
    sweep(): void
  }
  /** Promises resolve once the row is committed, and reject when it cannot be. */
  activity: {
    begin(start: CallStart): Promise<string>
    /** Of a call that is under way: what runs is something else than what was asked for. */
    amend(id: string, change: Pick<CallStart, 'decision' | 'arguments' | 'rule'>): Promise<void>
    finish(id: string, end: CallEnd): Promise<void>
    /** What is known of one before it ends. */
    note(
      id: string,
      now: { outcome: 'running' | 'pending'; decision: Call['decision']; error?: string },
    ): Promise<void>
    /** Throws when there is none. */
    get(id: string): Call
    /** In one row when it is over. `at`: when the call came; `duration`: milliseconds since. */
    prepare(start: CallStart, at: number): (end: CallEnd, duration: number) => Promise<string>
  }
  /** Counts a call that a rule lets through, by its row in the log. False: the rule is gone, and the call must not run. */
  applyRule?(rule: string, call: { id: string | null; tool: string; arguments: unknown }): boolean
  /** What the log says of a rule that decides. Null: the rule is gone. */
  ruleInRow?(rule: string): CallRule | null
  /** What is thought of what sources answer (`policy/`): what in a text is aimed at assistants, and what that means for later calls. */
  reading: {
    suspicious: Suspicious
    taintOf(read: { openWorld: boolean; isSuspect: boolean; risk: Risk }): 'all' | 'others' | null
    /** How long it counts that something was read, in milliseconds. */
    taintLasts: number
  }
  clock: Clock
  log: Log
  onTraffic(event: Traffic): void
  /** How long a tool may take, in milliseconds, where the owner of its server does not give it more; default 55 s. */
  callTimeout?: number
  /** Characters of a result; a larger one is not passed on. Default 32 million. */
  largestResult?(): number
  /** The rights that a grant has now; null: none any more. Left out: what it had when it called. */
  principalNow?(principal: Principal): Principal | null
  /** How long clients are kept waiting for a call. */
  patience?: Partial<Patience>
  /** What is known of late calls after a restart. */
  lateStore?: LateStore
  /** What is known of what was read, after a restart. */
  taintStore?: TaintStore
  /** How long a result waits for a client that could not, in milliseconds; default 30 minutes. */
  keepResultsMs?(): number
  /** How long a client may take to answer what it is asked, in milliseconds; default 10 minutes. */
  inputWaitMs?: number
}
