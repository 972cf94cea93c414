import type { Sentence } from '../../../locales/say.ts'
import type { TunnelId } from '../../contract/tunnel.ts'
import type { Network } from '../../net/network.ts'
import type { HelperProcess, HelperProgram, ProgramFile } from '../helper-process.ts'
import type { ProbeFetch } from '../public-fetch.ts'
import type { Action, TunnelFailure } from '../tunnel-failure.ts'
import type { Budget } from './open-budget.ts'

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
  /** What the user told this provider; empty: nothing. */
  value(name: string): string
  /** A secret of this provider, which the vault has as `tunnel/<provider>/<name>`; null: there is none. */
  secret(name: string): Promise<string | null>
  /** Starts the provider's own program. Throws TunnelFailure `tunnel-helper-missing`. */
  start(program: HelperProgram): Promise<HelperProcess>
  /** Runs one to its end. Throws TunnelFailure `tunnel-helper-missing`, and what the signal says. */
  ask(program: HelperProgram, signal: AbortSignal): Promise<{ code: number | null; out: string; err: string }>
  /** What to press where a program is missing, or too old. */
  getting(program: ProgramFile): Action
  /** A folder that only this user can read, empty, gone with the tunnel. */
  folder(): Promise<{ path: string; remove(): Promise<void> }>
  now(): number
  /** Into the log. */
  note(event: string, fields: Record<string, unknown>): void
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
  /** This computer slept, or has another network: what waits for an answer is not waited for any longer. */
  renew?(): void
  /** Where nobody can come by the address (`unseen`): how its `/health` is asked all the same. Throws TunnelFailure where that says more. */
  visit?: ProbeFetch
  /** It cannot reconnect and must be opened anew. Called once at most, never after `close()`. */
  onLost(listen: (why?: TunnelFailure) => void): void
  /** Resolves when nothing of it is left. */
  close(): void | Promise<void>
}

/** What came from a public address instead of our own answer. */
export interface Answer {
  status: number
  headers: Headers
  body: string
}

/** Something the user has to tell a provider. */
export interface ProviderField {
  name: string
  kind: 'text' | 'secret'
  label: Sentence
  hint: Sentence
  placeholder: string
  required: boolean
  /** Nobody types it: we learn it with that other field, and forget it when that one is given anew. */
  belongsTo?: string
  /** The value as it is kept; null: it cannot be one. Throws HostError where there is more to say than that. */
  read(typed: string): string | null
}

/** One way to a public address: everything that is known of it stands in its own file. */
export interface TunnelProvider {
  id: string
  naming: Naming
  /** What the user has to have before it can be opened. */
  needs: readonly ('account' | 'key' | 'helper')[]
  fields?: readonly ProviderField[]
  /** The program that it needs. */
  program?: ProgramFile
  /** Only who belongs to the service gets there: from outside nobody can look at it, nor whether another computer has it. */
  unseen?: boolean
  /** The user leads the address to our port, which therefore has to stay the same. */
  ledHere?: boolean
  probe: {
    /** Milliseconds between two probes of an address that answers, for services that count requests; left out: often. */
    every?: number
    /** Sent with it, to get past pages that the service shows to browsers. */
    headers?: Readonly<Record<string, string>>
    /** Names are asked of public servers: this computer's own answer is another one than the world's, or a stale one. */
    publicNames?: boolean
  }
  /** How long it may take to open, ms; left out: as long as most. */
  openTimeout?: number
  /** How often it may be opened; left out: as often as it takes. */
  budget?: Budget
  /** Probes in a row that may fail before it is opened anew, where that costs the address, or its calls; left out: few. */
  patience?: number
  /** What an answer means that is not ours; null: nothing that it knows. */
  explain?(answer: Answer, now: number): TunnelFailure | null
  defaultHost: string
  /** Throws TunnelFailure. */
  open(request: OpenRequest, kit: ProviderKit): Promise<OpenTunnel>
}

/** One that people can choose. */
export type ListedProvider = TunnelProvider & { id: TunnelId }
