import { isSpecType, type Tool as WireTool } from '@modelcontextprotocol/server'
import type { Access, Risk, Tool } from '../contract/models.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Principal } from './caller.ts'
import { jsonDepth } from './json-guard.ts'
import { compare, publicNames } from './public-names.ts'
import { publishedTool } from './published-tool.ts'
import type { ToolAnnotations, ToolDefinition, ToolSource } from './tool-source.ts'
import { visibleText } from './visible-text.ts'

/** A tool as the gateway knows it. */
export interface CatalogEntry {
  publicName: string
  /** Its name at the source. */
  toolName: string
  source: ToolSource
  /** As the source gave it. */
  definition: ToolDefinition
  /** As clients see it in `tools/list`. */
  published: WireTool
  title: string
  risk: Risk
  openWorld: boolean
  enabled: boolean
  localOnly: boolean
}

/** What a decision about a tool for somebody depends on. */
export interface Facts {
  enabled: boolean
  inGrant: boolean
  localOnly: boolean
  risk: Risk
  access: Access
  scopes: ReadonlySet<string> | null
}

export const factsFor = (entry: CatalogEntry, principal: Principal): Facts => ({
  enabled: entry.enabled,
  inGrant: principal.tools === null || principal.tools.has(entry.publicName),
  localOnly: entry.localOnly,
  risk: entry.risk,
  access: principal.access,
  scopes: principal.scopes,
})

export interface Catalog {
  /** Takes the sources and reads their tools. Call it again whenever a source has other tools than before. */
  setSources(sources: readonly ToolSource[]): void
  /** Reads tools and settings of the known sources again. */
  refresh(): void
  /** What this principal sees, sorted by name. */
  list(principal: Principal): readonly WireTool[]
  /** The tool of that public name in a workspace, whether or not the principal may use it. */
  resolve(publicName: string, workspace: string): CatalogEntry | undefined
  /** For the Tools page, sorted by source, then name. */
  all(): Tool[]
  /** Called when names, definitions, settings or risks changed. Returns the function that stops listening. */
  onChanged(listen: () => void): () => void
}

export interface CatalogDeps {
  riskOf(
    annotations: ToolAnnotations | undefined,
    override?: Risk,
  ): {
    risk: Risk
    openWorld: boolean
  }
  isListed(facts: Facts): boolean
  /** What the user decided about a tool, by public name. */
  toolSetting(publicName: string): { enabled: boolean; risk?: Risk }
  log: Log
}

export function createCatalog(deps: CatalogDeps): Catalog {
  const { riskOf, isListed, toolSetting, log } = deps
  const events = new Emitter<{ changed: null }>((error) =>
    log.error('catalog.listener', { error: errorText(error) }),
  )
  let sources: readonly ToolSource[] = []
  let entries = new Map<string, CatalogEntry>()
  let fingerprint = ''

  const offered = (source: ToolSource) => {
    const seen = new Set<string>()
    return source.tools().filter((definition) => {
      // One tool that breaks the protocol would make clients drop the whole list.
      const fit = fitsAList(definition) && !seen.has(definition.name)
      if (fit) seen.add(definition.name)
      else log.warn('catalog.tool-left-out', { source: source.slug, tool: String(definition?.name) })
      return fit
    })
  }

  const entryOf = (source: ToolSource, definition: ToolDefinition, publicName: string): CatalogEntry => {
    const { enabled, risk: override } = toolSetting(publicName)
    const { risk, openWorld } = riskOf(definition.annotations, override)
    const published = publishedTool(definition, { publicName, risk, openWorld, overridden: !!override })
    return {
      publicName,
      toolName: definition.name,
      source,
      definition,
      published,
      title: published.title ?? published.annotations?.title ?? visibleText(definition.name),
      risk,
      openWorld,
      enabled,
      localOnly: definition.localOnly === true,
    }
  }

  const refresh = () => {
    const pairs = sources.flatMap((source) => offered(source).map((definition) => ({ source, definition })))
    const names = publicNames(
      pairs.map(({ source, definition }) => ({
        slug: source.slug,
        tool: definition.name,
        prefixed: source.prefixed,
        first: source.kind === 'connector',
      })),
    )
    entries = new Map(
      pairs
        .map(({ source, definition }, index) => entryOf(source, definition, names[index]!))
        .sort((a, b) => compare(a.publicName, b.publicName))
        .map((entry) => [entry.publicName, entry]),
    )
    const now = JSON.stringify(
      [...entries.values()].map((entry) => [
        entry.source.slug,
        entry.source.name,
        entry.source.workspaces,
        entry.toolName,
        entry.published,
        entry.risk,
        entry.enabled,
        entry.localOnly,
      ]),
    )
    if (now === fingerprint) return
    fingerprint = now
    events.emit('changed', null)
  }

  return {
    setSources(next) {
      sources = next
      refresh()
    },
    refresh,
    list: (principal) =>
      [...entries.values()]
        .filter(
          (entry) => inWorkspace(entry.source, principal.workspace) && isListed(factsFor(entry, principal)),
        )
        .map((entry) => entry.published),
    resolve(publicName, workspace) {
      const entry = entries.get(publicName)
      return entry && inWorkspace(entry.source, workspace) ? entry : undefined
    },
    all: () =>
      [...entries.values()]
        .map((entry) => ({
          name: entry.publicName,
          title: entry.title,
          description: entry.published.description ?? '',
          source: entry.source.name,
          sourceId: entry.source.slug,
          sourceKind: entry.source.kind,
          risk: entry.risk,
          openWorld: entry.openWorld,
          enabled: entry.enabled,
          localOnly: entry.localOnly,
        }))
        .sort((a, b) => compare(a.source, b.source) || compare(a.name, b.name)),
    onChanged: (listen) => events.on('changed', listen),
  }
}

/** Clients refuse tools far smaller than this. */
const maxToolBytes = 256_000
/** Deeper ones overflow the stack of whoever reads them. */
const maxToolDepth = 128

function fitsAList(definition: ToolDefinition): boolean {
  try {
    const text = JSON.stringify(definition)
    if (text.length > maxToolBytes || jsonDepth(Buffer.from(text), maxToolDepth) > maxToolDepth) return false
    return definition.name !== '' && isSpecType.Tool(definition)
  } catch {
    return false
  }
}

const inWorkspace = (source: ToolSource, workspace: string): boolean =>
  (source.workspaces ?? ['default']).includes(workspace)
