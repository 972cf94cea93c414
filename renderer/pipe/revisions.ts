import { hashKey, type QueryClient, type QueryKey } from '@tanstack/react-query'

/**
 * Keeps what is shown from ever being replaced by something older, in whatever order answers and events arrive. Three numbers
 * for each query, all of them the host's count of events (`Reply.revision`, `Listen`): what is shown, what was announced
 * ("the list changed"), and what arrived while a wish of the user was shown in its place. From a host that counts nothing,
 * an answer is taken to be as old as its question.
 */
export class Revisions {
  readonly #client: QueryClient
  readonly #shown = new Map<string, number>()
  readonly #announced = new Map<string, number>()
  readonly #wishes = new Map<string, { count: number; later: { value: unknown; revision: number } | null }>()
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
    if (shown === undefined) {
      this.#shown.set(id, revision)
      return value
    }
    // A wish asks again as soon as it is granted or refused.
    if (this.#wishes.has(id) || missedCommand || revision < (this.#shown.get(id) ?? 0)) return shown
    this.#shown.set(id, revision)
    return value
  }

  /** Shows a state that was told, or that a command gave. Does nothing where a newer one is shown. */
  put(key: QueryKey, value: unknown, revision: number): void {
    const id = hashKey(key)
    this.#latest = Math.max(this.#latest, revision)
    const wish = this.#wishes.get(id)
    if (wish) {
      if (revision >= (wish.later?.revision ?? 0)) wish.later = { value, revision }
      return
    }
    if (revision < (this.#shown.get(id) ?? 0)) return
    this.#shown.set(id, revision)
    this.#client.setQueryData(key, value)
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

  /** Shows what the user wished for until the host has answered. */
  wish(key: QueryKey, value: unknown): Wish {
    const id = hashKey(key)
    const before = this.#client.getQueryData(key)
    const wish = this.#wishes.get(id) ?? { count: 0, later: null }
    wish.count++
    this.#wishes.set(id, wish)
    this.#client.setQueryData(key, value)
    let over = false
    const end = (show: () => void) => {
      if (over) return
      over = true
      wish.count--
      if (wish.count > 0) return
      this.#wishes.delete(id)
      show()
      this.#again(key)
    }
    return {
      granted: (after, state) =>
        end(() => {
          const { later } = wish
          // What was told before the command was done does not know of it.
          if (later && later.revision >= (after ?? 0)) return this.put(key, later.value, later.revision)
          if (after !== undefined) this.#shown.set(id, Math.max(after, this.#shown.get(id) ?? 0))
          if (state && hashKey(state.key) === id) this.#client.setQueryData(key, state.value)
        }),
      refused: () =>
        end(() => {
          this.#client.setQueryData(key, before)
          if (wish.later) this.put(key, wish.later.value, wish.later.revision)
        }),
    }
  }

  #again(key: QueryKey): void {
    // Later, because the answer that made this necessary is put into the cache after it was taken.
    setTimeout(() => void this.#client.invalidateQueries({ queryKey: key, exact: true }), 0)
  }
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
