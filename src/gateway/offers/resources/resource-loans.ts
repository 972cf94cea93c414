import type { ToolSource } from '../../../mcp/tool-source.ts'
import type { OfferEntry } from '../catalog-entry.ts'
import type { FoundResource } from './found-resources.ts'
import { addressOfOurs, schemeOfTemplate } from './resource-address.ts'
import type { SetAside } from './resource-index.ts'

/** Something that is offered under an address of ours, and the life of the source that has its own, if that is known. */
export interface Aside extends FoundResource {
  owner: string | undefined
}

type Kind = 'resource' | 'template'

interface Shelves {
  asides: Record<Kind, readonly Aside[]>
  /** What the owner sees of them, by slug; what is lent is taken out. */
  aside: Map<string, SetAside[]>
  owned: Record<Kind, ReadonlyMap<string, string>>
  resources: OfferEntry[]
  byUri: Map<string, OfferEntry>
  templates: OfferEntry[]
  byTemplate: Map<string, OfferEntry>
  entryOf(one: Aside, field: string, key: string): OfferEntry
  sourceOf(life: string): ToolSource | undefined
}

/** Lends both kinds; returns who answers for a scheme meanwhile. */
export function lendAll(all: Shelves): Map<string, ToolSource> {
  const { asides, aside, owned, sourceOf } = all
  const of = (kind: Kind, field: Shelf['field'], entries: OfferEntry[], byName: Map<string, OfferEntry>) => {
    const entryOf = (one: Aside, key: string) => all.entryOf(one, field, key)
    const lent = lend({
      ...{ field, entries, byName, owned: owned[kind], asides: asides[kind], sourceOf, entryOf },
    })
    for (const { source, uri } of lent) {
      const rest = aside.get(source.slug)!.filter((one) => one.kind !== kind || one.own !== uri)
      if (rest.length > 0) aside.set(source.slug, rest)
      else aside.delete(source.slug)
    }
    return lent
  }
  of('resource', 'uri', all.resources, all.byUri)
  const templates = of('template', 'uriTemplate', all.templates, all.byTemplate)
  return new Map(templates.map(({ uri, source }) => [schemeOfTemplate(uri), source]))
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
function lend({ field, entries, byName, owned, asides, entryOf, sourceOf }: Shelf): Aside[] {
  const lent = new Map<string, Aside>()
  for (const one of asides) {
    const { source, uri, same } = one
    const life = owned.get(same) ?? one.owner
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
