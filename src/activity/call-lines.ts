import type { Call } from '../contract/activity.ts'

/** How a call ended. A decision that is null leaves the one it began with. */
export interface CallEnding {
  id: string
  now: number
  outcome: Call['outcome']
  decision: Call['decision'] | null
  error: string | null
  result: string | null
}

/** What of a row changes when its call ends, as a line for a journal that has the whole row further up. */
export const endingLine = ({ id, decision, outcome, duration, error, result }: Call): string =>
  JSON.stringify({ ends: id, decision, outcome, duration, error, result })

/** The rows that a journal holds, each in its last version, in the order in which they began. */
export function replay(values: readonly unknown[]): Iterable<Call> {
  const calls = new Map<string, Call>()
  for (const value of values) {
    if (isCall(value)) calls.set(value.id, value)
    else if (typeof value === 'object' && value !== null && 'ends' in value) {
      const { ends, ...end } = value
      const begun = calls.get(String(ends))
      const call = { ...begun, ...end }
      if (begun && isCall(call)) calls.set(begun.id, call)
    }
  }
  return calls.values()
}

/** Whether the table would take it. */
export function isCall(value: unknown): value is Call {
  if (typeof value !== 'object' || value === null) return false
  const call = value as Record<keyof Call, unknown>
  // Field by field: V8 looks up names in a list anew each time, and this is on the way of every call.
  return (
    typeof call.id === 'string' &&
    typeof call.grantId === 'string' &&
    typeof call.clientName === 'string' &&
    typeof call.tool === 'string' &&
    typeof call.source === 'string' &&
    typeof call.risk === 'string' &&
    typeof call.decision === 'string' &&
    typeof call.outcome === 'string' &&
    typeof call.arguments === 'string' &&
    Number.isSafeInteger(call.at) &&
    (call.duration === null || typeof call.duration === 'number') &&
    (call.error === null || typeof call.error === 'string') &&
    (call.result === null || typeof call.result === 'string')
  )
}
