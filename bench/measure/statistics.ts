/** The value below which `part` (0…1) of the values lie, exactly: by rank in the sorted values, never interpolated. */
export function percentile(values: readonly number[] | Float64Array, part: number): number {
  if (values.length === 0) return Number.NaN
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1))]!
}

/** The middle value; of an even number of them, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The list begun at another place each time, so that nobody always comes first or after the same neighbour. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const at = list.length === 0 ? 0 : by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}

/** The list in an order left to chance, so that nobody has the same neighbour every time. */
export function shuffled<T>(list: readonly T[], chance: () => number = Math.random): T[] {
  const left = [...list]
  const order: T[] = []
  while (left.length > 0) order.push(...left.splice(Math.floor(chance() * left.length), 1))
  return order
}
