/** What the public listener accepts at most. Times are milliseconds, sizes bytes. */
export interface Limits {
  /** From the first byte of a connection to the end of its headers. */
  headersTimeout: number
  /** From the first byte to the end of the body. */
  requestTimeout: number
  /** How long a connection may be silent when no answer is under way on it. */
  idleTimeout: number
  maxConnections: number
  /** Connections that are not known to be anybody's, by the way they came. The oldest gives way to a new one. */
  strangers: { direct: number; tunnel: number }
  /** How long a stranger may take to send a request, or to read an answer. */
  strangerTimeout: number
  /** Bytes a second that a stranger's request must bring once it has taken `slowAfter`. */
  strangerRate: number
  slowAfter: number
  /** A body nobody has vouched for: everything under /oauth. */
  anonymousBody: number
  /** A body that came with a good token. */
  body: number
  /** Nesting of JSON. */
  depth: number
}

export const defaultLimits: Limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than most clients keep one that they do not use, so that their next request does not meet its end.
  idleTimeout: 65_000,
  maxConnections: 256,
  // A browser has six, and a client that signs in one or two. Of the ten that a tunnel server grants most must be left for
  // calls: a stranger needs one for the moment of a request.
  strangers: { direct: 64, tunnel: 3 },
  // What strangers send is a form of a few hundred bytes; it comes in one piece on the slowest line.
  strangerTimeout: 5_000,
  strangerRate: 256,
  slowAfter: 2_000,
  anonymousBody: 64 * 1024,
  body: 4 * 1024 * 1024,
  depth: 64,
}
