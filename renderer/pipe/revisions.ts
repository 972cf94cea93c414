import { hashKey, type QueryClient, type QueryKey } from '@tanstack/react-query'

/**
 * Keeps what is shown from ever being replaced by something older, in whatever order answers and events arrive. Two numbers
 * for each query, both of them the host's count of events (`Reply.revision`, `Listen`): of what is shown, and of the last
 * time that something else was announced ("the list changed"). From a host that counts nothing, an answer is taken to be as
 * old as its question.
 */
export class Revisions {
  readonly #client: QueryClient
  readonly #shown = new Map<string, number>()
  readonly #announced = new Map<string, number>()
  /** What the user wished for and the host has not answered yet, over what is known. By query, the oldest first. */
  readonly #wishes = new Map<string, Wishes>()
  #latest = 0
  /** Counts the commands that were answered: what was asked before one of them may not know of it. */
  #commands = 0

  constructor(client: QueryClient) {
    this.#client = client
  }

  /** Call when a question is sent, and give the result back with its answer. */
  asked(): Asked {
    return { revision: this.#latest, commands: this.#commands }
  }

  /** What to show for an answer that has just come: the answer, or what is shown already where that is newer. */
  take<T>(key: QueryKey, value: T, asked: Asked, revision: number = asked.revision): T {
    const id = hashKey(key)
    this.#latest = Math.max(this.#latest, revision)
    const shown = this.#client.getQueryData<T>(key)
    const missedCommand = asked.commands < this.#commands
    if (missedCommand || revision < (this.#announced.get(String(key[0])) ?? 0)) this.#again(key)
    if (shown !== undefined && (missedCommand || revision < (this.#shown.get(id) ?? 0))) return shown
    this.#shown.set(id, revision)
    return this.#wished(id, value) as T
  }

  /** Shows a state that was told, or that a command gave. Does nothing where a newer one is shown. */
  put(key: QueryKey, value: unknown, revision: number): void {
    const id = hashKey(key)
    this.#latest = Math.max(this.#latest, revision)
    if (revision < (this.#shown.get(id) ?? 0)) return
    this.#shown.set(id, revision)
    const wishes = this.#wishes.get(id)
    if (wishes) wishes.told = revision
    this.#client.setQueryData(key, this.#wished(id, value))
  }

  /** The number of an event that has just come. */
  told(revision: number = this.#latest + 1): number {
    this.#latest = Math.max(this.#latest, revision)
    return revision
  }

  /** Something changed, without saying what it is now: what is older is asked again. */
  announce(name: string, revision: number): void {
    this.#announced.set(name, Math.max(revision, this.#announced.get(name) ?? 0))
    const isOlder = (key: QueryKey) => revision > (this.#shown.get(hashKey(key)) ?? -1)
    void this.#client.invalidateQueries(
      { queryKey: [name], predicate: (query) => isOlder(query.queryKey) },
      // An answer under way is shown for the moment and then asked again: many changes must not keep it away for ever.
      { cancelRefetch: false },
    )
  }

  /**
   * A stream of events begins here: whatever is older may have missed some. A number lower than one that was seen is of a
   * host that was started anew.
   */
  begin(revision: number): void {
    if (revision < this.#latest) {
      this.#shown.clear()
      this.#announced.clear()
      this.#latest = revision
      void this.#client.invalidateQueries()
      return
    }
    this.#latest = revision
    const names = new Set(
      this.#client
        .getQueryCache()
        .getAll()
        .map((query) => String(query.queryKey[0])),
    )
    for (const name of names) this.announce(name, revision)
  }

  /** A command was answered; whatever was asked before is asked again. */
  commandDone(): void {
    this.#commands++
  }

  /** Shows what the user wished for, over whatever is known, until the host has answered. */
  wish(key: QueryKey, change: Change): Wish {
    const id = hashKey(key)
    const wishes = this.#wishes.get(id) ?? { known: this.#client.getQueryData(key), told: -1, changes: [] }
    wishes.changes.push(change)
    this.#wishes.set(id, wishes)
    const show = () => this.#client.setQueryData(key, this.#wished(id, wishes.known))
    show()
    const end = () => {
      wishes.changes = wishes.changes.filter((other) => other !== change)
      show()
      if (wishes.changes.length === 0) this.#wishes.delete(id)
      this.#again(key)
    }
    return {
      granted: (after, state) => {
        const shown = this.#shown.get(id) ?? 0
        // Told by the command or after it. An answer of the same number may have been given just before.
        const knows = wishes.told >= (after ?? 0) || (after !== undefined && shown > after)
        if (!knows) {
          const isState = state && hashKey(state.key) === id
          wishes.known = isState ? state.value : change(wishes.known)
          this.#shown.set(id, Math.max(shown, after ?? 0))
        }
        end()
      },
      refused: end,
    }
  }

  #wished(id: string, value: unknown): unknown {
    const wishes = this.#wishes.get(id)
    if (!wishes) return value
    wishes.known = value
    return wishes.changes.reduce((state, change) => change(state), value)
  }

  #again(key: QueryKey): void {
    // Later, because the answer that made this necessary is put into the cache after it was taken.
    setTimeout(() => void this.#client.invalidateQueries({ queryKey: key, exact: true }), 0)
  }
}

// biome-ignore lint/suspicious/noExplicitAny: each is of the query it is for
type Change = (state: any) => unknown

interface Wishes {
  known: unknown
  /** The number of the event that `known` is from; −1: it is older than the wish. */
  told: number
  changes: Change[]
}

interface Asked {
  revision: number
  commands: number
}

/** Something that is shown before the host has said yes. */
export interface Wish {
  /** `after`: of the reply; `state`: what the reply says that this query's answer is now. */
  granted(after?: number, state?: { key: QueryKey; value: unknown } | null): void
  refused(): void
}

const all = new WeakMap<QueryClient, Revisions>()

/** The one of this client. */
export function revisionsOf(client: QueryClient): Revisions {
  const known = all.get(client)
  if (known) return known
  const made = new Revisions(client)
  all.set(client, made)
  return made
}
