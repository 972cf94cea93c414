import type { ActivityFilter, Call } from '../activity.ts'

/** What of a row is filtered by its value. */
export const facets = ['grantId', 'tool', 'source', 'risk', 'decision', 'outcome'] as const

/** Whether a row is one of those asked for: the host and the page that shows new rows must mean the same. */
export function passes(call: Call, filter: ActivityFilter): boolean {
  if (filter.since !== undefined && call.at < filter.since) return false
  if (filter.until !== undefined && call.at >= filter.until) return false
  return facets.every((name) => filter[name] === undefined || call[name] === filter[name])
}
