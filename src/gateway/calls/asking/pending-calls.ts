import { randomBytes } from 'node:crypto'
import type { RunningCall } from '../running-call.ts'

/** Calls whose client is away to get an answer (MCP 2026-07-28, "Multi round-trip requests"). None waits for ever. */
export class PendingCalls {
  readonly #waitMs: number
  readonly #waiting = new Map<string, { call: RunningCall; timer: NodeJS.Timeout }>()

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  /** The id under which it is found again, once. */
  add(call: RunningCall): string {
    // Who comes back without the id of before gets another, and that one is no good any more.
    for (const [id, one] of this.#waiting) if (one.call === call) this.#leave(id)
    const id = randomBytes(16).toString('base64url')
    const timer = setTimeout(() => this.#leave(id)?.stop('unanswered'), this.#waitMs)
    timer.unref()
    this.#waiting.set(id, { call, timer })
    call.detach()
    return id
  }

  take(id: string, grantId: string): RunningCall | undefined {
    return this.#waiting.get(id)?.call.principal.grantId === grantId ? this.#leave(id) : undefined
  }

  endFor(grantId: string | null): void {
    for (const [id, { call }] of [...this.#waiting])
      if (grantId === null || call.principal.grantId === grantId) this.#leave(id)?.stop('gone')
  }

  #leave(id: string): RunningCall | undefined {
    const found = this.#waiting.get(id)
    clearTimeout(found?.timer)
    this.#waiting.delete(id)
    return found?.call
  }
}
