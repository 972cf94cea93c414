import { say } from '../../../locales/say.ts'
import { visibleParts } from '../../contract/agreed/visible-text.ts'

/** Longest name shown of an app that nobody vouches for. */
const maxLength = 60

/**
 * A name as a stranger claims it, safe to show: one line of visible characters. Compatibility forms are folded (NFKC)
 * and whatever would not be seen, or would cover or reorder the text around it, is left out.
 */
export function claimedName(claimed: unknown): string {
  if (typeof claimed !== 'string') return say('access.unnamedApp')
  const oneLine = claimed
    .slice(0, 1_000)
    .normalize('NFKC')
    .replace(/[\s\p{Z}]+/gu, ' ')
  const visible = visibleParts(oneLine)
    .filter(({ unseen }) => !unseen)
    .map(({ text }) => text)
    .join('')
    .trim()
  return [...visible].slice(0, maxLength).join('').trim() || say('access.unnamedApp')
}
