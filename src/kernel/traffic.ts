import type { ErrorReply } from '../contract/errors.ts'

/**
 * What the public listener saw, as far as the setup flows need it to tick their steps. Emitted after the answer was
 * decided; carries no secrets.
 */
export interface Traffic {
  at: number
  kind:
    | 'protected-resource-metadata' // RFC 9728
    | 'authorization-server-metadata' // RFC 8414
    | 'register' // RFC 7591, or a client metadata document that was accepted
    | 'authorize'
    | 'approved'
    | 'token'
    | 'discover' // server/discover or initialize
    | 'tools-list'
    | 'tools-call'
  ok: boolean
  /** The origin the request was addressed to, e.g. `https://name.example` or `http://127.0.0.1:4000`. */
  origin: string
  /** As claimed; absent while nobody knows. */
  clientName?: string
  grantId?: string
  /** For people: why it failed. */
  problem?: ErrorReply
}
