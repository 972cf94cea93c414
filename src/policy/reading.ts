import { suspicious } from './suspicious-text.ts'
import { isUntrusted, taintLasts } from './taint.ts'

/** Everything the gateway asks about what was read. */
export const reading = {
  suspicious: (text: string) => suspicious(text, 'result'),
  isUntrusted,
  taintLasts,
}
