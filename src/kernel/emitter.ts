/** Typed events. A listener that throws does not stop the others: its error goes to `onError`. */
export class Emitter<Events extends Record<string, unknown>> {
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>()
  readonly #onError: (error: unknown) => void

  constructor(
    onError: (error: unknown) => void = (error) =>
      queueMicrotask(() => {
        throw error
      }),
  ) {
    this.#onError = onError
  }

  /** Returns the function that stops listening. */
  on<K extends keyof Events>(name: K, listen: (payload: Events[K]) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, set)
    set.add(listen)
    return () => void set.delete(listen)
  }

  emit<K extends keyof Events>(name: K, payload: Events[K]): void {
    for (const listen of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listen(payload as never)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
