import type { Log } from '../kernel/log.ts'
import { type OfferEntry, workspacesOf } from './catalog-entry.ts'
import type { Offer } from './offered.ts'
import { compare } from './public-names.ts'
import { publishedResource } from './published-offer.ts'
import { matchesTemplate, parseTemplate, type Template } from './template-match.ts'
import type { Raw, ToolSource } from './tool-source.ts'

/** All resources and templates of all sources, in the order of the sources. */
export interface ResourceIndex {
  /** By URI, sorted; the entries of one URI in the order of their sources. */
  byUri: ReadonlyMap<string, readonly OfferEntry[]>
  byTemplate: ReadonlyMap<string, readonly OfferEntry[]>
  /** The first source that lists this URI, among those that `mayRead` lets pass. */
  listedBy(uri: string, mayRead: (source: ToolSource) => boolean): ToolSource | undefined
  /**
   * Who else is asked for a URI, among the same: who has a template for it → the only one that has resources → the only one
   * that has some with this scheme.
   */
  sourceOf(uri: string, mayRead: (source: ToolSource) => boolean): ToolSource | undefined
}

/**
 * How much work strangers' templates may make for one request, and those of one source: characters gone over. Not a time, so
 * that the same request always goes to the same source.
 */
const patience = { all: 2_000_000, ofOne: 500_000 }
const maxUri = 8_192

const schemeOf = (uri: string) => uri.slice(0, uri.indexOf(':')).toLowerCase()

export const hasResources = (source: ToolSource): boolean =>
  source.request !== undefined &&
  ((source.resources?.().length ?? 0) > 0 ||
    (source.resourceTemplates?.().length ?? 0) > 0 ||
    source.capabilities?.().resources !== undefined)

/** Makes indexes; what does not change between two of them is not made again. */
export function createResourceIndexer(log: Log): (offers: readonly Offer[]) => ResourceIndex {
  const published = new WeakMap<object, { published: Raw; json: string }>()
  const templates = new WeakMap<object, Template | null>()
  const warned = new WeakSet<object>()

  const entryOf = (source: ToolSource, key: string, definition: Raw): OfferEntry => {
    let known = published.get(definition)
    if (!known) {
      const shown = publishedResource(definition)
      known = { published: shown, json: JSON.stringify(shown) }
      published.set(definition, known)
    }
    return { key, name: key, source, workspaces: workspacesOf(source), ...known }
  }

  /** Two sources in one workspace: the later one is not listed, and somebody should know why. */
  const warnOfDouble = (before: readonly OfferEntry[], entry: OfferEntry, definition: object) => {
    const other = before.find(({ workspaces }) => workspaces.some((one) => entry.workspaces.includes(one)))
    if (!other || warned.has(definition)) return
    warned.add(definition)
    const sources = { source: entry.source.slug, first: other.source.slug }
    log.warn('catalog.resource-listed-twice', { ...sources, uri: entry.key })
  }

  const collect = (found: { source: ToolSource; key: string; definition: Raw }[]) => {
    const byKey = new Map<string, OfferEntry[]>()
    for (const { source, key, definition } of found.sort((a, b) => compare(a.key, b.key))) {
      const entry = entryOf(source, key, definition)
      const before = byKey.get(key)
      if (before) {
        warnOfDouble(before, entry, definition)
        before.push(entry)
      } else byKey.set(key, [entry])
    }
    return byKey
  }

  return (offers) => {
    const byUri = collect(
      offers.flatMap(({ source, resources }) =>
        resources.map((definition) => ({ source, key: definition.uri, definition })),
      ),
    )
    const byTemplate = collect(
      offers.flatMap(({ source, templates }) =>
        templates.map((definition) => ({ source, key: definition.uriTemplate, definition })),
      ),
    )

    /** Whether a template of this source fits; gives up when there is too much to do. */
    const offersMatch = (
      { source, templates: own }: Offer,
      uri: string,
      budget: { left: number },
    ): boolean => {
      let left = Math.min(patience.ofOne, budget.left)
      for (const definition of own) {
        let template = templates.get(definition)
        if (template === undefined) {
          template = parseTemplate(definition.uriTemplate)
          templates.set(definition, template)
        }
        if (!template || !uri.startsWith(template.prefix)) continue
        const cost = template.parts.length * uri.length
        left -= cost
        budget.left -= cost
        if (left < 0) {
          log.warn('catalog.templates-costly', { source: source.slug })
          return false
        }
        if (matchesTemplate(template, uri)) return true
      }
      return false
    }

    return {
      byUri,
      byTemplate,
      listedBy: (uri, mayRead) => byUri.get(uri)?.find(({ source }) => mayRead(source))?.source,
      sourceOf(uri, mayRead) {
        if (uri.length > maxUri) return undefined
        const readable = offers.filter(({ source }) => hasResources(source) && mayRead(source))
        const budget = { left: patience.all }
        const matching = readable.find((offer) => offersMatch(offer, uri, budget))
        if (matching) return matching.source
        if (readable.length === 1) return readable[0]!.source
        const scheme = schemeOf(uri)
        const related = readable.filter(
          ({ resources, templates }) =>
            resources.some((resource) => schemeOf(resource.uri) === scheme) ||
            templates.some(({ uriTemplate }) => schemeOf(uriTemplate) === scheme),
        )
        return scheme !== '' && related.length === 1 ? related[0]!.source : undefined
      },
    }
  }
}
