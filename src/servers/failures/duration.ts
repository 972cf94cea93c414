import { type Sentence, saidLater } from '../../../locales/say.ts'

/** Milliseconds in words. */
export const duration = (milliseconds: number): Sentence =>
  milliseconds < 120_000
    ? saidLater('part.seconds', { count: Math.max(1, Math.round(milliseconds / 1_000)) })
    : saidLater('part.minutes', { count: Math.round(milliseconds / 60_000) })
