import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { errorText, HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { type ConnectionPlaces, createConnectionPlaces, plainAnswer } from '../../net/connection-places.ts'
import { endWithSocket } from '../../net/pipelined-requests.ts'
import { sendRefusal } from './answers.ts'
import type { Limits } from './limits.ts'

export interface FrontDoor {
  crowd: ConnectionPlaces
  /** Throws HostError `port-taken`. `tunnelPort`: the same door for what a tunnel relays, so that the two are told apart. */
  listen(port: number): Promise<{ port: number; tunnelPort: number }>
  /** Cuts every connection. */
  closeAll(): void
  close(): Promise<void>
}

/** How long a client may go on sending what was refused, so that it gets to read the refusal. Milliseconds. */
const lingerMs = 2_000

/** The HTTP server of the public listener: its two entrances, its limits of time and place, and what it says to garbage. */
export function createFrontDoor(deps: {
  limits: Limits
  log: Log
  answer(req: IncomingMessage, res: ServerResponse): void | Promise<void>
}): FrontDoor {
  const { limits, log, answer } = deps
  const crowd = createConnectionPlaces(limits)
  const throughTunnel = new WeakSet<Socket>()

  const server = createServer(
    {
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      // Node's own way of closing idle connections makes and removes a timer for every request (decision 13).
      keepAliveTimeout: 0,
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeout / 4),
      maxHeaderSize: 16 * 1024,
    },
    async (req, res) => {
      const turn = crowd.asked(req, res)
      try {
        if (turn !== null) await turn
        if (req.socket.destroyed) return
        await answer(req, res)
      } catch (error) {
        log.error('gateway.request', { error: errorText(error) })
        sendRefusal(res, 500, 'internal', 'Something went wrong inside Drawbridge.')
      }
      if (!req.complete) linger(req, res)
    },
  )
  server.on('connection', endWithSocket)
  server.on('connection', (socket) => crowd.enter(socket, throughTunnel.has(socket) ? 'tunnel' : 'direct'))
  server.timeout = limits.idleTimeout
  server.on('timeout', (connection: Socket) => {
    // Without a request yet it has `headersTimeout`; an answer may be long in coming, but not in being read.
    const last = crowd.lastAnswer(connection)
    if (last !== null && (last.writableEnded || last.writableLength > 0)) connection.destroy()
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy()
    const [line, message] = malformed[error.code ?? ''] ?? [
      '400 Bad Request',
      'This is not a valid HTTP request.',
    ]
    socket.end(plainAnswer(line, message))
  })

  const entrance = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    throughTunnel.add(socket)
    server.emit('connection', socket)
  })
  const closeAll = () => server.closeAllConnections()

  return {
    crowd,
    async listen(port) {
      const opened = await listenOn(server, port, log)
      try {
        return { port: opened, tunnelPort: await listenOn(entrance, 0, log) }
      } catch (error) {
        server.close()
        throw error
      }
    },
    closeAll,
    async close() {
      const closed = [server, entrance].map(
        (one) => new Promise<void>((resolve) => (one.listening ? one.close(() => resolve()) : resolve())),
      )
      closeAll()
      await Promise.all(closed)
      crowd.close()
    },
  }
}

const listenOn = (server: Server, port: number, log: Log): Promise<number> =>
  new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(asHostError(error, port))
    server.once('error', failed)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.off('error', failed)
      server.on('error', (error) => log.error('gateway.listener', { error: errorText(error) }))
      resolve((server.address() as AddressInfo).port)
    })
  })

/** What was answered before all of it had come may go on coming for a while. */
function linger(req: IncomingMessage, res: ServerResponse): void {
  const wait = () => {
    if (req.complete) return
    const late = setTimeout(() => req.complete || req.socket.destroy(), lingerMs).unref()
    // Mostly it comes with the next bytes; the timer would keep the whole request.
    req.once('close', () => clearTimeout(late))
  }
  if (res.writableFinished) wait()
  else res.once('finish', wait)
}

/** What Node found wrong before there was a request to answer. */
const malformed: Record<string, [line: string, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of this request are too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'The chunks of this request are too large.'],
}

function asHostError(error: NodeJS.ErrnoException, port: number): HostError {
  if (error.code === 'EADDRINUSE' || error.code === 'EACCES')
    return new HostError({
      code: 'port-taken',
      message: `Port ${port} is used by another program.`,
      hint: 'Close that program, or start Drawbridge with another port (--port).',
      cause: error,
    })
  return new HostError({
    code: 'listener-failed',
    message: 'Drawbridge could not begin to listen for assistants.',
    hint: 'Restart the computer. If it happens again, the log file in the data folder has the details.',
    detail: error.message,
    cause: error,
  })
}
