/** The part of AbortSignal that is used along a request; a real one will do wherever one of these is asked for. */
export interface CutSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listen: () => void): void
  removeEventListener(type: 'abort', listen: () => void): void
}

/**
 * What ends a request from outside. There is one for every request, most of which nothing ever ends: an AbortController with
 * one listener costs more than all of its routing.
 */
export class Cut implements CutSignal {
  #aborted = false
  #listening: (() => void)[] | null = null

  get aborted(): boolean {
    return this.#aborted
  }

  addEventListener(_type: 'abort', listen: () => void): void {
    if (this.#aborted) return
    if (this.#listening === null) this.#listening = [listen]
    else if (!this.#listening.includes(listen)) this.#listening.push(listen)
  }

  removeEventListener(_type: 'abort', listen: () => void): void {
    const at = this.#listening?.indexOf(listen) ?? -1
    if (at >= 0) this.#listening!.splice(at, 1)
  }

  /** Calls everybody who listens, once. */
  abort(): void {
    if (this.#aborted) return
    this.#aborted = true
    const listening = this.#listening ?? []
    this.#listening = null
    for (const listen of listening) listen()
  }
}
