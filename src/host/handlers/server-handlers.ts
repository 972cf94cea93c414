import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Parsed } from '../../contract/api.ts'
import type { Server } from '../../contract/servers.ts'
import type { Handlers } from '../dispatch.ts'

/** The servers, as the contract's handlers use them. */
export interface ServerRooms {
  servers: {
    list(): Server[]
    add(input: Parsed<'servers.add'>): Promise<Server>
    draft(input: Parsed<'servers.draft'>): Promise<Server>
    update(change: Parsed<'servers.update'>): Server
    edit(input: Parsed<'servers.edit'>): Promise<Server>
    remove(id: string): Promise<void>
    start(id: string, seen?: string): Promise<Server>
    /** Stops this one; it stays stopped. */
    halt(id: string): Promise<Server>
    restart(id: string): Promise<Server>
    check(id: string): Promise<Server>
    signIn(id: string): Promise<Server>
    signOut(id: string): Promise<Server>
  }
  adminKey: { get(): { createdAt: number | null }; create(): { key: string }; remove(): void }
}

type ServerCalls = Extract<keyof Handlers, `servers.${string}` | `adminKey.${string}`>

/** The contract's calls about servers, and about the key of programs that add them. */
export function createServerHandlers({ servers, adminKey }: ServerRooms): Pick<Handlers, ServerCalls> {
  return {
    'servers.list': () => servers.list(),
    // Loaded when it is needed: it brings three parsers along.
    'servers.read': async ({ text }) =>
      (await import('../../setup/pasted/read-pasted.ts')).readPasted(text, { home: homedir(), isFolder }),
    'servers.add': (input) => servers.add(input),
    'servers.draft': (input) => servers.draft(input),
    'servers.update': (change) => servers.update(change),
    'servers.edit': (input) => servers.edit(input),
    'servers.remove': ({ id }) => servers.remove(id),
    'servers.start': ({ id, seen }) => servers.start(id, seen),
    'servers.stop': ({ id }) => servers.halt(id),
    'servers.restart': ({ id }) => servers.restart(id),
    'servers.check': ({ id }) => servers.check(id),
    'servers.signIn': ({ id }) => servers.signIn(id),
    'servers.signOut': ({ id }) => servers.signOut(id),

    'adminKey.get': () => adminKey.get(),
    'adminKey.create': () => adminKey.create(),
    'adminKey.remove': () => adminKey.remove(),
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch {
    return false
  }
}
