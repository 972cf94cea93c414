import { longestDownload } from '../../contract/agreed/first-start.ts'

/** Milliseconds. */
export interface Timings {
  /** A start without a sign of life, in place of what each server is set to. */
  start?: number
  /** How long the other lists of a server are waited for once its tools are there. */
  otherLists: number
  /** A start in all, however much life it shows. */
  longestStart: number
  /** For a package runner to fetch what it starts. */
  download: number
  /** By then who asked for a start is told how it stands. */
  answer: number
  /** A request without news, in place of what each server is set to. */
  call?: number
  /** Before the first restart after a crash; doubles with each further one. */
  firstBackoff: number
  /** The longest of those waits for one that never came up. */
  longestBackoff: number
  /** Between looks at the network while something waits for it. */
  network: number
  /** For a child to end by itself once its input is closed, and then after SIGTERM. */
  afterEnd: number
  afterTerm: number
  /** Between signs of life that an idle server is asked for. */
  check: number
}

export const usualTimings: Timings = {
  otherLists: 3_000,
  longestStart: 300_000,
  download: longestDownload,
  answer: 45_000,
  firstBackoff: 1_000,
  longestBackoff: 300_000,
  network: 3_000,
  afterEnd: 400,
  afterTerm: 2_000,
  check: 60_000,
}

/** How long a start may take without a sign of life, where the owner did not say: as long as a request, and this at least. */
export const usualStart = 30_000
