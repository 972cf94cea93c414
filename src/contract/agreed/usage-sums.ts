import type { Counts } from '../activity.ts'

/** The share of the calls that were made and worked; null when none was made. */
export function successOf({ calls, failed, denied }: Counts): number | null {
  const made = calls - denied
  return made <= 0 ? null : (made - failed) / made
}
