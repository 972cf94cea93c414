import type { ConnectionRequest } from '../src/contract/access.ts'
import type { Approval } from '../src/contract/approvals.ts'
import type { Status } from '../src/contract/status.ts'
import type { HostDoor } from './ipc.ts'

/** What tray and notifications show of the host. */
export interface ShellState {
  /** Null until the host answered for the first time. */
  status: Status | null
  approvals: readonly Approval[]
  connections: readonly ConnectionRequest[]
}

/**
 * Follows the host through its contract: asks once, then keeps up by events. `changed` is called after every change.
 * Resolves when the first answers are in.
 */
export async function followHost(
  host: HostDoor,
  changed: (state: ShellState) => void,
): Promise<{ state(): ShellState; stop(): void }> {
  let state: ShellState = { status: null, approvals: [], connections: [] }
  // What an event said meanwhile is newer than the answer to a question asked before it.
  const heard = new Set<keyof ShellState>()
  const set = (part: Partial<ShellState>) => {
    state = { ...state, ...part }
    changed(state)
  }
  const fields: Record<string, keyof ShellState> = {
    'status.changed': 'status',
    'approvals.changed': 'approvals',
    'connections.changed': 'connections',
  }
  const stop = host.on((name, payload) => {
    const field = fields[name]
    if (field === undefined) return
    heard.add(field)
    set({ [field]: payload })
  })
  const ask = async (name: string, field: keyof ShellState) => {
    const reply = await host.dispatch(name, undefined)
    if (reply.ok && !heard.has(field)) set({ [field]: reply.value })
  }
  await Promise.all([
    ask('status.get', 'status'),
    ask('approvals.list', 'approvals'),
    ask('connections.list', 'connections'),
  ])
  return { state: () => state, stop }
}
