/** Where the time comes from, so that tests can move it. Milliseconds since 1970. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

let last = 0

/** What comes later gets a larger number, in one life of the program, in which its clock may be set back. */
export function nextOrder(): number {
  last += 1
  return last
}
