/** The part of AbortSignal that is used along a request; a real one will do wherever one of these is asked for. */
export interface CancelSignal {
  readonly aborted: boolean
  /** Once aborted. */
  readonly reason?: unknown
  addEventListener(type: 'abort', listen: () => void): void
  removeEventListener(type: 'abort', listen: () => void): void
}

/**
 * What ends a request from outside. There are several for every request, most of which nothing ever ends: an AbortController with
 * one listener costs more than all of a request's routing.
 */
export class Cancellation implements CancelSignal {
  #aborted = false
  #reason: unknown
  #listening: (() => void)[] | null = null

  get aborted(): boolean {
    return this.#aborted
  }
  get reason(): unknown {
    return this.#reason
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
  abort(reason: unknown = new DOMException('This operation was aborted', 'AbortError')): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    const listening = this.#listening ?? []
    this.#listening = null
    for (const listen of listening) listen()
  }
}

/** For those who need a real one, such as `fetch`. */
export function abortSignalOf(signal: CancelSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal
  const controller = new AbortController()
  if (signal.aborted) controller.abort(signal.reason)
  else signal.addEventListener('abort', () => controller.abort(signal.reason))
  return controller.signal
}
