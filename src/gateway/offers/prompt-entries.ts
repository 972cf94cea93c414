import type { PromptDefinition, Raw, ToolSource } from '../../mcp/tool-source.ts'
import { type OfferEntry, workspacesOf } from './catalog-entry.ts'
import type { KeptNames, NameKind } from './kept-names.ts'
import type { Offer } from './offered.ts'
import { compare, nameKey, publicNames } from './public-names.ts'
import { publishedPrompt } from './published-offer.ts'
import { lifeOf } from './tools/tool-records.ts'

/** Makes the prompts' entries, sorted by public name: `slug__prompt`, or its own name when its source has no prefix. */
export function createPromptEntries(kept: KeptNames): (offers: readonly Offer[]) => OfferEntry[] {
  const names = new Map<string, string>()
  const shown = new WeakMap<PromptDefinition, { key: string; published: Raw; json: string }>()

  const publish = (definition: PromptDefinition, key: string) => {
    const before = shown.get(definition)
    if (before?.key === key) return before
    const published = publishedPrompt(definition, key)
    const made = { key, published, json: JSON.stringify(published) }
    shown.set(definition, made)
    return made
  }

  return (offers) => {
    const found = offers.flatMap(({ source, prompts }) =>
      prompts.map((definition) => ({ source, definition })),
    )
    const kindOf = (source: ToolSource): NameKind => (source.prefixed ? 'prompt' : 'own-prompt')
    const requests = found.map(({ source, definition }) => ({
      slug: source.slug,
      tool: definition.name,
      prefixed: source.prefixed,
      first: source.kind === 'connector',
      last: kept.isFull(lifeOf(source), kindOf(source)),
    }))
    for (const [index, { source, definition }] of found.entries()) {
      const before = kept.get(lifeOf(source), kindOf(source), definition.name)
      if (before !== undefined) names.set(nameKey(requests[index]!), before)
    }
    const nameOf = publicNames(requests, names)
    for (const [index, { source, definition }] of found.entries()) {
      const { slug, prefixed } = source
      const plain = prefixed ? `${slug}__${definition.name}` : definition.name
      if (source.kind === 'server' && nameOf[index] !== plain)
        kept.keep(lifeOf(source), kindOf(source), definition.name, nameOf[index]!)
    }
    return found
      .map(({ source, definition }, index) => ({
        ...publish(definition, nameOf[index]!),
        name: definition.name,
        source,
        workspaces: workspacesOf(source),
      }))
      .sort((a, b) => compare(a.key, b.key))
  }
}
