import { say } from '../../../locales/say.ts'
import type { ActivityCheck } from '../activity.ts'

/** Whether nothing was changed, added or taken away behind Drawbridge's back. */
export const isWhole = ({ changed, more, missing, isMarked }: ActivityCheck): boolean =>
  changed.length + more === 0 && missing === 0 && isMarked

/** What was found, a sentence each. The rows that were changed are in `changed`. */
export function checkSentences(check: ActivityCheck): string[] {
  const { rows, changed, more, missing, unsealed, isMarked } = check
  const altered = changed.length + more
  return [
    ...(isWhole(check) ? [say('record.whole', { rows })] : [say('record.looked', { rows })]),
    ...(altered > 0 ? [say('record.changed', { count: altered })] : []),
    ...(missing > 0 ? [say('record.missing', { count: missing })] : []),
    ...(isMarked ? [] : [say('record.unmarked')]),
    ...(unsealed > 0 ? [say('record.unsealed', { count: unsealed })] : []),
  ]
}
