import type { OfferEntry } from './catalog-entry.ts'
import { addressOfOurs } from './resources.ts'
import type { Raw, ToolSource } from './tool-source.ts'

/** Something that is offered under an address of ours, and the life of the source that has its own, if that is known. */
export interface Aside {
  source: ToolSource
  uri: string
  definition: Raw
  owner: string | undefined
}

interface Shelf {
  field: 'uri' | 'uriTemplate'
  /** Everything that is offered of one kind. */
  entries: OfferEntry[]
  /** What clients get by its own address. */
  byName: Map<string, OfferEntry>
  /** Whose it is, by life. */
  owned: ReadonlyMap<string, string>
  asides: readonly Aside[]
  entryOf(one: Aside, key: string): OfferEntry
  /** The source with this life. */
  sourceOf(life: string): ToolSource | undefined
}

/**
 * What a stopped source has is lent to the first running one that lists the same: nobody is served by what does not run. It stays
 * the owner’s, who has it again as soon as it is started. Returns what was lent.
 */
export function lend({ field, entries, byName, owned, asides, entryOf, sourceOf }: Shelf): Aside[] {
  const lent = new Map<string, Aside>()
  for (const one of asides) {
    const { source, uri } = one
    const life = owned.get(uri) ?? one.owner
    const owner = life === undefined ? undefined : sourceOf(life)
    if (!owner?.isStopped?.() || source.isStopped?.() || lent.has(uri)) continue
    lent.set(uri, one)
    const borrowed = entryOf(one, uri)
    const own = byName.get(uri)
    if (own) put(entries, own, atOurs(own, field))
    const before = entries.find(
      (entry) => entry.source === source && entry.key === addressOfOurs(source, uri),
    )
    if (before) put(entries, before, borrowed)
    byName.set(uri, borrowed)
  }
  return [...lent.values()]
}

function put(entries: OfferEntry[], before: OfferEntry, now: OfferEntry): void {
  entries[entries.indexOf(before)] = now
}

/** The same under an address of ours. */
function atOurs(entry: OfferEntry, field: string): OfferEntry {
  const key = addressOfOurs(entry.source, entry.name)
  const published = { ...entry.published, [field]: key }
  return { ...entry, key, published, json: JSON.stringify(published) }
}
