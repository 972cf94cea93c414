/**
 * How much work one request, or one message of a server, may make in loops whose length strangers choose on both sides: what a client
 * sent times what servers offer. Counted in steps (about 5 ns each), not in time, so that the same request always ends the same way.
 */
export class WorkBudget {
  #left: number

  constructor(steps: number) {
    this.#left = steps
  }

  get isSpent(): boolean {
    return this.#left < 0
  }

  /** False: there was not that much left, and nothing is any more. */
  spend(steps: number): boolean {
    this.#left = this.#left < steps ? -1 : this.#left - steps
    return this.#left >= 0
  }
}

let current: WorkBudget | null = null

/** Whatever `work` does at once, without waiting for anything, is paid from `budget`, and from none that holds further out. */
export function within<T>(budget: WorkBudget, work: () => T): T {
  const outer = current
  current = budget
  try {
    return work()
  } finally {
    current = outer
  }
}

/** Whether there is a budget for `steps` more; without one that holds, there is. */
export const canSpend = (steps: number): boolean => current === null || current.spend(steps)
