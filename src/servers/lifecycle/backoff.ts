/** How long to wait before the next start, by the number of crashes so far: 1, 2, 4, 8, 16, 30, 30… s. */
const longest = 30_000
/** A server that crashes this often within the time below is left alone. */
export const maxCrashes = 5
const within = 10 * 60_000

/** Remembers the crashes of one server, as far as they count. */
export interface CrashHistory {
  /** Notes one more; returns the wait before the next start in milliseconds, or null when it was one too many. */
  add(now: number): number | null
  forget(): void
}

/** Waits that double from `first` to `most` (milliseconds), for as long as it takes. */
export function createEndlessWaits(first: number, most: number) {
  let times = 0
  return {
    next(): number {
      times += 1
      return Math.min(first * 2 ** Math.min(times - 1, 20), most)
    },
    forget(): void {
      times = 0
    },
  }
}

/** `first` is the wait after the first crash, in milliseconds. `limit` null: never give up. */
export function createCrashHistory(first: number, limit: number | null): CrashHistory {
  let crashes: number[] = []
  return {
    add(now) {
      crashes = crashes.filter((at) => at > now - within && at <= now)
      crashes.push(now)
      if (limit !== null && crashes.length >= limit) return null
      return Math.min(first * 2 ** Math.min(crashes.length - 1, 10), longest)
    },
    forget() {
      crashes = []
    },
  }
}
