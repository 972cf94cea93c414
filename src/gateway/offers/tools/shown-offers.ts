import { withoutHidden } from '../../../contract/agreed/visible-text.ts'
import type { Offer } from '../../../contract/tools.ts'
import type { OfferEntry } from '../catalog-entry.ts'
import { compare } from '../public-names.ts'

/** Of a kind; more than anybody looks through. */
const most = 500
const longest = 2_000

const textOf = (value: unknown): string =>
  typeof value === 'string' ? withoutHidden(value).slice(0, longest) : ''

/** What is offered beside tools, as its owner sees it. */
export const shownOffers = (kind: Offer['kind'], entries: Iterable<OfferEntry>): Offer[] =>
  [...entries]
    .sort((a, b) => compare(a.source.name, b.source.name) || compare(a.key, b.key))
    .slice(0, most)
    .map(({ key, published, source }) => ({
      ...{ kind, key: textOf(key), source: source.name, sourceId: source.slug, sourceKind: source.kind },
      title: textOf(published.title) || textOf(published.name) || textOf(key),
      description: textOf(published.description),
      arguments: Array.isArray(published.arguments)
        ? published.arguments.slice(0, 20).map((one: { name?: unknown } | null) => textOf(one?.name))
        : [],
    }))
