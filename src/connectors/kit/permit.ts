import { HostError } from '../../kernel/errors.ts'

/** What lets one call through, and the accounts that it is meant for: looked at again before each of its requests. */
export class Permit {
  readonly edition: number
  readonly #of: { readonly name: string; edition(): number }
  readonly #call: { stillAllowed?(): void }
  #refusal: { error: unknown } | null = null

  /** `of`: where its accounts are; `edition`: what they were when it was let through, if that was not just now. */
  constructor(
    of: { readonly name: string; edition(): number },
    call: { edition?: number; stillAllowed?(): void } = {},
  ) {
    this.edition = call.edition ?? of.edition()
    this.#of = of
    this.#call = call
  }

  /** No account was changed since, and none is being changed (`editions.ts`): what is learnt is still learnt of the same ones. */
  get isCurrent(): boolean {
    return this.edition % 2 === 0 && this.#of.edition() === this.edition
  }

  /** Throws where it was taken back, or accounts are others. To be called with no wait between it and what is sent. */
  check(): void {
    try {
      if (!this.isCurrent) throw new HostError({ code: 'server-edited', params: { name: this.#of.name } })
      this.#call.stillAllowed?.()
    } catch (error) {
      this.#refusal = { error }
      throw error
    }
  }

  /** Throws it again, where it may have been taken for a failure of the service, or of one part of several. */
  throwIfRefused(): void {
    if (this.#refusal !== null) throw this.#refusal.error
  }
}
