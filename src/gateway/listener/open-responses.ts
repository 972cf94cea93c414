import type { ServerResponse } from 'node:http'
import { Cancellation } from '../../kernel/cancellation.ts'
import { type Tracked, TrackedSet } from '../../kernel/tracked-set.ts'

/** An answer that is under way. Cancelled when the client leaves before it is complete, or its grant ends. */
export class OpenResponse extends Cancellation implements Tracked {
  readonly grantId: string
  place = -1
  readonly #res: ServerResponse

  constructor(grantId: string, res: ServerResponse) {
    super()
    this.grantId = grantId
    this.#res = res
  }

  get finished(): boolean {
    return this.#res.writableFinished
  }

  destroy(): void {
    this.abort()
    this.#res.destroy()
  }
}

/** The answers that are under way, so that those of a grant can be ended the moment it is revoked. */
export class OpenResponses {
  readonly #open = new TrackedSet<OpenResponse>()
  #cancellations = 0

  add(grantId: string, res: ServerResponse): OpenResponse {
    const one = new OpenResponse(grantId, res)
    const leave = () => {
      this.#open.delete(one)
      if (!one.finished) one.abort()
    }
    this.#open.add(one)
    if (res.destroyed) leave()
    else res.on('close', leave)
    return one
  }

  cancelFor(grantId: string): void {
    this.#cancelWhere((one) => one.grantId === grantId)
  }

  cancelAll(): void {
    this.#cancelWhere(() => true)
  }

  /** How often anybody's were. */
  cancellations(): number {
    return this.#cancellations
  }

  #cancelWhere(isMeant: (one: OpenResponse) => boolean): void {
    this.#cancellations += 1
    for (const one of this.#open.all()) if (isMeant(one)) one.destroy()
  }
}
