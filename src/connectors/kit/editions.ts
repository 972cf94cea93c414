/** By family: goes up before and after each change of an account, so that what was asked about as one is not done as another. */
export class Editions {
  readonly #counts = new Map<string, number>()

  of(family: string): number {
    return this.#counts.get(family) ?? 0
  }

  async around<T>(family: string, change: () => Promise<T>): Promise<T> {
    this.#next(family)
    try {
      return await change()
    } finally {
      this.#next(family)
    }
  }

  #next(family: string): void {
    this.#counts.set(family, this.of(family) + 1)
  }
}
