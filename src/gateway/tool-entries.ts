import type { Tool as WireTool } from '@modelcontextprotocol/server'
import type { Risk } from '../contract/models.ts'
import { withoutHidden } from '../kernel/without-hidden.ts'
import { type CatalogEntry, workspacesOf } from './catalog-entry.ts'
import type { Offer } from './offered.ts'
import { compare, publicNames, shownNames } from './public-names.ts'
import { publishedTool } from './published-tool.ts'
import type { ToolAnnotations, ToolDefinition } from './tool-source.ts'

export interface ToolEntriesDeps {
  riskOf(
    annotations: ToolAnnotations | undefined,
    override?: Risk,
  ): {
    risk: Risk
    openWorld: boolean
  }
  /** What the user decided about a tool, by id. */
  toolSetting(id: string): { enabled: boolean; risk?: Risk; alias?: string | null }
}

/** Makes the tools' entries; what does not change between two times is not made again. */
export function createToolEntries(deps: ToolEntriesDeps): (offers: readonly Offer[]) => CatalogEntry[] {
  const ids = new Map<string, string>()
  const names = new Map<string, { wanted: string; name: string }>()
  const shown = new WeakMap<ToolDefinition, { key: string; published: WireTool; json: string }>()

  const publish = (definition: ToolDefinition, known: Parameters<typeof publishedTool>[1]) => {
    const key = `${known.publicName}|${known.risk}|${known.openWorld}|${known.overridden}`
    const before = shown.get(definition)
    if (before?.key === key) return before
    const published = publishedTool(definition, known)
    const made = { key, published, json: JSON.stringify(published) }
    shown.set(definition, made)
    return made
  }

  return (offers) => {
    const found = offers.flatMap(({ source, tools }) => tools.map((definition) => ({ source, definition })))
    const idOf = publicNames(
      found.map(({ source, definition }) => ({
        slug: source.slug,
        tool: definition.name,
        // A connector's own names are its ids; a server keeps `slug__tool`, under whatever name it is served.
        prefixed: source.prefixed || source.kind === 'server',
        first: source.kind === 'connector',
      })),
      ids,
    )
    const settings = idOf.map(deps.toolSetting)
    const nameOf = shownNames(
      found.map(({ source, definition }, index) => ({
        id: idOf[index]!,
        alias: settings[index]!.alias ?? null,
        own: source.kind === 'server' && !source.prefixed ? definition.name : null,
      })),
      names,
    )
    return found
      .map(({ source, definition }, index): CatalogEntry => {
        const { enabled, risk: override, alias = null } = settings[index]!
        const { risk, openWorld } = deps.riskOf(definition.annotations, override)
        const publicName = nameOf[index]!
        const { published, json } = publish(definition, {
          publicName,
          risk,
          openWorld,
          overridden: !!override,
        })
        return {
          id: idOf[index]!,
          publicName,
          alias,
          toolName: definition.name,
          source,
          definition,
          published,
          json,
          title: published.title ?? published.annotations?.title ?? withoutHidden(definition.name),
          risk,
          openWorld,
          enabled,
          localOnly: definition.localOnly === true,
          workspaces: workspacesOf(source),
        }
      })
      .sort((a, b) => compare(a.publicName, b.publicName))
  }
}
