import { randomBytes } from 'node:crypto'
import {
  createRequestStateCodec,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { Principal } from '../../../mcp/principal.ts'
import { type Target, targetHash } from '../targets.ts'

/** What goes to the client and back between two requests for one call (MCP 2026-07-28, "Multi round-trip requests"). */
export interface RequestState {
  /** Names what is kept here: a running request that waits for an answer, or an approval that still holds. */
  id: string
  /** The former. */
  isPending: boolean
  /** The source's own state. */
  theirs?: string
}

/** How long a client may take to come back, in seconds. */
export const stateSeconds = 600

/**
 * Seals states, so that nobody can change one or use it for another grant, another request or later. A restart ends them all: which
 * program, and whose account there, was asked before it is not known after it, and an answer must not reach another.
 */
export function createStateSealer() {
  const codec = createRequestStateCodec<RequestState>({
    key: randomBytes(32),
    ttlSeconds: stateSeconds,
    bind: (context) => (context as unknown as { binding: string }).binding,
  })
  const contextOf = (principal: Principal, target: Target) =>
    ({
      binding: JSON.stringify([
        principal.grantId,
        principal.workspace,
        target.method,
        target.source.slug,
        targetHash(target),
      ]),
    }) as unknown as ServerContext

  return {
    seal: (principal: Principal, target: Target, state: RequestState): Promise<string> =>
      codec.mint(state, contextOf(principal, target)),
    /** Throws ProtocolError −32602 for whatever we did not seal for exactly this. */
    async open(principal: Principal, target: Target, sealed: unknown): Promise<RequestState> {
      if (typeof sealed !== 'string' || sealed.length > maxSealed) throw invalidState()
      try {
        return await codec.verify(sealed, contextOf(principal, target))
      } catch {
        throw invalidState()
      }
    },
  }
}

const maxSealed = 1_000_000

/** The words are those of the SDK, which clients know. */
export const invalidState = (): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', {
    reason: 'invalid_request_state',
  })
