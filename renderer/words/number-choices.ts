/** A number that must be chosen from few, with the one in use among them; null stands for no limit. */
export function numberChoices<N extends number | null>(
  usual: readonly N[],
  current: N,
  words: (value: N) => string,
): { value: string; label: string }[] {
  const numbers = [...new Set([...usual, current])].sort(
    (a, b) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY),
  )
  return numbers.map((value) => ({ value: String(value), label: words(value) }))
}

/** Back from a choice. */
export const fromChoice = (value: string): number | null => (value === 'null' ? null : Number(value))
