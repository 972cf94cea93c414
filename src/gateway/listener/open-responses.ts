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
export function createOpenResponses() {
  const open = new TrackedSet<OpenResponse>()
  let cuts = 0

  const cutWhere = (isMeant: (one: OpenResponse) => boolean) => {
    cuts += 1
    for (const one of open.all()) if (isMeant(one)) one.destroy()
  }

  return {
    add(grantId: string, res: ServerResponse): OpenResponse {
      const one = new OpenResponse(grantId, res)
      const leave = () => {
        open.delete(one)
        if (!one.finished) one.abort()
      }
      open.add(one)
      if (res.destroyed) leave()
      else res.on('close', leave)
      return one
    },
    cut: (grantId: string): void => cutWhere((one) => one.grantId === grantId),
    cutAll: (): void => cutWhere(() => true),
    /** How often anybody was cut. */
    cuts: () => cuts,
  }
}
