import { suspicious } from './suspicious-text.ts'
import { taintLasts, taintOf } from './taint.ts'

/** Everything the gateway asks about what was read. */
export const reading = {
  suspicious: (text: string) => suspicious(text, 'result'),
  taintOf,
  taintLasts,
}
