/** By family: another number before and after each change of an account, so that what was asked about as one is not done as another. */
export class Editions {
  readonly #families = new Map<string, { count: number; underWay: number }>()

  /** Odd while an account is being changed, however many are at once. */
  of(family: string): number {
    const { count, underWay } = this.#families.get(family) ?? none
    return 2 * count + (underWay > 0 ? 1 : 0)
  }

  async around<T>(family: string, change: () => Promise<T>): Promise<T> {
    this.#step(family, 1)
    try {
      return await change()
    } finally {
      this.#step(family, -1)
    }
  }

  #step(family: string, by: 1 | -1): void {
    const { count, underWay } = this.#families.get(family) ?? none
    this.#families.set(family, { count: count + 1, underWay: underWay + by })
  }
}

const none = { count: 0, underWay: 0 }
