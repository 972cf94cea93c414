/** Longest name shown of an app that nobody vouches for. */
const maxLength = 60

/**
 * A name as a stranger claims it, safe to show: one line of visible characters. Compatibility forms are folded (NFKC)
 * and control, format, bidirectional and private characters removed, so that it cannot hide or reorder text around it.
 */
export function claimedName(claimed: unknown): string {
  if (typeof claimed !== 'string') return 'Unnamed app'
  const visible = claimed
    .slice(0, 1_000)
    .normalize('NFKC')
    .replace(/\p{C}/gu, '')
    .replace(/[\s\p{Z}]+/gu, ' ')
    .trim()
  return [...visible].slice(0, maxLength).join('').trim() || 'Unnamed app'
}
