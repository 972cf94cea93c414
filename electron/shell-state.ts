import type { ConnectionRequest, Grant } from '../src/contract/access.ts'
import type { Call } from '../src/contract/activity.ts'
import type { Approval } from '../src/contract/approvals.ts'
import type { Server } from '../src/contract/servers.ts'
import type { Status } from '../src/contract/status.ts'
import type { HostDoor } from './ipc.ts'

/** What tray and notifications show of the host. */
export interface ShellState {
  /** Null until the host answered for the first time. */
  status: Status | null
  approvals: readonly Approval[]
  connections: readonly ConnectionRequest[]
  grants: readonly Grant[]
  servers: readonly Server[]
  /** The last ones, newest first. */
  calls: readonly Call[]
}

export const nothingKnown: ShellState = {
  status: null,
  approvals: [],
  connections: [],
  grants: [],
  servers: [],
  calls: [],
}

/** As many calls as a menu shows. */
const lastCalls = 5
/** Milliseconds. What changes many times a second is drawn, or asked for, this often. */
const often = 300

/** Events that bring what is new. */
const told: Record<string, keyof ShellState> = {
  'status.changed': 'status',
  'approvals.changed': 'approvals',
  'connections.changed': 'connections',
}
/** Events after which there is something new to ask for. */
const askedAfter: Record<string, 'grants' | 'servers'> = {
  'grants.changed': 'grants',
  'servers.changed': 'servers',
}
const questions: Record<keyof ShellState, [name: string, input?: object]> = {
  status: ['status.get'],
  approvals: ['approvals.list'],
  connections: ['connections.list'],
  grants: ['grants.list'],
  servers: ['servers.list'],
  calls: ['activity.list', { limit: lastCalls }],
}

/** Follows the host through its contract: asks once, then keeps up by events. */
class Following {
  readonly #host: HostDoor
  readonly #changed: (state: ShellState) => void
  /** What an event said meanwhile is newer than the answer to a question asked before it. */
  readonly #heard = new Set<keyof ShellState>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #stopListening: () => void
  #state = nothingKnown

  constructor(host: HostDoor, changed: (state: ShellState) => void) {
    this.#host = host
    this.#changed = changed
    this.#stopListening = host.on((name, payload) => this.#hear(name, payload))
  }

  readonly state = (): ShellState => this.#state

  async start(): Promise<void> {
    await Promise.all(Object.keys(questions).map((field) => this.#ask(field as keyof ShellState)))
  }

  readonly stop = (): void => {
    this.#stopListening()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  #hear(name: string, payload: unknown): void {
    const field = told[name]
    if (field !== undefined) {
      this.#heard.add(field)
      this.#set({ [field]: payload })
    }
    const question = askedAfter[name]
    if (question !== undefined)
      this.#soon(question, () => {
        this.#heard.delete(question)
        void this.#ask(question)
      })
    if (name === 'activity.added') this.#called(payload as Call)
  }

  /** Of a call is told when it begins and when it ends. */
  #called(call: Call): void {
    this.#heard.add('calls')
    const others = this.#state.calls.filter(({ id }) => id !== call.id)
    const calls = [call, ...others].sort((a, b) => b.at - a.at).slice(0, lastCalls)
    this.#state = { ...this.#state, calls }
    this.#soon('calls', () => this.#changed(this.#state))
  }

  /** Once, however often it is wanted until then. */
  #soon(what: string, act: () => void): void {
    if (this.#timers.has(what)) return
    const timer = setTimeout(() => {
      this.#timers.delete(what)
      act()
    }, often)
    this.#timers.set(what, timer)
  }

  async #ask(field: keyof ShellState): Promise<void> {
    const [name, input] = questions[field]
    const reply = await this.#host.dispatch(name, input)
    if (reply.ok && !this.#heard.has(field)) this.#set({ [field]: reply.value })
  }

  #set(part: Partial<ShellState>): void {
    this.#state = { ...this.#state, ...part }
    this.#changed(this.#state)
  }
}

/** `changed` is called after every change. Resolves when the first answers are in. */
export async function followHost(
  host: HostDoor,
  changed: (state: ShellState) => void,
): Promise<{ state(): ShellState; stop(): void }> {
  const following = new Following(host, changed)
  await following.start()
  return following
}
