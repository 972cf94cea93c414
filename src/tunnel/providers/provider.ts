import type { Network } from '../../net/network.ts'
import type { HelperProcess, HelperProgram } from '../helper-process.ts'
import type { ProbeFetch } from '../public-fetch.ts'
import type { TunnelFailure } from '../tunnel-failure.ts'

/**
 * Where the name in an address comes from. `ours`: we make one up and ask for it, and it is ours for as long as nobody else has
 * it. `assigned`: the account has one, which the service says when it is first opened. `domain`: the user's own. `random`:
 * another one every time.
 */
type Naming = 'ours' | 'assigned' | 'domain' | 'random'

/** What a tunnel needs to open an address: `host` is the service's base address. */
export interface OpenRequest {
  host: string
  /** The one we want there. Empty where there is none (`random`), or it is not known yet. */
  name: string
  /** Asked for each visitor: the public listener on 127.0.0.1. Nothing else is ever reachable through the tunnel. */
  localPort(): number
  /** Ends the attempt. An open tunnel is ended by its own `close()`. */
  signal: AbortSignal
  fetch: ProbeFetch
  /** How others are reached; left out: as if nothing was set. */
  network?: Network
}

/** What only some providers need. */
export interface ProviderKit {
  /** A secret of this provider, which the vault has as `tunnel/<provider>/<name>`; null: there is none. */
  secret(name: string): Promise<string | null>
  /** Starts the provider's own program. Throws TunnelFailure `tunnel-helper-missing`. */
  start(program: HelperProgram): Promise<HelperProcess>
}

/** An open tunnel. It owns its sockets, timers and programs until `close()`, which may be called twice. */
export interface OpenTunnel {
  /** As the service gave it, e.g. `https://quiet-otter-4821-xk3p.loca.lt`. Not yet checked. */
  origin: string
  /** The name to ask for next time, where the service says it. */
  name?: string
  /** Connections that wait for a request; at 0 the tunnel is busy, and a late answer says nothing about its health. */
  idle(): number
  /** A cheap look from here at whether it stands; left out: only the probe can tell. */
  isUp?(): boolean | Promise<boolean>
  /** Every connection broke. The tunnel reconnects by itself; look whether it answers. */
  onTrouble(listen: () => void): void
  /** It cannot reconnect and must be opened anew. Called once at most, never after `close()`. */
  onLost(listen: (why?: TunnelFailure) => void): void
  /** Resolves when nothing of it is left. */
  close(): void | Promise<void>
}

/** One way to a public address: everything that is known of it stands in its own file. */
export interface TunnelProvider {
  id: string
  title: string
  naming: Naming
  /** What the user has to have before it can be opened. */
  needs: readonly ('account' | 'key' | 'helper')[]
  probe: {
    /** Milliseconds between two probes of an address that answers, for services that count requests; left out: often. */
    every?: number
    /** Sent with it, to get past pages that the service shows to browsers. */
    headers?: Readonly<Record<string, string>>
  }
  defaultHost: string
  /** Throws TunnelFailure. */
  open(request: OpenRequest, kit: ProviderKit): Promise<OpenTunnel>
}
