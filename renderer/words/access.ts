import { say } from '../../locales/say.ts'
import type { Access } from '../../src/contract/access.ts'
import type { Call } from '../../src/contract/activity.ts'
import { callOutcome } from '../../src/contract/agreed/call-outcome.ts'
import type { Server } from '../../src/contract/servers.ts'
import type { Risk } from '../../src/contract/tools.ts'

const ACCESS_ORDER = ['look', 'ask', 'everything'] as const satisfies readonly Access[]

/** The access levels to choose from, each with what it means. */
export const accessChoices = () =>
  ACCESS_ORDER.map((value) => ({
    value,
    label: say(`accessLevel.${value}.label`),
    text: say(`accessLevel.${value}.text`),
  }))

const RISK_TONES = { read: 'neutral', write: 'warn', destructive: 'danger' } as const satisfies Record<
  Risk,
  string
>

export const riskWords = (risk: Risk) => ({
  label: say(`risk.${risk}.label`),
  tone: RISK_TONES[risk],
  sentence: say(`risk.${risk}.sentence`),
})

const SERVER_TONES: Record<Server['state'], 'ok' | 'neutral' | 'warn' | 'danger'> = {
  draft: 'warn',
  running: 'ok',
  downloading: 'neutral',
  starting: 'neutral',
  waiting: 'warn',
  failed: 'danger',
  stopped: 'neutral',
  'signed-out': 'warn',
}

export const serverWords = (state: Server['state']) => ({
  label: say(`serverState.${state}.label`),
  tone: SERVER_TONES[state],
})

const OUTCOME_TONES = {
  running: 'neutral',
  answered: 'ok',
  failed: 'danger',
  denied: 'warn',
  pending: 'warn',
  cancelled: 'neutral',
} as const satisfies Record<Call['outcome'], string>

/** What became of a call, in a few words, and how it should look. */
export const outcomeWords = (call: Pick<Call, 'outcome' | 'decision'>) => ({
  label: callOutcome(call),
  tone: OUTCOME_TONES[call.outcome],
})

export const decisionWords = (decision: Call['decision']): string => say(`decision.${decision}`)
