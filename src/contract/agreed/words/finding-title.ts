import { say } from '../../../../locales/say.ts'
import type { Finding } from '../../doctor.ts'

/** What a check came to, as a sentence: what is wrong where something is, what holds where it holds. */
export function findingTitle({
  state,
  title,
  problem,
}: Pick<Finding, 'state' | 'title' | 'problem'>): string {
  if ((state === 'failed' || state === 'warning') && problem) return problem.message
  return state === 'skipped' ? say('finding.notTried', { title }) : title
}
