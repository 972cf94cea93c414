import { createHash, type Hash } from 'node:crypto'
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
import type { Era, ListKind, VisibleList } from './visible-list.ts'
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
  /** The built-in connector it belongs to; null for servers, which have no scope of their own. */
  sourceId: string | null
  access: Access
  scopes: ReadonlySet<string> | null
}

export const factsFor = (entry: CatalogEntry, principal: Principal): Facts => ({
  enabled: entry.enabled,
  inGrant: principal.tools === null || principal.tools.has(entry.publicName),
  localOnly: entry.localOnly,
  risk: entry.risk,
  sourceId: entry.source.kind === 'connector' ? entry.source.slug : null,
  access: principal.access,
  scopes: principal.scopes,
})

/** What a source or a setting changed. */
export interface CatalogChange {
  workspaces: ReadonlySet<string>
  kinds: ReadonlySet<ListKind>
}

export interface Catalog {
  /** Takes the sources and reads what they offer. Call it again whenever one offers other things than before. */
  setSources(sources: readonly ToolSource[]): void
  /** Reads the known sources and the settings again. */
  refresh(): void
  /** What this principal sees, sorted; made once for all who see the same. */
  list(principal: Principal, kind: ListKind, era: Era): VisibleList
  /** The tool of that public name in a workspace, whether or not the principal may use it. */
  resolve(publicName: string, workspace: string): CatalogEntry | undefined
  /** What a client is told on arrival; the first 512 characters stand for themselves. */
  instructions(principal: Principal): string
  /** What the visible sources can do together. Tools are always there. */
  capabilities(principal: Principal): VisibleCapabilities
  /** For the Tools page, sorted by source, then name. */
  all(): Tool[]
  /** Called when something changed for somebody. Returns the function that stops listening. */
  onChanged(listen: (changed: CatalogChange) => void): () => void
}

export interface VisibleCapabilities {
  resources: boolean
  subscribe: boolean
  prompts: boolean
  completions: boolean
  logging: boolean
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
  const events = new Emitter<{ changed: ReadonlySet<string> }>((error) =>
    log.error('catalog.listener', { error: errorText(error) }),
  )
  let sources: readonly ToolSource[] = []
  let entries = new Map<string, CatalogEntry>()
  let fingerprints = new Map<string, string>()
  /** By principal, who is never changed: other rights come with another object. */
  let lists = new WeakMap<Principal, readonly WireTool[]>()

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
    lists = new WeakMap()
    const before = fingerprints
    fingerprints = fingerprintsOf([...entries.values()])
    const changed = new Set(
      [...before.keys(), ...fingerprints.keys()].filter(
        (workspace) => before.get(workspace) !== fingerprints.get(workspace),
      ),
    )
    if (changed.size > 0) events.emit('changed', changed)
  }

  const listFor = (principal: Principal): readonly WireTool[] =>
    [...entries.values()]
      .filter(
        (entry) => inWorkspace(entry.source, principal.workspace) && isListed(factsFor(entry, principal)),
      )
      .map((entry) => entry.published)

  return {
    setSources(next) {
      sources = next
      refresh()
    },
    refresh,
    list(principal) {
      const known = lists.get(principal)
      if (known) return known
      const list = listFor(principal)
      lists.set(principal, list)
      return list
    },
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

const workspacesOf = (source: ToolSource): readonly string[] => source.workspaces ?? ['default']

const inWorkspace = (source: ToolSource, workspace: string): boolean =>
  workspacesOf(source).includes(workspace)

/** What each workspace has, in a form that can be compared. */
function fingerprintsOf(entries: readonly CatalogEntry[]): Map<string, string> {
  const hashes = new Map<string, Hash>()
  for (const entry of entries) {
    const { source, toolName, published, risk, enabled, localOnly } = entry
    const print = JSON.stringify([source.slug, source.name, toolName, published, risk, enabled, localOnly])
    for (const workspace of new Set(workspacesOf(source))) {
      const hash = hashes.get(workspace) ?? createHash('sha256')
      hashes.set(workspace, hash.update(`${print}\n`))
    }
  }
  return new Map([...hashes].map(([workspace, hash]) => [workspace, hash.digest('base64')]))
}
