import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'

/**
 * `prompt`, `own-prompt`: the public name of a prompt, with and without prefix, where it is not the plain one. `resource`,
 * `template`: one that is offered under an address of ours, because another source has its own. `scheme`: URIs of this scheme
 * belong to this server, as far as nobody lists them. `former-tool`: a public name that a tool had before; `publicName` is its id.
 */
export type NameKind = 'prompt' | 'own-prompt' | 'resource' | 'template' | 'scheme' | 'former-tool'

export interface KeptName {
  serverId: string
  kind: NameKind
  /** At the server. */
  name: string
  publicName: string
}

export interface KeptNameStore {
  all(): KeptName[]
  /** All of them or, when it throws, none. */
  put(names: readonly KeptName[]): void
  remove(serverId: string): void
}

/** Of one kind, of one server; what goes beyond is kept in memory only, and whoever has so many comes last where others want a name, too. */
const mostStored = 2_000

export type KeptNames = ReturnType<typeof createKeptNames>

/** What was once settled about public names other than those of tools, for as long as the server is there. */
export function createKeptNames(deps: { store?: KeptNameStore; log: Log }) {
  const { store, log } = deps
  /** By server and kind, then the server's own name. */
  const kept = new Map<string, Map<string, string>>()
  /** Written together: a server may bring thousands at once. */
  let unwritten: KeptName[] = []
  const keyOf = (serverId: string, kind: NameKind) => `${kind} ${serverId}`
  const group = (serverId: string, kind: NameKind) => {
    const key = keyOf(serverId, kind)
    const found = kept.get(key) ?? new Map<string, string>()
    kept.set(key, found)
    return found
  }
  for (const { serverId, kind, name, publicName } of store?.all() ?? [])
    group(serverId, kind).set(name, publicName)

  return {
    get: (serverId: string, kind: NameKind, name: string): string | undefined =>
      kept.get(keyOf(serverId, kind))?.get(name),
    keep(serverId: string, kind: NameKind, name: string, publicName: string): void {
      const own = group(serverId, kind)
      if (own.get(name) === publicName) return
      own.set(name, publicName)
      if (own.size <= mostStored) unwritten.push({ serverId, kind, name, publicName })
    },
    /** No further one is written down: after a restart nobody knows what it got, so that it must not matter who asks first. */
    isFull: (serverId: string, kind: NameKind): boolean =>
      (kept.get(keyOf(serverId, kind))?.size ?? 0) >= mostStored,
    /** Writes down what was kept since. */
    write(): void {
      const names = unwritten
      unwritten = []
      if (names.length === 0) return
      try {
        store?.put(names)
      } catch (error) {
        log.error('catalog.names-not-kept', { count: names.length, error: errorText(error) })
      }
    },
    /** Everybody's of one kind. */
    *all(kind: NameKind): Iterable<Omit<KeptName, 'kind'>> {
      for (const [key, names] of kept) {
        if (!key.startsWith(`${kind} `)) continue
        const serverId = key.slice(kind.length + 1)
        for (const [name, publicName] of names) yield { serverId, name, publicName }
      }
    },
    forget(serverId: string): void {
      store?.remove(serverId)
      unwritten = unwritten.filter((one) => one.serverId !== serverId)
      for (const key of [...kept.keys()]) if (key.endsWith(` ${serverId}`)) kept.delete(key)
    },
  }
}
