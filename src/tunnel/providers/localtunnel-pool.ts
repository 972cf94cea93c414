import { connect, type Socket } from 'node:net'
import { lookup } from '../public-fetch.ts'

/** Marks the answer the tunnel gives when Drawbridge's own listener does not; read by the probe. */
export const localDownHeader = 'x-drawbridge-tunnel'

const connectTimeout = 5_000
/** A half-open connection (network gone, computer asleep) is found in this time plus ten probes of a second. */
const keepAliveAfter = 10_000
/** Time for the last bytes to leave after one side ended. */
const lingerTimeout = 10_000
const usefulAfter = 5_000
const retryDelays = [0, 500, 1_000, 2_000, 5_000]

const localDown = (() => {
  const body = 'Drawbridge does not answer on this computer.\n'
  return `HTTP/1.1 502 Bad Gateway\r\n${localDownHeader}: local-down\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`
})()

export interface Pool {
  /** Resolves with the first connection; rejects when the first round failed or the signal says so. */
  connected(signal: AbortSignal): Promise<void>
  idle(): number
  onTrouble(listen: () => void): void
  onLost(listen: () => void): void
  close(): void
}

/** Keeps `size` connections to the tunnel server, each relaying to the local port once the first byte arrives. */
export function openPool(options: {
  target: { host: string; port: number }
  /** A connection to there by another way, a proxy; left out: directly. */
  through?(): Promise<Socket>
  localPort(): number
  size: number
}): Pool {
  const sockets = new Set<Socket>()
  const timers = new Set<NodeJS.Timeout>()
  const waiting = new Set<Socket>()
  let dialing = 0
  let open = 0
  let closed = false
  let lost = false
  let onOpen = () => {}
  let onTrouble = () => {}
  let onLost = () => {}
  let onFirstFailure = (_error: Error) => {}

  function dial(failures: number): void {
    if (closed) return
    dialing += 1
    if (!options.through) {
      const remote = track(connect({ ...options.target, lookup, timeout: connectTimeout, noDelay: true }))
      remote.on('timeout', () => remote.destroy(new Error('no answer in time')))
      follow(remote, failures)
      return
    }
    options.through().then(
      (socket) => {
        if (closed) return void socket.destroy()
        follow(track(socket), failures)
        socket.emit('connect')
      },
      (error: Error) => {
        dialing -= 1
        if (closed) return
        if (open + dialing === 0) giveUp(error)
        else redial(failures + 1)
      },
    )
  }

  /** `remote`: a connection that is just being made; it says `connect` when it is there. */
  function follow(remote: Socket, failures: number): void {
    let failure = new Error('the connection was closed')
    let upSince: number | null = null
    let used = false
    remote.on('error', (error) => {
      failure = error
    })
    remote.once('connect', () => {
      upSince = performance.now()
      dialing -= 1
      open += 1
      remote.setTimeout(0)
      remote.setKeepAlive(true, keepAliveAfter)
      waiting.add(remote)
      remote.once('readable', () => {
        if (remote.readableLength === 0) return void remote.resume() // the server hung up
        used = true
        waiting.delete(remote)
        relay(remote, options.localPort(), track)
      })
      onOpen()
    })
    remote.once('close', () => {
      waiting.delete(remote)
      if (upSince === null) dialing -= 1
      else open -= 1
      if (closed) return
      if (upSince === null && open + dialing === 0) return giveUp(failure)
      if (upSince !== null && open === 0) onTrouble()
      // A connection that was never used and is closed again and again must not become a busy loop.
      const useful = used || (upSince !== null && performance.now() - upSince > usefulAfter)
      redial(useful ? 0 : failures + 1)
    })
  }

  function redial(failures: number): void {
    const delay = retryDelays[Math.min(Math.max(failures - 1, 0), retryDelays.length - 1)]!
    const timer = setTimeout(() => {
      timers.delete(timer)
      dial(failures)
    }, delay)
    timers.add(timer)
  }

  function giveUp(error: Error): void {
    onFirstFailure(error)
    if (lost || closed) return
    lost = true
    onLost()
  }

  function track(socket: Socket): Socket {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    return socket
  }

  function close(): void {
    closed = true
    for (const timer of timers) clearTimeout(timer)
    timers.clear()
    for (const socket of sockets) socket.destroy()
  }

  return {
    connected(signal) {
      return new Promise<void>((resolve, reject) => {
        const abort = () => reject(signal.reason)
        const settle = (act: () => void) => {
          signal.removeEventListener('abort', abort)
          onOpen = () => {}
          onFirstFailure = () => {}
          act()
        }
        if (signal.aborted) return abort()
        signal.addEventListener('abort', abort, { once: true })
        onOpen = () => settle(resolve)
        onFirstFailure = (error) => settle(() => reject(error))
        for (let count = 0; count < options.size; count += 1) dial(0)
      })
    },
    idle: () => waiting.size,
    onTrouble: (listen) => {
      onTrouble = listen
    },
    onLost: (listen) => {
      onLost = listen
      if (lost && !closed) listen()
    },
    close,
  }
}

/** Joins a visitor's connection to the listener on this computer; a listener that is down is answered for. */
function relay(remote: Socket, localPort: number, track: (socket: Socket) => Socket): void {
  const local = track(connect({ host: '127.0.0.1', port: localPort, noDelay: true }))
  let joined = false
  local.once('connect', () => {
    joined = true
    remote.pipe(local).pipe(remote)
  })
  local.on('error', () => {
    if (joined) remote.destroy()
  })
  local.once('close', () => {
    if (remote.destroyed) return
    remote.setTimeout(lingerTimeout, () => remote.destroy())
    // What the visitor still sends is read to its end: behind unread bytes we would not hear that the server is done with the
    // connection, and closing on them would reset it and lose the answer.
    remote.unpipe(local)
    remote.resume()
    if (!joined) remote.end(localDown)
  })
  // The visitor left: whoever works on the answer must hear of it.
  remote.once('close', () => local.destroy())
}
