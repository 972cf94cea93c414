import { type OfferEntry, workspacesOf } from './catalog-entry.ts'
import type { Offer } from './offered.ts'
import { compare, publicNames } from './public-names.ts'
import { publishedPrompt } from './published-offer.ts'
import type { PromptDefinition, Raw } from './tool-source.ts'

/** Makes the prompts' entries, sorted by public name: `slug__prompt`, or its own name when its source has no prefix. */
export function createPromptEntries(): (offers: readonly Offer[]) => OfferEntry[] {
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
    const nameOf = publicNames(
      found.map(({ source, definition }) => ({
        slug: source.slug,
        tool: definition.name,
        prefixed: source.prefixed,
        first: source.kind === 'connector',
      })),
      names,
    )
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
