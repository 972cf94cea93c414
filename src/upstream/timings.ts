/** Milliseconds. */
export interface Timings {
  /** From the start of a server to its first lists. */
  start: number
  /** How long the other lists of a server are waited for once its tools are there. */
  otherLists: number
  /** A request without news, in place of what each server is set to. */
  call?: number
  /** Before the first restart after a crash; doubles with each further one. */
  firstBackoff: number
  /** For a child to end by itself once its input is closed, and then after SIGTERM. */
  afterEnd: number
  afterTerm: number
  /** Between signs of life that an idle server is asked for. */
  check: number
}

export const usualTimings: Timings = {
  start: 30_000,
  otherLists: 3_000,
  firstBackoff: 1_000,
  afterEnd: 400,
  afterTerm: 2_000,
  check: 60_000,
}
