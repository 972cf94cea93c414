import { say } from '../../locales/say.ts'
import type { Closed } from './approvals.ts'

/** What the log says of a call whose client had stopped waiting when its question was closed. */
export function closedRow(how: Closed) {
  const error = say(`activity.row.${how}`)
  if (how === 'denied') return { outcome: 'denied', decision: 'denied', error } as const
  const isDone = how === 'allowed' || how === 'retried'
  return { outcome: 'cancelled', decision: isDone ? 'approved' : 'denied', error } as const
}
