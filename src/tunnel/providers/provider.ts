import type { Network } from '../../net/network.ts'
import type { ProbeFetch } from '../public-fetch.ts'

/** What a tunnel needs to open an address: `host` is the service's base address, `name` the one we want there. */
export interface OpenRequest {
  host: string
  name: string
  /** Asked for each visitor: the public listener on 127.0.0.1. Nothing else is ever reachable through the tunnel. */
  localPort(): number
  /** Ends the attempt. An open tunnel is ended by its own `close()`. */
  signal: AbortSignal
  fetch: ProbeFetch
  /** How others are reached; left out: as if nothing was set. */
  network?: Network
}

/** An open tunnel. It owns its sockets and timers until `close()`, which is immediate and may be called twice. */
export interface OpenTunnel {
  /** As the service gave it, e.g. `https://quiet-otter-4821-xk3p.loca.lt`. Not yet checked. */
  origin: string
  /** Connections that wait for a request; at 0 the tunnel is busy, and a late answer says nothing about its health. */
  idle(): number
  /** Every connection broke. The tunnel reconnects by itself; look whether it answers. */
  onTrouble(listen: () => void): void
  /** It cannot reconnect and must be opened anew. Called once at most, never after `close()`. */
  onLost(listen: () => void): void
  close(): void
}

/**
 * One way to a public address. `open` fails with a HostError: `tunnel-unreachable` (no answer from the service),
 * `tunnel-refused` (it answered, but not with a tunnel), `tunnel-name-taken` (it would give another name only).
 */
export interface TunnelProvider {
  id: string
  title: string
  defaultHost: string
  open(request: OpenRequest): Promise<OpenTunnel>
}
