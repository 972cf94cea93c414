import { templateOf } from '../../../mcp/extensions.ts'
import type { Raw, ToolSource } from '../../../mcp/tool-source.ts'
import { parseTemplate, type UriTemplate } from '../../../mcp/uri-template.ts'
import type { Offer } from '../offered.ts'
import { lifeOf } from '../tools/tool-records.ts'
import { maxUri } from './resource-address.ts'
import { normalUri, normalUriOf } from './same-uri.ts'

/** A resource or a resource template of some source. */
export interface FoundResource {
  source: ToolSource
  uri: string
  /** What it is owned by: of a resource the same for all ways to write its URI. */
  same: string
  definition: Raw
  /** It is in no list: a tool names it (MCP Apps allow that). */
  unlisted?: true
}

export const resourcesIn = (offers: readonly Offer[]): FoundResource[] =>
  offers.flatMap((offer) => [
    ...offer.resources.map((definition) => ({
      source: offer.source,
      uri: definition.uri,
      same: normalUriOf(definition),
      definition,
    })),
    ...unlistedIn(offer),
  ])

export const templatesIn = (offers: readonly Offer[]): FoundResource[] =>
  offers.flatMap(({ source, templates }) =>
    templates.map((definition) => ({
      source,
      uri: definition.uriTemplate,
      same: definition.uriTemplate,
      definition,
    })),
  )

/** What tools are drawn in (MCP Apps) and their source did not list. It is as much its own as if it had. */
function unlistedIn({ source, tools, resources }: Offer): FoundResource[] {
  const named = new Set(tools.map(templateOf).filter((uri) => uri !== undefined && uri.length <= maxUri))
  for (const { uri } of resources) named.delete(uri)
  return [...named].map((uri) => ({
    source,
    uri: uri!,
    same: normalUri(uri!),
    definition: { uri: uri!, name: uri! },
    unlisted: true,
  }))
}

/**
 * Those that have their address already come before those that want one, and last those of whom no more can be remembered. `owned`:
 * whose each is, by life.
 */
export function inOrder(
  found: FoundResource[],
  owned: ReadonlyMap<string, string>,
  isFull: (life: string) => boolean,
): FoundResource[] {
  const place = ({ source, same }: FoundResource) => {
    const life = lifeOf(source)
    return owned.get(same) === life ? 0 : isFull(life) ? 2 : 1
  }
  const placed = Map.groupBy(found, place)
  return ([0, 1, 2] as const).flatMap((n) => placed.get(n) ?? [])
}

/** By definition, which a source does not change. */
const parsed = new WeakMap<object, UriTemplate | null>()

export function parsedTemplate({ definition, uri }: FoundResource): UriTemplate | null {
  let template = parsed.get(definition)
  if (template === undefined) {
    template = parseTemplate(uri)
    parsed.set(definition, template)
  }
  return template
}
