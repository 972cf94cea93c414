import { createSlices } from '../../kernel/slices.ts'
import type { ToolSource } from '../../mcp/tool-source.ts'
import type { OfferReader } from './offered.ts'
import { normalUriOf } from './resources/same-uri.ts'
import type { ToolEntries } from './tools/tool-entries.ts'

const nothing = {
  tools: () => [],
  resources: () => [],
  resourceTemplates: () => [],
  prompts: () => [],
} satisfies Partial<ToolSource>

/** Reads everything once, one entry at a time, so that the reader knows it all when everything is read at once. */
export async function prepareOffers(
  sources: readonly ToolSource[],
  reader: OfferReader,
  entries: Pick<ToolEntries, 'prepare'>,
): Promise<void> {
  const slices = createSlices()
  for (const source of sources) {
    for (const tool of source.tools()) {
      const [usable] = reader.read({ ...source, ...nothing, tools: () => [tool] }).tools
      if (usable) entries.prepare(source, usable)
      await slices.pause()
    }
    for (const kind of ['resources', 'resourceTemplates', 'prompts'] as const)
      for (const item of source[kind]?.() ?? []) {
        const [resource] = reader.read({ ...source, ...nothing, [kind]: () => [item] }).resources
        if (resource) normalUriOf(resource)
        await slices.pause()
      }
  }
}
