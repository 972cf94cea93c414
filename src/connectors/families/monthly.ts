/** How often something is billed, and what that is in a month: a year has 12 months, 365 days and 52 weeks. */
export interface Interval {
  unit: 'day' | 'week' | 'month' | 'year'
  count: number
}
const perMonth = { day: 365 / 12, week: 52 / 12, month: 1, year: 1 / 12 }

/** `amount` of each interval, in the same unit for a month; not rounded. */
export const monthly = (amount: number, { unit, count }: Interval) => (amount * perMonth[unit]) / count

/** One step of a price that depends on the quantity. `upTo` null: all above. Amounts in the smallest unit. */
export interface Tier {
  upTo: number | null
  unit: number
  flat: number
}

/** `volume`: all units cost what the last one costs; `graduated`: each costs what its step says. */
export function tieredAmount(tiers: readonly Tier[], mode: 'volume' | 'graduated', quantity: number): number {
  const top = tiers.findIndex(({ upTo }) => upTo === null || quantity <= upTo)
  const last = top === -1 ? tiers.length - 1 : top
  if (last < 0) return 0
  if (mode === 'volume') return tiers[last]!.unit * quantity + tiers[last]!.flat
  return tiers.slice(0, last + 1).reduce((sum, { upTo, unit, flat }, index) => {
    const below = index === 0 ? 0 : tiers[index - 1]!.upTo!
    return sum + (Math.min(quantity, upTo ?? quantity) - below) * unit + flat
  }, 0)
}
