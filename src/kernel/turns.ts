/** One after the other, in the order they came. What fails is told to who asked for it, and the next has its turn all the same. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T> | T): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }

  /** When all that came so far had theirs. Never rejects. */
  async over(): Promise<void> {
    await this.#last
  }
}
