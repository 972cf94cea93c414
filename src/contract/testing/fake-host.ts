import { HostError, toErrorReply } from '../../kernel/errors.ts'
import { api, type CallName, type EventName, type Payload } from '../api.ts'
import type { Listen, Reply } from '../pipe.ts'
import { type Answers, fakeAnswers } from './fake-answers.ts'
import { type Fake, type FakeState, freshState } from './fake-state.ts'
import { sampleOf } from './sample.ts'

/**
 * A host without rooms that keeps the contract: what goes in and out is checked like the real one's. It answers from its state, by
 * `answers` first; a call that nobody wrote an answer for gets a sample of what the contract promises. For tests.
 */
export class FakeHost implements Fake {
  state: FakeState
  readonly answers: Answers
  readonly now: () => number
  /** What was called, oldest first, as it was understood. */
  readonly called: { name: string; input: unknown }[] = []
  readonly #listeners = new Set<Listen>()

  constructor(options: { state?: Partial<FakeState>; answers?: Answers; now?: () => number } = {}) {
    this.state = { ...freshState(), ...options.state }
    this.answers = { ...fakeAnswers, ...options.answers }
    this.now = options.now ?? Date.now
  }

  readonly dispatch = async (name: string, input: unknown): Promise<Reply> => {
    try {
      const entry = Object.hasOwn(api, name) ? api[name as CallName] : undefined
      if (entry === undefined || !('input' in entry)) throw new Error(`Not in the contract: ${name}`)
      const parsed = entry.input.safeParse(input ?? undefined)
      if (!parsed.success)
        throw new HostError({
          code: 'bad-input',
          told: { message: parsed.error.issues[0]!.message, hint: `${name}: ${parsed.error.message}` },
        })
      this.called.push({ name, input: parsed.data })
      const failing = this.state.failing[name]
      if (failing !== undefined) return { ok: false, error: failing }
      const answer = this.answers[name as CallName] as ((input: unknown, host: Fake) => unknown) | undefined
      const value = answer === undefined ? sampleOf(entry.output) : await answer(parsed.data, this)
      return { ok: true, value: entry.output.parse(value) }
    } catch (error) {
      return { ok: false, error: toErrorReply(error) }
    }
  }

  /** Returns the function that stops listening. */
  readonly on = (listen: Listen): (() => void) => {
    this.#listeners.add(listen)
    return () => void this.#listeners.delete(listen)
  }

  readonly tell = <K extends EventName>(name: K, payload: Payload<K>): void => {
    const told = api[name].payload.parse(payload)
    for (const listen of this.#listeners) listen(name, told)
  }
}
