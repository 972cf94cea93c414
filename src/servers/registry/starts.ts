import { setTimeout as sleep } from 'node:timers/promises'
import type { ErrorReply } from '../../contract/errors.ts'
import type { Server } from '../../contract/servers.ts'
import { toErrorReply } from '../../kernel/errors.ts'
import type { SearchPath } from '../../system/search-path.ts'
import { tooManyServers } from '../lifecycle/not-running.ts'
import type { Entry } from './entry.ts'

/** States in which a server takes one of the places. */
const active: ReadonlySet<Server['state']> = new Set(['downloading', 'starting', 'running', 'waiting'])

export const isActive = ({ supervisor }: Entry): boolean => active.has(supervisor.state)

/** Starts servers, as many as may run at the same time. */
export class Starts {
  readonly #entries: ReadonlyMap<string, Entry>
  readonly #path: SearchPath
  readonly #most: () => number
  readonly #patience: number

  /** `most`: servers at a time; `patience`: milliseconds until who asked for a start is told how it stands. */
  constructor(
    entries: ReadonlyMap<string, Entry>,
    path: SearchPath,
    limits: { most: () => number; patience: number },
  ) {
    this.#entries = entries
    this.#path = path
    this.#most = limits.most
    this.#patience = limits.patience
  }

  /** Throws HostError `too-many-servers` when one more would be too many. */
  makeRoom(entry: Entry): void {
    const others = [...this.#entries.values()].filter((one) => one.row.id !== entry.row.id && isActive(one))
    const most = this.#most()
    if (others.length >= most) throw tooManyServers(entry.row.name, most)
  }

  /** Resolves when the first attempt has ended; never rejects. `retry`: whether a failed one is repeated. */
  async begin(entry: Entry, retry: boolean): Promise<void> {
    // In one go: until it is starting, the next one would find the same place.
    const problem = this.#noRoomFor(entry)
    await (problem ? entry.supervisor.stop('failed', problem) : entry.supervisor.start(retry))
  }

  /** The same by the user's hand, who waits: what takes long goes on without him, and is told by events. */
  async beginSoon(entry: Entry): Promise<void> {
    await this.#soon(this.begin(entry, false))
  }

  /** After a change, as far as there is room for it; else it has failed. */
  async restartSoon(entry: Entry): Promise<void> {
    const problem = this.#noRoomFor(entry)
    await this.#soon(problem ? entry.supervisor.stop('failed', problem) : this.#again(entry))
  }

  /** There is room for it. */
  async againSoon(entry: Entry): Promise<void> {
    await this.#soon(this.#again(entry))
  }

  get isAnyWaiting(): boolean {
    return [...this.#entries.values()].some(({ supervisor }) => supervisor.waitsForNetwork)
  }

  networkIsBack(): void {
    for (const entry of this.#entries.values()) {
      try {
        if (entry.supervisor.waitsForNetwork) this.makeRoom(entry)
        entry.supervisor.networkIsBack()
      } catch {
        // Others have taken its place.
      }
    }
  }

  #noRoomFor(entry: Entry): ErrorReply | null {
    try {
      this.makeRoom(entry)
      return null
    } catch (error) {
      return toErrorReply(error)
    }
  }

  #again(entry: Entry): Promise<void> {
    // A newly installed program is found without a restart of Drawbridge.
    this.#path.forget()
    return entry.supervisor.restart()
  }

  async #soon(starting: Promise<void>): Promise<void> {
    const enough = new AbortController()
    const late = sleep(this.#patience, undefined, { signal: enough.signal }).catch(() => {})
    await Promise.race([starting, late])
    enough.abort()
  }
}
