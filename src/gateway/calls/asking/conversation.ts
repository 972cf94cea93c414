import type { InputRequest, Raw } from '../../../mcp/tool-source.ts'
import type { Ending } from '../results/endings.ts'
import type { RunningCall } from '../running-call.ts'

interface Open {
  question: InputRequest
  answer(result: Raw): void
  giveUp(error: Error): void
  release(): void
}

type Questions = { inputRequests: Raw }

/**
 * A running request of a client of 2026-07-28 whose server asks in the way of 2025: the questions leave as `input_required`, and
 * the client's next request brings the answers.
 */
export class Conversation {
  readonly running: RunningCall
  readonly grantId: string
  readonly #open = new Map<string, Open>()
  #count = 0
  #ending: Promise<Ending> | null = null
  #wake: (() => void) | null = null

  constructor(run: RunningCall, grantId: string) {
    this.running = run
    this.grantId = grantId
  }

  /** How it ends, whoever waits for it then. */
  set ending(ending: Promise<Ending>) {
    this.#ending = ending
    ending.then(
      () => this.#over(),
      () => this.#over(),
    )
  }

  #over(): void {
    this.running.close()
    for (const open of [...this.#open.values()]) open.giveUp(new Error('The request is over.'))
  }

  get hasQuestions(): boolean {
    return this.#open.size > 0
  }

  /** Puts a question and waits for the client to come back with the answer. */
  ask(question: InputRequest, signal?: AbortSignal): Promise<Raw> {
    return new Promise((resolve, reject) => {
      this.#count += 1
      const key = `question_${this.#count}`
      const release = this.running.hold()
      const end = () => {
        this.#open.delete(key)
        release()
        signal?.removeEventListener('abort', onAbort)
      }
      const open: Open = {
        question,
        release,
        answer(result) {
          end()
          resolve(result)
        },
        giveUp(error) {
          end()
          reject(error)
        },
      }
      const onAbort = () => open.giveUp(new Error('The question was taken back.'))
      if (signal?.aborted) {
        release()
        reject(new Error('The question was taken back.'))
        return
      }
      signal?.addEventListener('abort', onAbort)
      this.#open.set(key, open)
      this.#wake?.()
    })
  }

  /** Answers as the protocol has them: the bare result under the question's key. Others are ignored: their question stays. */
  take(responses: Raw | undefined): void {
    for (const [key, response] of Object.entries(responses ?? {})) {
      const bare = typeof response === 'object' && response !== null && !Array.isArray(response)
      if (bare && !('method' in response) && !('result' in response))
        this.#open.get(key)?.answer(response as Raw)
    }
  }

  /** What to tell the client: how it ended, or what is asked. */
  next(): Promise<Ending | Questions> {
    if (this.#open.size > 0) return Promise.resolve(this.#questions())
    return new Promise((resolve, reject) => {
      const wake = () => resolve(this.#questions())
      this.#wake = wake
      this.#ending!.then(resolve, reject)
    })
  }

  #questions(): Questions {
    const open = [...this.#open].map(([key, { question }]) => [key, question])
    return { inputRequests: Object.fromEntries(open) }
  }
}
