import { templateOf } from '../../mcp/extensions.ts'
import type { ToolSource } from '../../mcp/tool-source.ts'
import { type CatalogEntry, inWorkspace } from './catalog-entry.ts'

/** Views call the tools of their own server by the names that they have there (ext-apps#745), which are not ours. */
export function viewNames(tools: readonly CatalogEntry[]) {
  const withViews: ReadonlySet<ToolSource> = new Set(
    tools.filter(({ definition }) => templateOf(definition) !== undefined).map(({ source }) => source),
  )
  const byOwnName = Map.groupBy(
    tools.filter(({ source }) => withViews.has(source)),
    (entry) => entry.toolName,
  )
  return {
    has: (source: ToolSource): boolean => withViews.has(source),
    /** The tool of that name at its source, where it is that of one source with views only. */
    find(name: string, workspace: string): CatalogEntry | undefined {
      const found = byOwnName.get(name)?.filter(({ source }) => inWorkspace(source, workspace))
      return found?.length === 1 ? found[0] : undefined
    },
  }
}
