import type { Exchange, Raw } from '../../mcp/tool-source.ts'

type Tell = NonNullable<Exchange['onElicitationComplete']>

/** A server that never says that a page was dealt with must not be remembered for ever. */
const most = 200

/**
 * Pages that users were sent to for a server, by its ids (MCP 2025-11-25, Elicitation, "Completion Notifications for URL Mode"): only the client
 * that was sent there hears that it is done, and once.
 */
export class UrlElicitations {
  readonly #waiting = new Map<string, Tell>()

  /** `params` of an `elicitation/create`, or one of the elicitations of error −32042. */
  remember(params: unknown, { onElicitationComplete }: Exchange): void {
    if (onElicitationComplete === undefined || typeof params !== 'object' || params === null) return
    const { elicitationId: id } = params as Raw
    if (typeof id !== 'string') return
    // The last comes to the end, where it stays longest.
    this.#waiting.delete(id)
    this.#waiting.set(id, onElicitationComplete)
    if (this.#waiting.size > most) this.#waiting.delete(this.#waiting.keys().next().value!)
  }

  done(id: unknown): void {
    const tell = this.#waiting.get(id as string)
    if (tell === undefined) return
    this.#waiting.delete(id as string)
    tell(id as string)
  }
}
