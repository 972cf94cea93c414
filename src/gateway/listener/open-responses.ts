import type { ServerResponse } from 'node:http'
import { Cancellation } from '../../kernel/cancellation.ts'
import { type Tracked, TrackedSet } from '../../kernel/tracked-set.ts'

/** An answer that is under way. Cut when the client leaves before it is complete, or its grant is cut. */
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

/** The answers that are under way, so that those of a grant can be cut the moment it is revoked. */
export class OpenResponses {
  readonly #open = new TrackedSet<OpenResponse>()
  #cuts = 0

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

  cut(grantId: string): void {
    this.#cutWhere((one) => one.grantId === grantId)
  }

  cutAll(): void {
    this.#cutWhere(() => true)
  }

  /** How often anybody was cut. */
  cuts(): number {
    return this.#cuts
  }

  #cutWhere(isMeant: (one: OpenResponse) => boolean): void {
    this.#cuts += 1
    for (const one of this.#open.all()) if (isMeant(one)) one.destroy()
  }
}
