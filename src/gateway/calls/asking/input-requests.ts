import type { InputRequest, Raw } from '../../../mcp/tool-source.ts'

interface Open {
  request: InputRequest
  answer(result: Raw): void
  giveUp(error: Error): void
}

type InputRequired = { inputRequests: Raw }

/**
 * What a server of 2025 asks while a request of a client of 2026-07-28 is under way: it leaves as `input_required`, and the
 * client's next request brings the answers.
 */
export class OpenInputRequests {
  readonly #open = new Map<string, Open>()
  #count = 0
  #wake: (() => void) | null = null
  #isOver = false

  get isEmpty(): boolean {
    return this.#open.size === 0
  }

  /** Waits for the client to come back with the answer. */
  ask(request: InputRequest, signal?: AbortSignal): Promise<Raw> {
    if (signal?.aborted) return Promise.reject(takenBack())
    if (this.#isOver) return Promise.reject(over())
    return new Promise((resolve, reject) => {
      this.#count += 1
      const key = `question_${this.#count}`
      const end = () => {
        this.#open.delete(key)
        signal?.removeEventListener('abort', onAbort)
      }
      const answer = (result: Raw) => {
        end()
        resolve(result)
      }
      const giveUp = (error: Error) => {
        end()
        reject(error)
      }
      const onAbort = () => giveUp(takenBack())
      signal?.addEventListener('abort', onAbort)
      this.#open.set(key, { request, answer, giveUp })
      this.#wake?.()
    })
  }

  /** Answers as the protocol has them: the bare result under the request's key. Others are ignored: what was asked stays open. */
  take(responses: Raw | undefined): void {
    for (const [key, response] of Object.entries(responses ?? {})) {
      const isBare = typeof response === 'object' && response !== null && !Array.isArray(response)
      if (isBare && !('method' in response) && !('result' in response))
        this.#open.get(key)?.answer(response as Raw)
    }
  }

  /** Calls `wake` whenever something is asked. */
  listen(wake: () => void): void {
    this.#wake = wake
  }

  /** What to tell the client: how its request ended, or what is asked. */
  next<T>(ending: Promise<T>): Promise<T | InputRequired> {
    if (this.#open.size > 0) return Promise.resolve(this.required())
    return new Promise((resolve, reject) => {
      const wake = () => resolve(this.required())
      this.#wake = wake
      ending.then(resolve, reject)
    })
  }

  /** The request is over: nobody answers any more. */
  giveUp(): void {
    this.#isOver = true
    if (this.#open.size === 0) return
    for (const open of [...this.#open.values()]) open.giveUp(over())
  }

  required(): InputRequired {
    return { inputRequests: Object.fromEntries([...this.#open].map(([key, { request }]) => [key, request])) }
  }
}

const over = (): Error => new Error('The request is over.')
const takenBack = (): Error => new Error('The question was taken back.')
