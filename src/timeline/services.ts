import type { Principal } from '../mcp/principal.ts'

/** Values over a time, oldest first: one for each `step` from `at` on. */
export interface Series {
  /** Such as a currency; '' for a number. */
  unit: string
  /** Milliseconds. */
  step: number
  points: { at: number; value: number }[]
}

/** An account of a service of the outside. */
interface Whose {
  service: string
  account: string
}

/** What an account counted, or why it did not say. `asOf`: when it said so, milliseconds; `stale`: it cannot be asked now. */
export type Read = Whose & ({ series: Series[]; asOf: number; stale: boolean } | { problem: string })

/** An account whose events come into the timeline; `asOf`: when it last said what happened. */
export type Feed = Whose & { asOf: number | null; problem: string | null }

/** The services that are connected, as far as whoever asks may ask them directly. Without a principal: nothing of them. */
export interface Services {
  /** Sources of events that are not for this principal. */
  hiddenFrom(principal: Principal | undefined): ReadonlySet<string>
  feeds(principal: Principal | undefined): Feed[]
  /** Asks those that were not asked for a minute what happened. Resolves when they answered, or the signal ends. */
  bringUpToDate(signal: AbortSignal): Promise<void>
  /** Names of what is counted, such as `errors`. */
  metrics(principal: Principal | undefined): string[]
  read(
    metric: string,
    period: { since: number; until: number; step: number },
    principal: Principal | undefined,
    signal: AbortSignal,
  ): Promise<Read[]>
}

/** Where no service is connected. */
export const noServices: Services = {
  hiddenFrom: () => new Set(),
  feeds: () => [],
  bringUpToDate: async () => {},
  metrics: () => [],
  read: async () => [],
}

/** As assistants call what services count. */
const otherNames: Readonly<Record<string, string>> = {
  ...{ error: 'errors', error_rate: 'errors', error_count: 'errors', exceptions: 'errors' },
  ...{ users: 'visitors', visits: 'visitors', traffic: 'visitors', unique_visitors: 'visitors' },
  ...{ page_views: 'pageviews', views: 'pageviews' },
  ...{ sales: 'revenue', payments: 'revenue', gross: 'revenue', turnover: 'revenue' },
}

/** Its own name, and the unit that was asked for with it: `revenue_eur`. */
export function metricOf(asked: string): { name: string; unit: string | null } {
  const word = asked
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
  const [, base, unit] = /^(revenue|sales|payments|gross|turnover)_([a-z]{3})$/.exec(word) ?? []
  const name = base ?? word
  return { name: otherNames[name] ?? name, unit: unit?.toUpperCase() ?? null }
}

const hour = 3_600_000
const minute = 60_000
const day = 24 * hour

/** How fine values over so long a time need be. Milliseconds. */
export const stepFor = (length: number): number =>
  length <= 12 * hour ? 5 * minute : length <= 4 * day ? 15 * minute : length <= 14 * day ? hour : day
