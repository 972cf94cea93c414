import { connect, type Socket } from 'node:net'
import { localDownHeader } from '../probe.ts'
import { lookup } from '../public-fetch.ts'

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

interface PoolOptions {
  target: { host: string; port: number }
  /** A connection to there by another way, a proxy; left out: directly. */
  through?(): Promise<Socket>
  localPort(): number
  size: number
}

/** Keeps `size` connections to a tunnel server, each relaying to the local port once the first byte arrives. */
export class RelayPool {
  readonly #options: PoolOptions
  readonly #sockets = new Set<Socket>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #waiting = new Set<Socket>()
  #dialing = 0
  #open = 0
  #closed = false
  #lost = false
  #onOpen = () => {}
  #onTrouble = () => {}
  #onLost = () => {}
  #onFirstFailure = (_error: Error) => {}

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Resolves with the first connection; rejects when the first round failed or the signal says so. */
  connected(signal: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const abort = () => reject(signal.reason)
      const settle = (act: () => void) => {
        signal.removeEventListener('abort', abort)
        this.#onOpen = () => {}
        this.#onFirstFailure = () => {}
        act()
      }
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, { once: true })
      this.#onOpen = () => settle(resolve)
      this.#onFirstFailure = (error) => settle(() => reject(error))
      for (let count = 0; count < this.#options.size; count += 1) this.#dial(0)
    })
  }

  idle(): number {
    return this.#waiting.size
  }

  onTrouble(listen: () => void): void {
    this.#onTrouble = listen
  }

  onLost(listen: () => void): void {
    this.#onLost = listen
    if (this.#lost && !this.#closed) listen()
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    for (const socket of this.#sockets) socket.destroy()
  }

  #dial(failures: number): void {
    if (this.#closed) return
    this.#dialing += 1
    const { target, through } = this.#options
    if (!through) {
      const remote = this.#track(connect({ ...target, lookup, timeout: connectTimeout, noDelay: true }))
      remote.on('timeout', () => remote.destroy(new Error('no answer in time')))
      this.#follow(remote, failures)
      return
    }
    through().then(
      (socket) => {
        if (this.#closed) return void socket.destroy()
        this.#follow(this.#track(socket), failures)
        socket.emit('connect')
      },
      (error: Error) => {
        this.#dialing -= 1
        if (this.#closed) return
        if (this.#open + this.#dialing === 0) this.#giveUp(error)
        else this.#redial(failures + 1)
      },
    )
  }

  /** `remote`: a connection that is just being made; it says `connect` when it is there. */
  #follow(remote: Socket, failures: number): void {
    let failure = new Error('the connection was closed')
    let upSince: number | null = null
    let used = false
    remote.on('error', (error) => {
      failure = error
    })
    remote.once('connect', () => {
      upSince = performance.now()
      this.#dialing -= 1
      this.#open += 1
      remote.setTimeout(0)
      remote.setKeepAlive(true, keepAliveAfter)
      this.#waiting.add(remote)
      remote.once('readable', () => {
        if (remote.readableLength === 0) return void remote.resume() // the server hung up
        used = true
        this.#waiting.delete(remote)
        relay(remote, this.#options.localPort(), (socket) => this.#track(socket))
      })
      this.#onOpen()
    })
    remote.once('close', () => {
      this.#waiting.delete(remote)
      if (upSince === null) this.#dialing -= 1
      else this.#open -= 1
      if (this.#closed) return
      if (upSince === null && this.#open + this.#dialing === 0) return this.#giveUp(failure)
      if (upSince !== null && this.#open === 0) this.#onTrouble()
      // A connection that was never used and is closed again and again must not become a busy loop.
      const useful = used || (upSince !== null && performance.now() - upSince > usefulAfter)
      this.#redial(useful ? 0 : failures + 1)
    })
  }

  #redial(failures: number): void {
    const delay = retryDelays[Math.min(Math.max(failures - 1, 0), retryDelays.length - 1)]!
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#dial(failures)
    }, delay)
    this.#timers.add(timer)
  }

  #giveUp(error: Error): void {
    this.#onFirstFailure(error)
    if (this.#lost || this.#closed) return
    this.#lost = true
    this.#onLost()
  }

  #track(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
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
