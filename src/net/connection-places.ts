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
class Connection {
  readonly socket: Socket
  readonly way: Entrance
  /** Whether the last that was asked on it was asked by somebody we know. */
  isRecognised = false
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

  /** Something new is under way on it. */
  begin(): void {
    this.since = performance.now()
    this.bytesBefore = this.socket.bytesRead
    this.unreadSince = null
    this.spared = 0
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

  /** It has its answer, and mostly the next request follows. */
  mayAskAgain(): boolean {
    return this.answer !== null && this.isIdle()
  }

  /** Ends it, with a word about it where that can still be read. */
  end(status: string, message: string): void {
    const { socket, request, answer } = this
    const isUnanswered = request === null ? socket.bytesRead > 0 : answer?.headersSent === false
    if (isUnanswered && socket.writable && socket.writableLength === 0)
      socket.write(plainAnswer(status, message))
    else if (socket.writableLength > 0) return void socket.destroy()
    socket.destroySoon()
  }
}

/** Who gives way first: the oldest of those that hold something up or never asked, then of those that may ask again. */
function inOrder(queue: Iterable<Connection>): Connection[] {
  const all = [...queue]
  return [...all.filter((one) => !one.mayAskAgain()), ...all.filter((one) => one.mayAskAgain())]
}

const connectionOf = Symbol('connection')
type Held = Socket & { [connectionOf]?: Connection }
const of = (socket: Socket): Connection | undefined => (socket as Held)[connectionOf]

/**
 * Who holds the connections of a listener. Those that are not known to be anybody's have few places; when these are full the
 * oldest gives way, so that holding many keeps nobody out, and who has shown a good token is never in their number. A
 * connection stays known until something is asked on it by a stranger: behind a tunnel, visitors share connections.
 */
export class ConnectionPlaces {
  readonly #limits: PlaceLimits
  readonly #all = new Set<Connection>()
  /** Oldest first. */
  readonly #strangers: Record<Entrance, Set<Connection>> = { direct: new Set(), tunnel: new Set() }
  readonly #turns: (() => void)[] = []
  readonly #soon: Record<Entrance, NodeJS.Timeout | null> = { direct: null, tunnel: null }
  #looking: NodeJS.Timeout | null = null

  constructor(limits: PlaceLimits) {
    this.#limits = limits
  }

  /** A connection that was opened. */
  enter(socket: Socket, way: Entrance): void {
    const connection = new Connection(socket, way)
    ;(socket as Held)[connectionOf] = connection
    this.#all.add(connection)
    socket.once('close', () => this.#leave(connection))
    this.#join(connection)
    this.#makeRoom(connection)
  }

  /**
   * A request whose headers have come. A promise: it has to wait for its turn, because it was sent before the answer to the last
   * one was out (RFC 9112 §9.3.2 allows that, and no client does it). Also of somebody we know: one good token would let
   * whatever is sent behind it hold the thread. The socket is destroyed when very many were sent ahead.
   */
  asked(req: IncomingMessage, res: ServerResponse): Promise<void> | null {
    const connection = of(req.socket)
    if (connection === undefined) return null
    connection.isEarly = connection.answer !== null && !connection.answer.writableFinished
    connection.ahead = connection.isEarly ? connection.ahead + 1 : 0
    if (connection.ahead > mostPipelined) {
      req.socket.destroy()
      return null
    }
    connection.request = req
    connection.answer = res
    if (!connection.isRecognised && this.#all.has(connection)) this.#join(connection)
    return connection.isEarly ? this.#turn() : null
  }

  /** Who asks has shown a good token. */
  recognise(socket: Socket): void {
    const connection = of(socket)
    if (connection === undefined || connection.isRecognised) return
    connection.isRecognised = true
    this.#strangers[connection.way].delete(connection)
  }

  /** Who asks has not. */
  doubt(socket: Socket): void {
    const connection = of(socket)
    if (!connection?.isRecognised) return
    connection.isRecognised = false
    if (this.#all.has(connection)) this.#join(connection)
  }

  wayOf(socket: Socket): Entrance {
    return of(socket)?.way ?? 'direct'
  }

  /** What was answered last on a connection; null when nothing was. */
  lastAnswer(socket: Socket): ServerResponse | null {
    return of(socket)?.answer ?? null
  }

  close(): void {
    if (this.#looking !== null) clearInterval(this.#looking)
    this.#looking = null
    for (const timer of Object.values(this.#soon)) if (timer !== null) clearTimeout(timer)
  }

  #join(connection: Connection): void {
    connection.begin()
    const queue = this.#strangers[connection.way]
    queue.delete(connection)
    queue.add(connection)
    this.#looking ??= setInterval(() => this.#look(), lookEvery).unref()
    this.#thin(connection.way)
  }

  #leave(connection: Connection): void {
    this.#all.delete(connection)
    const { direct, tunnel } = this.#strangers
    this.#strangers[connection.way].delete(connection)
    if (this.#looking === null || direct.size + tunnel.size > 0) return
    clearInterval(this.#looking)
    this.#looking = null
  }

  /** Sends the oldest strangers of one way away until no more than their places are taken. */
  #thin(way: Entrance): void {
    const strangers = this.#strangers[way]
    const most = Math.min(this.#limits.strangers[way], this.#limits.maxConnections)
    // with a look due anyway, a flood costs no look for each that comes
    if (strangers.size <= most || this.#soon[way] !== null) return
    // A tunnel server uses a connection again, and holds none that is idle back from others.
    const held = inOrder(strangers).filter((one) => way === 'direct' || !one.isIdle())
    const now = performance.now()
    let left = held.length
    for (const one of held) {
      if (left <= most) return
      const age = now - one.since
      const hasTurn = age < ourTurn && (one.isOurs() || one.mayAskAgain())
      if (one.spared < 2 || age < grace || hasTurn) {
        one.spared += 1
        continue
      }
      this.#giveWay(one)
      left -= 1
    }
    if (left > most) this.#soon[way] = setTimeout(() => this.#thinLater(way), grace).unref()
  }

  #thinLater(way: Entrance): void {
    // after what has come meanwhile was read
    setImmediate(() => {
      this.#soon[way] = null
      this.#thin(way)
    })
  }

  #giveWay(connection: Connection): void {
    this.#leave(connection)
    connection.end('503 Service Unavailable', 'Too many are connected who have not shown an access token.')
  }

  #makeRoom(newest: Connection): void {
    if (this.#all.size <= this.#limits.maxConnections) return
    const { direct, tunnel } = this.#strangers
    const others = [direct, tunnel].flatMap(inOrder).filter((one) => one !== newest)
    const now = performance.now()
    const victim =
      // Somebody who has only just come may be about to show a token.
      others.find((one) => !one.isOurs() && now - one.since >= grace) ??
      others.find((one) => !one.isOurs()) ??
      others[0] ??
      [...this.#all].find((one) => one !== newest && one.isIdle()) ??
      newest
    this.#giveWay(victim)
  }

  /** Strangers that take too long. */
  #look(): void {
    const now = performance.now()
    const { direct, tunnel } = this.#strangers
    for (const queue of [direct, tunnel]) for (const one of queue) this.#hurry(one, now)
  }

  #hurry(connection: Connection, now: number): void {
    const { strangerTimeout, strangerRate, slowAfter } = this.#limits
    const { socket, request, answer, since } = connection
    const age = now - since
    if (socket.writableEnded) {
      if (age > lingerMs) socket.destroy()
    } else if (answer?.writableEnded && !answer.writableFinished) {
      connection.unreadSince ??= now
      if (now - connection.unreadSince > strangerTimeout) socket.destroy()
    } else if (request === null ? socket.bytesRead > 0 : !request.complete) {
      const came = socket.bytesRead - connection.bytesBefore
      const isSlow = age > slowAfter && came < (age / 1000) * strangerRate
      if (isSlow || age > strangerTimeout)
        connection.end('408 Request Timeout', 'The request took too long to arrive.')
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#turns.push(resolve) === 1) setImmediate(() => this.#takeTurns())
    })
  }

  #takeTurns(): void {
    for (const go of this.#turns.splice(0, turnsAtOnce)) go()
    if (this.#turns.length > 0) setImmediate(() => this.#takeTurns())
  }
}

/** An answer made by hand, where there is no request to answer. */
export function plainAnswer(status: string, message: string): string {
  const body = JSON.stringify({ error: 'bad-request', error_description: message })
  const again = status.startsWith('503') ? 'Retry-After: 1\r\n' : ''
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${again}Cache-Control: no-store\r\nConnection: close\r\n\r\n${body}`
}
