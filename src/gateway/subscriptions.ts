import type { Principal } from './caller.ts'

/** Who wants to hear of which resources, and the sources that are asked to tell. */
export interface Subscriptions {
  /**
   * From now on `key` (one stream, or one session) wants to hear of these and of no others; none: it is forgotten.
   * Returns those of them that can be had: readable by this principal, from a source that can tell of changes.
   */
  set(
    key: string,
    principal: Principal,
    uris: ReadonlySet<string>,
    onUpdated: (uri: string) => void,
  ): ReadonlySet<string>
  /**
   * One more for this key, as `resources/subscribe` asks. Throws ProtocolError when there is no such resource for this
   * principal, or its source cannot tell of changes.
   */
  add(key: string, principal: Principal, uri: string, onUpdated: (uri: string) => void): void
  /** One less; unknown ones are fine. */
  remove(key: string, uri: string): void
  /** Ends all of one grant, or of everybody (null). */
  cancelFor(grantId: string | null): void
  stop(): void
}
