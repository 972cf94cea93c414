/** What was put in last, `most` entries of it. */
export class Recent<V> {
  readonly #most: number
  readonly #all = new Map<string, V>()

  constructor(most: number) {
    this.#most = most
  }

  get(key: string): V | undefined {
    return this.#all.get(key)
  }

  set(key: string, value: V): void {
    this.#all.delete(key)
    this.#all.set(key, value)
    if (this.#all.size > this.#most) this.#all.delete(this.#all.keys().next().value!)
  }

  delete(key: string): void {
    this.#all.delete(key)
  }
}
