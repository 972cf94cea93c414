import type { Call } from '../../contract/activity.ts'
import type { Risk } from '../../contract/tools.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Traffic } from '../../kernel/traffic.ts'
import type { Limits } from '../listener/limits.ts'
import type { Facts } from '../offers/catalog-entry.ts'
import type { TargetCatalog } from './targets.ts'

export type Decision =
  | { kind: 'allow' }
  | { kind: 'ask' }
  | {
      kind: 'deny'
      reason: string
      message: string
      hint: string
      /** All that the call needs, when a missing scope is the only obstacle. */
      scopes?: readonly string[]
    }

export interface CallStart {
  grantId: string
  clientName: string
  tool: string
  source: string
  risk: Risk
  decision: Call['decision']
  arguments: unknown
}

export interface CallEnd {
  outcome: Exclude<Call['outcome'], 'running'>
  decision?: Call['decision']
  error?: string | null
  result?: unknown
}

export interface PipelineDeps {
  catalog: TargetCatalog
  decide(facts: Facts): Decision
  approvals: {
    /** Characters of JSON that can be asked about at all. */
    readonly longest: number
    ask(
      question: {
        grantId: string
        clientName: string
        tool: string
        toolId: string
        toolTitle: string
        source: string
        sourceId: string
        risk: Risk
        argumentsHash: string
        /** The very value that its source will get. */
        arguments: unknown
        /** Its row in the log. */
        call?: string
      },
      signal?: AbortSignal,
    ): Promise<'allowed' | 'denied' | 'pending' | 'unshowable' | 'crowded'>
    /** Why a question would not even be put to the user; null: it would. */
    holdBack(question: {
      grantId: string
      tool: string
      argumentsHash(): string
    }): { why: 'declined'; seconds: number } | { why: 'too-many' } | null
  }
  /** Promises resolve once the row is committed, and reject when it cannot be. */
  activity: {
    begin(start: CallStart): Promise<string>
    finish(id: string, end: CallEnd): Promise<void>
    /** In one row when it is over. `at`: when the call came; `duration`: milliseconds since. */
    prepare(start: CallStart, at: number): (end: CallEnd, duration: number) => Promise<string>
  }
  clock: Clock
  log: Log
  onTraffic(event: Traffic): void
  limits?: Pick<Limits, 'callTimeout' | 'result'>
  /** Characters of a result, in place of the limit above: the user may change it. */
  largestResult?(): number
  /** Seals what goes to clients and back; at least 32 bytes. Without one, a restart ends what is open. */
  stateKey?: Uint8Array
  /** How long a client may take to answer a question, in milliseconds; default 10 minutes. */
  questionKeepMs?: number
}
