import type { Finding, Tool } from '../../../contract/tools.ts'
import type { ToolDefinition } from '../../../mcp/tool-source.ts'
import type { CatalogEntry } from '../catalog-entry.ts'
import { compare } from '../public-names.ts'
import { visibleTexts } from './published-tool.ts'
import { definitionHash } from './tool-records.ts'

/** Tools as their owner sees them, sorted by source, then name. */
export const shownTools = (
  tools: readonly CatalogEntry[],
  findingsOf: (definition: ToolDefinition) => readonly Finding[],
): Tool[] =>
  tools
    .map((entry) => ({
      id: entry.id,
      name: entry.publicName,
      original: entry.toolName,
      alias: entry.alias,
      title: entry.title,
      description: visibleTexts(entry.definition).description ?? '',
      source: entry.source.name,
      sourceId: entry.source.slug,
      sourceKind: entry.source.kind,
      risk: entry.risk,
      openWorld: entry.openWorld,
      enabled: entry.enabled,
      override: entry.override,
      note: entry.note,
      findings: entry.source.kind === 'server' ? [...findingsOf(entry.definition)] : [],
      review: entry.review && {
        why: entry.review.why,
        ...entry.review.claim,
        seen: definitionHash(entry.definition),
      },
      localOnly: entry.localOnly,
    }))
    .sort((a, b) => compare(a.source, b.source) || compare(a.name, b.name))
