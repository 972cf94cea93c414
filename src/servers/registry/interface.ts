import type { Parsed } from '../../contract/api.ts'
import type { Server, ServerUse } from '../../contract/servers.ts'
import type { Emitter } from '../../kernel/emitter.ts'
import type { ServerSource } from '../lifecycle/source.ts'

/** The MCP servers that the user added. While one is being edited, all that would start or change it throws HostError `server-busy`. */
export interface Servers {
  /** In the order they were added. */
  list(): Server[]
  /** What those that are programs here take now. Takes a second. */
  use(): Promise<ServerUse[]>
  /** Resolves once the server runs or its first start has failed; a failed one stays in the list with its error. */
  add(input: Parsed<'servers.add'>): Promise<Server>
  /** Adds one for a program: nothing is started or contacted before `start` with its fingerprint. */
  draft(input: Parsed<'servers.draft'>): Promise<Server>
  /** Throws HostError `server-not-found`. */
  update(change: Parsed<'servers.update'>): Server
  /**
   * What it is from now on. Throws HostError, and then nothing has changed: `server-invalid`, `name-taken`, `secret-missing`, `keys-for-another`,
   * `server-busy` or `server-not-found`.
   */
  edit(input: Parsed<'servers.edit'>): Promise<Server>
  /** Ends it, and forgets it together with its secrets. */
  remove(id: string): Promise<void>
  /**
   * Resolves when the first attempt has ended, well or not. `seen`: the fingerprint that the user was shown. Throws HostError
   * `draft-not-seen`, `too-many-servers` or `server-not-found`.
   */
  start(id: string, seen?: string): Promise<Server>
  /** It stays stopped, also after a restart of Drawbridge. */
  stopServer(id: string): Promise<Server>
  /** As `start` throws. */
  restart(id: string): Promise<Server>
  /** Asks it for a sign of life. */
  check(id: string): Promise<Server>
  /** Begins a sign-in; the server in the answer has the page to open. */
  signIn(id: string): Promise<Server>
  signOut(id: string): Promise<Server>
  sources(): ServerSource[]
  /** The short name of a server's source. Throws HostError `server-not-found`. */
  slugOf(id: string): string
  /** In the order they were added; resolves when each has had its first attempt. A failure of one is no failure of this. */
  startAll(): Promise<void>
  /** Somebody knows that the network is there again: servers that wait, or were given up for want of it, are started at once. */
  networkIsBack(): void
  events: Emitter<{ changed: Record<string, never>; 'lists.changed': Record<string, never> }>
  /** Ends every process and connection. */
  stop(): Promise<void>
}
