import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { mostPipelined } from './pipelined-requests.ts'

/** Which way a connection came. Each has places of its own for strangers, so that one way cannot use up the other's. */
export type Entrance = 'direct' | 'tunnel'

export interface PlaceLimits {
  /** Connections in all. */
  maxConnections: number
  /** Connections that are not known to be anybody's, by the way they came. */
  strangers: Readonly<Record<Entrance, number>>
  /** How long a stranger may take for one request, from its first byte to its last, or to read the answer. Milliseconds. */
  strangerTimeout: number
  /** Bytes a second that a stranger's request must bring on average, once it has taken `slowAfter`. */
  strangerRate: number
  slowAfter: number
}

/** What has wholly come waits for us; for this long that is no reason to send it away. Milliseconds. */
const ourTurn = 1_000
/** Time for the rest of a request that comes in pieces, however many others come meanwhile. Milliseconds. */
const grace = 10
/** Requests that were sent ahead, by whomever, are answered so many at a time, between everybody else's. */
const turnsAtOnce = 16
/** How often strangers' limits are looked at, by one timer for all of them. Milliseconds. */
const lookEvery = 250
/** How long a connection that we ended may take to notice. Milliseconds. */
const lingerMs = 2_000

/** One connection. */
class Visit {
  readonly socket: Socket
  readonly way: Entrance
  /** Whether the last that was asked on it was asked by somebody we know. */
  known = false
  /** When what is under way on it began. */
  since = performance.now()
  bytesBefore = 0
  request: IncomingMessage | null = null
  answer: ServerResponse | null = null
  unreadSince: number | null = null
  /** How often it was looked at and left: on a busy machine time alone does not say that we have read what it sent. */
  spared = 0
  /** It asked before it had the answer to what it asked before. */
  isEarly = false
  /** How many times in a row it did. */
  ahead = 0

  constructor(socket: Socket, way: Entrance) {
    this.socket = socket
    this.way = way
  }

  /** The request has come and its answer has not been made: nobody but us keeps it waiting. */
  isOurs(): boolean {
    const { request, answer, isEarly } = this
    return (
      !isEarly && request?.complete === true && answer !== null && !answer.writableEnded && !answer.destroyed
    )
  }

  /** Nothing is under way. */
  isIdle(): boolean {
    return this.answer === null ? this.socket.bytesRead === 0 : this.answer.writableFinished
  }
}

/** It has its answer, and mostly the next request follows. */
const mayAskAgain = (visit: Visit): boolean => visit.answer !== null && visit.isIdle()

/** Who gives way first: the oldest of those that hold something up or never asked, then of those that may ask again. */
function inOrder(queue: Iterable<Visit>): Visit[] {
  const visits = [...queue]
  return [...visits.filter((visit) => !mayAskAgain(visit)), ...visits.filter(mayAskAgain)]
}

const visitOf = Symbol('visit')
type Visited = Socket & { [visitOf]?: Visit }

export type ConnectionPlaces = ReturnType<typeof createConnectionPlaces>

/**
 * Who holds the connections of a listener. Those that are not known to be anybody's have few places; when these are full the
 * oldest gives way, so that holding many keeps nobody out, and who has shown a good token is never in their number. A
 * connection stays known until something is asked on it by a stranger: behind a tunnel, visitors share connections.
 */
export function createConnectionPlaces(limits: PlaceLimits) {
  const all = new Set<Visit>()
  /** Oldest first. */
  const strangers: Record<Entrance, Set<Visit>> = { direct: new Set(), tunnel: new Set() }
  let looking: NodeJS.Timeout | null = null
  const soon: Record<Entrance, NodeJS.Timeout | null> = { direct: null, tunnel: null }

  const join = (visit: Visit) => {
    visit.since = performance.now()
    visit.bytesBefore = visit.socket.bytesRead
    visit.unreadSince = null
    visit.spared = 0
    const queue = strangers[visit.way]
    queue.delete(visit)
    queue.add(visit)
    looking ??= setInterval(look, lookEvery).unref()
    thin(visit.way)
  }

  /** Sends the oldest strangers of one way away until no more than their places are taken. */
  const thin = (way: Entrance) => {
    const most = Math.min(limits.strangers[way], limits.maxConnections)
    // with a look due anyway, a flood costs no look for each that comes
    if (strangers[way].size <= most || soon[way] !== null) return
    // A tunnel server uses a connection again, and holds none that is idle back from others.
    const held = inOrder(strangers[way]).filter((visit) => way === 'direct' || !visit.isIdle())
    const now = performance.now()
    let left = held.length
    for (const visit of held) {
      if (left <= most) return
      const age = now - visit.since
      const hasTurn = age < ourTurn && (visit.isOurs() || mayAskAgain(visit))
      if (visit.spared < 2 || age < grace || hasTurn) {
        visit.spared += 1
        continue
      }
      giveWay(visit)
      left -= 1
    }
    if (left > most) soon[way] = setTimeout(thinLater, grace, way).unref()
  }
  const thinLater = (way: Entrance) => {
    // after what has come meanwhile was read
    setImmediate(() => {
      soon[way] = null
      thin(way)
    })
  }

  const leave = (visit: Visit) => {
    all.delete(visit)
    strangers[visit.way].delete(visit)
    if (looking !== null && strangers.direct.size + strangers.tunnel.size === 0) {
      clearInterval(looking)
      looking = null
    }
  }

  const giveWay = (visit: Visit) => {
    leave(visit)
    end(visit, '503 Service Unavailable', 'Too many are connected who have not shown an access token.')
  }

  const makeRoom = (newest: Visit) => {
    if (all.size <= limits.maxConnections) return
    const others = [strangers.direct, strangers.tunnel].flatMap(inOrder).filter((visit) => visit !== newest)
    const now = performance.now()
    const victim =
      // Somebody who has only just come may be about to show a token.
      others.find((visit) => !visit.isOurs() && now - visit.since >= grace) ??
      others.find((visit) => !visit.isOurs()) ??
      others[0] ??
      [...all].find((visit) => visit !== newest && visit.isIdle()) ??
      newest
    giveWay(victim)
  }

  /** Strangers that take too long. */
  function look(): void {
    const now = performance.now()
    for (const queue of [strangers.direct, strangers.tunnel])
      for (const visit of queue) {
        const { socket, request, answer, since } = visit
        const age = now - since
        if (socket.writableEnded) {
          if (age > lingerMs) socket.destroy()
        } else if (answer?.writableEnded && !answer.writableFinished) {
          visit.unreadSince ??= now
          if (now - visit.unreadSince > limits.strangerTimeout) socket.destroy()
        } else if (request === null ? socket.bytesRead > 0 : !request.complete) {
          const came = socket.bytesRead - visit.bytesBefore
          const slow = age > limits.slowAfter && came < (age / 1000) * limits.strangerRate
          if (slow || age > limits.strangerTimeout)
            end(visit, '408 Request Timeout', 'The request took too long to arrive.')
        }
      }
  }

  const turns: (() => void)[] = []
  const turn = () =>
    new Promise<void>((resolve) => {
      if (turns.push(resolve) === 1) setImmediate(takeTurns)
    })
  const takeTurns = () => {
    for (const go of turns.splice(0, turnsAtOnce)) go()
    if (turns.length > 0) setImmediate(takeTurns)
  }

  const of = (socket: Socket): Visit | undefined => (socket as Visited)[visitOf]

  return {
    /** A connection that was opened. */
    enter(socket: Socket, way: Entrance): void {
      const visit = new Visit(socket, way)
      ;(socket as Visited)[visitOf] = visit
      all.add(visit)
      socket.once('close', () => leave(visit))
      join(visit)
      makeRoom(visit)
    },
    /**
     * A request whose headers have come. A promise: it has to wait for its turn, because it was sent before the answer to the last
     * one was out (RFC 9112 §9.3.2 allows that, and no client does it). Also of somebody we know: one good token would let
     * whatever is sent behind it hold the thread. The socket is destroyed when very many were sent ahead.
     */
    asked(req: IncomingMessage, res: ServerResponse): Promise<void> | null {
      const visit = of(req.socket)
      if (visit === undefined) return null
      visit.isEarly = visit.answer !== null && !visit.answer.writableFinished
      visit.ahead = visit.isEarly ? visit.ahead + 1 : 0
      if (visit.ahead > mostPipelined) {
        req.socket.destroy()
        return null
      }
      visit.request = req
      visit.answer = res
      if (!visit.known && all.has(visit)) join(visit)
      return visit.isEarly ? turn() : null
    },
    /** Who asks has shown a good token. */
    recognise(socket: Socket): void {
      const visit = of(socket)
      if (visit === undefined || visit.known) return
      visit.known = true
      strangers[visit.way].delete(visit)
    },
    /** Who asks has not. */
    doubt(socket: Socket): void {
      const visit = of(socket)
      if (!visit?.known) return
      visit.known = false
      if (all.has(visit)) join(visit)
    },
    wayOf: (socket: Socket): Entrance => of(socket)?.way ?? 'direct',
    /** What was answered last on a connection; null when nothing was. */
    lastAnswer: (socket: Socket): ServerResponse | null => of(socket)?.answer ?? null,
    close(): void {
      if (looking !== null) clearInterval(looking)
      looking = null
      for (const timer of Object.values(soon)) if (timer !== null) clearTimeout(timer)
    },
  }
}

/** Ends a connection, with a word about it where that can still be read. */
function end({ socket, request, answer }: Visit, status: string, message: string): void {
  const isUnanswered = request === null ? socket.bytesRead > 0 : answer?.headersSent === false
  if (isUnanswered && socket.writable && socket.writableLength === 0)
    socket.write(plainAnswer(status, message))
  else if (socket.writableLength > 0) return void socket.destroy()
  socket.destroySoon()
}

/** An answer made by hand, where there is no request to answer. */
export function plainAnswer(status: string, message: string): string {
  const body = JSON.stringify({ error: 'bad-request', error_description: message })
  const again = status.startsWith('503') ? 'Retry-After: 1\r\n' : ''
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${again}Cache-Control: no-store\r\nConnection: close\r\n\r\n${body}`
}
