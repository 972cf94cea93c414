import { say } from '../../../locales/say.ts'
import type { Counts, Usage } from '../activity.ts'

/** The share of what came to a good end; null when nothing came to any. */
export function workedOf({ worked, failed }: Usage['signIns']['tokens']): number | null {
  return worked + failed === 0 ? null : worked / (worked + failed)
}

export const memoryWords = (bytes: number | null): string =>
  bytes === null
    ? say('usage.servers.unknown')
    : say('usage.servers.megabytes', { count: Math.round(bytes / 1_000_000) })

/** Of one core. */
export const cpuWords = (cpu: number | null): string =>
  cpu === null ? say('usage.servers.unknown') : say('usage.percent', { percent: Math.round(100 * cpu) })

/** The share of the calls that were made and worked; null when none was made. */
export function successOf({ calls, failed, denied }: Counts): number | null {
  const made = calls - denied
  return made <= 0 ? null : (made - failed) / made
}
