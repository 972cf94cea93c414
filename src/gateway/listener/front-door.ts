import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { errorText, HostError, isHostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { type ConnectionPlaces, plainAnswer } from '../../net/connection-places.ts'
import { isTaken, listenOnLoopback } from '../../net/loopback-listening.ts'
import { endWithSocket } from '../../net/pipelined-requests.ts'
import type { Limits } from './limits.ts'

/** How long a client may go on sending what was refused, so that it gets to read the refusal. Milliseconds. */
const lingerMs = 2_000

/** The HTTP server of the public listener: its two entrances, its limits of time and place, and what it says to garbage. */
export class FrontDoor {
  readonly #places: ConnectionPlaces
  readonly #log: Log
  readonly #server: Server & { closeAllConnections(): void }
  /** The same door for what a tunnel relays, so that the two are told apart. */
  #entrance: Server
  readonly #throughTunnel = new WeakSet<Socket>()

  /** `answer`: a request whose turn has come; it must not throw. */
  constructor(deps: {
    limits: Limits
    places: ConnectionPlaces
    log: Log
    answer(req: IncomingMessage, res: ServerResponse): void
  }) {
    const { limits, places, answer } = deps
    this.#places = places
    this.#log = deps.log
    const server = createServer(serverOptions(limits), (req, res) => {
      res.on('finish', lingerOver)
      const turn = places.asked(req, res)
      if (turn === null) {
        if (!req.socket.destroyed) answer(req, res)
      } else void turn.then(() => req.socket.destroyed || answer(req, res))
    })
    server.on('connection', endWithSocket)
    server.on('connection', (socket) =>
      places.enter(socket, this.#throughTunnel.has(socket) ? 'tunnel' : 'direct'),
    )
    server.timeout = limits.idleTimeout
    server.on('timeout', (connection: Socket) => {
      // Without a request yet it has `headersTimeout`; an answer may be long in coming, but not in being read.
      const last = places.lastAnswer(connection)
      if (last !== null && (last.writableEnded || last.writableLength > 0)) connection.destroy()
    })
    server.on('clientError', refuseMalformed)
    this.#server = server
    this.#entrance = this.#newEntrance()
  }

  #newEntrance(): Server {
    return createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#throughTunnel.add(socket)
      this.#server.emit('connection', socket)
    })
  }

  /** Throws HostError `port-taken`. `tunnelPort`: of the entrance for what a tunnel relays; another one where that is taken. */
  async listen(port: number, tunnelPort = 0): Promise<{ port: number; tunnelPort: number }> {
    const opened = await this.#listenOn(this.#server, port)
    try {
      const entrance = await this.#listenOn(this.#entrance, tunnelPort).catch((error) => {
        if (tunnelPort === 0 || !isHostError(error) || error.code !== 'port-taken') throw error
        return this.#listenOn(this.#entrance, 0)
      })
      return { port: opened, tunnelPort: entrance }
    } catch (error) {
      this.#server.close()
      throw error
    }
  }

  /** Lets what a tunnel relays in by this port from now on. Throws HostError `port-taken`, and then it stays where it is. */
  async moveEntrance(port: number): Promise<void> {
    const next = this.#newEntrance()
    await this.#listenOn(next, port)
    // Connections that came by it stay.
    this.#entrance.close()
    this.#entrance = next
  }

  /** Cuts every connection. */
  closeAll(): void {
    this.#server.closeAllConnections()
  }

  async close(): Promise<void> {
    const closed = [this.#server, this.#entrance].map(
      (one) => new Promise<void>((resolve) => (one.listening ? one.close(() => resolve()) : resolve())),
    )
    this.closeAll()
    await Promise.all(closed)
    this.#places.close()
  }

  #listenOn(server: Server, port: number): Promise<number> {
    return listenOnLoopback(server, port, {
      problem: (error) => asHostError(error, port),
      onError: (error) => this.#log.error('gateway.listener', { error: errorText(error) }),
    })
  }
}

const serverOptions = ({ headersTimeout, requestTimeout }: Limits) => ({
  headersTimeout,
  requestTimeout,
  // Node's own way of closing idle connections makes and removes a timer for every request (decision 13).
  keepAliveTimeout: 0,
  connectionsCheckingInterval: Math.min(1_000, headersTimeout / 4),
  maxHeaderSize: 16 * 1024,
})

/** What was answered before all of it had come may go on coming for a while. */
function lingerOver(this: ServerResponse): void {
  const { req } = this
  if (req.complete) return
  const late = setTimeout(() => req.complete || req.socket.destroy(), lingerMs).unref()
  // Mostly it comes with the next bytes; the timer would keep the whole request.
  req.once('close', () => clearTimeout(late))
}

/** What Node found wrong before there was a request to answer. */
const malformed: Record<string, [line: string, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of this request are too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'The chunks of this request are too large.'],
}
const invalid = ['400 Bad Request', 'This is not a valid HTTP request.'] as const

function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const [line, message] = malformed[error.code ?? ''] ?? invalid
  socket.end(plainAnswer(line, message))
}

function asHostError(error: NodeJS.ErrnoException, port: number): HostError {
  if (isTaken(error))
    return new HostError({
      code: 'port-taken',
      says: 'port-taken-public',
      params: { port },
      cause: error,
    })
  return new HostError({
    code: 'listener-failed',
    says: 'listener-failed-public',
    detail: error.message,
    cause: error,
  })
}
