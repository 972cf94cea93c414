/** A little long because what is listed, and what it is asked by, changes in one step or not at all. */
import type { Tool } from '../../contract/tools.ts'
import { Emitter } from '../../kernel/emitter.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Facts } from '../../mcp/decision.ts'
import { declaresApps, isForViewsOnly } from '../../mcp/extensions.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw, ToolSource } from '../../mcp/tool-source.ts'
import { byIdentity, type CatalogChange, changedWorkspaces } from './catalog-changes.ts'
import { type CatalogEntry, factsFor, inWorkspace, type OfferEntry, readingFacts } from './catalog-entry.ts'
import { composeInstructions } from './instructions.ts'
import { createKeptNames, type KeptNameStore } from './kept-names.ts'
import { createOfferReader, type Offered, offeredIn } from './offered.ts'
import { prepareOffers } from './prepare-offers.ts'
import { createPromptEntries } from './prompt-entries.ts'
import {
  createResourceIndexer,
  hasResources,
  type ResourceIndex,
  type ResourceRoute,
  type SetAside,
} from './resources/resources.ts'
import { legacyTool } from './tools/legacy-tool.ts'
import { shownTools } from './tools/shown-tools.ts'
import { createToolEntries, type ToolEntriesDeps } from './tools/tool-entries.ts'
import { createToolRecords, type ToolRecordStore } from './tools/tool-records.ts'
import { viewNames } from './view-names.ts'
import { createViews } from './views.ts'
import { type Era, type ListKind, listKinds, type VisibleList, visibleList } from './visible-list.ts'

export interface VisibleCapabilities {
  resources: boolean
  subscribe: boolean
  prompts: boolean
  completions: boolean
  logging: boolean
  /** Templates that its tools name can be read and drawn. */
  apps?: true
}

export interface Catalog {
  /**
   * Takes the sources and reads what they offer. Call it again whenever one offers other things than before. A source keeps
   * the names and URIs it has; of two that want the same one at the same time, the earlier gets it.
   */
  setSources(sources: readonly ToolSource[]): void
  /** Looks at what is new of these a little at a time, so that `setSources` has little left to do. Passes over what is broken. */
  prepare(sources: readonly ToolSource[]): Promise<void>
  /** Reads the known sources and the settings again. */
  refresh(): void
  /** What this principal sees, sorted; made once for all who see the same. `draws`: its client gets what is for views only, too. */
  list(principal: Principal, kind: ListKind, era: Era, draws?: boolean): VisibleList
  /** The tool of that public name in a workspace, whether or not the principal may use it; else see `viewNames`. */
  resolve(publicName: string, workspace: string): CatalogEntry | undefined
  /** The prompt of that public name, likewise. */
  prompt(publicName: string, workspace: string): OfferEntry | undefined
  /** Who is asked for this URI, or has this URI template, and what it is called there; whether or not it may be read. */
  resource(uri: string, principal: Principal): ResourceRoute | undefined
  /** How much of a source is offered, and what is left out of what it lists; undefined: it is no source. */
  offeredOf(slug: string): Offered | undefined
  /** What of a source is offered under an address of ours, because another one has its own. */
  setAside(slug: string): readonly SetAside[]
  /**
   * The owner looked at these tools: new ones can be used, and those that say less of themselves are taken at their word. `seen`:
   * the hash of the definition that was looked at. Throws HostError `tool-unknown` or `tool-changed`, and then none is accepted.
   */
  accept(tools: readonly { id: string; seen: string }[]): void
  /** The tool that has this id or public name, also one that is away. */
  ownerOfName(name: string): string | undefined
  /** The server was removed: what was remembered of it, its tools' ids above all, is forgotten. */
  forgetServer(serverId: string): void
  /** For a decision about resources and prompts of a source. */
  readingFacts(source: ToolSource, principal: Principal): Facts
  /** What a client is told on arrival; the first 512 characters stand for themselves. */
  instructions(principal: Principal): string
  /** What the visible sources can do together. Tools are always there. */
  capabilities(principal: Principal): VisibleCapabilities
  /** For the Tools page, sorted by source, then name. */
  all(): Tool[]
  /** How many tools the owner should look at. */
  waiting(): number
  /** Called when something changed for somebody. Returns the function that stops listening. */
  onChanged(listen: (changed: CatalogChange) => void): () => void
}

export interface CatalogDeps extends ToolEntriesDeps {
  isListed(facts: Facts): boolean
  log: Log
  /** What outlives a restart; absent: nothing does. */
  stores?: { tools: ToolRecordStore; names: KeptNameStore }
  now?(): number
}

interface View {
  tools: readonly CatalogEntry[]
  /** Ids of those that the owner has to look at before. */
  waiting: readonly string[]
  /** Of which resources and prompts are seen, and those of which anything is seen at all. */
  readable: ReadonlySet<ToolSource>
  seen: readonly ToolSource[]
  lists: Map<string, VisibleList>
  instructions?: string
}

export function createCatalog(deps: CatalogDeps): Catalog {
  const { isListed, log } = deps
  const events = new Emitter<{ changed: CatalogChange }>((error) =>
    log.error('catalog.listener', { error: errorText(error) }),
  )
  const read = createOfferReader(log)
  const { stores, now } = deps
  const records = createToolRecords({ log, ...(stores && { store: stores.tools }), ...(now && { now }) })
  const keptNames = createKeptNames({ log, ...(stores && { store: stores.names }) })
  const toolEntries = createToolEntries(deps, records)
  const promptEntries = createPromptEntries(keptNames)
  const indexResources = createResourceIndexer(log, keptNames)

  let sources: readonly ToolSource[] = []
  let tools: readonly CatalogEntry[] = []
  let byName: ReadonlyMap<string, CatalogEntry> = new Map()
  let ownNames = viewNames([])
  /** Ids of the tools that can be used, by slug. */
  let idsOf = new Map<string, string[]>()
  let offered: ReadonlyMap<string, Offered> = new Map()
  let prompts: ReadonlyMap<string, OfferEntry> = new Map()
  let resources: ResourceIndex = indexResources([])
  const legacy = new WeakMap<CatalogEntry, { published: Raw; json: string }>()
  let known: Record<ListKind, ReadonlyMap<string, CatalogEntry | OfferEntry>> = {
    tools: new Map(),
    resources: new Map(),
    resourceTemplates: new Map(),
    prompts: new Map(),
  }

  const views = createViews<View>((principal) => {
    const here = (entry: { source: ToolSource }) => inWorkspace(entry.source, principal.workspace)
    const listed = tools.filter((entry) => here(entry) && isListed(factsFor(entry, principal)))
    const waits = (entry: CatalogEntry) =>
      !entry.accepted && here(entry) && isListed({ ...factsFor(entry, principal), accepted: true })
    const withTools = new Set(listed.map((entry) => entry.source))
    const inReach = sources.filter((source) => inWorkspace(source, principal.workspace))
    const readable = new Set(inReach.filter((source) => isListed(factsOf(source, principal))))
    const speaks = (source: ToolSource) => readable.has(source) && source.request !== undefined
    return {
      tools: listed,
      waiting: tools.filter(waits).map(({ id }) => id),
      readable,
      seen: inReach.filter((source) => withTools.has(source) || speaks(source)),
      lists: new Map(),
    }
  })

  const factsOf = (source: ToolSource, principal: Principal) =>
    readingFacts(source, idsOf.get(source.slug) ?? [], principal)

  const refresh = () => {
    const offers = sources.map(read)
    resources = indexResources(offers)
    offered = new Map(offers.map((offer) => [offer.source.slug, offeredIn(offer)]))
    tools = toolEntries(offers, resources.addressOf)
    byName = byIdentity(tools, (entry) => entry.publicName)
    ownNames = viewNames(tools)
    idsOf = new Map(offers.map(({ source }) => [source.slug, []]))
    for (const entry of tools)
      if (entry.enabled && entry.accepted && !entry.localOnly) idsOf.get(entry.source.slug)?.push(entry.id)
    prompts = byIdentity(promptEntries(offers), (entry) => entry.key)
    views.clear()

    const before = known
    const owned = (entry: OfferEntry) => `${entry.source.slug} ${entry.key}`
    known = {
      tools: byIdentity(tools, (entry) => entry.id),
      resources: byIdentity(resources.resources, owned),
      resourceTemplates: byIdentity(resources.templates, owned),
      prompts,
    }
    const workspaces = new Set<string>()
    const kinds = new Set<ListKind>()
    for (const kind of listKinds)
      for (const workspace of changedWorkspaces(before[kind], known[kind])) {
        workspaces.add(workspace)
        kinds.add(kind)
      }
    // Who was given single tools sees the rest of a source only with all of them.
    if (kinds.has('tools')) for (const kind of listKinds) if (known[kind].size > 0) kinds.add(kind)
    if (workspaces.size > 0) events.emit('changed', { workspaces, kinds })
  }

  const legacyEntry = (entry: CatalogEntry) => {
    let made = legacy.get(entry)
    if (!made) {
      const published = entry.published as unknown as Raw
      const projected = legacyTool(published)
      made = { published: projected, json: projected === published ? entry.json : JSON.stringify(projected) }
      legacy.set(entry, made)
    }
    return made
  }

  function entriesFor(
    view: View,
    kind: ListKind,
    era: Era,
    draws: boolean,
  ): readonly { published: Raw; json: string }[] {
    const readable = (entries: Iterable<OfferEntry>) =>
      [...entries].filter(({ source }) => view.readable.has(source))
    switch (kind) {
      case 'tools': {
        const shown = draws ? view.tools : view.tools.filter(({ definition }) => !isForViewsOnly(definition))
        return era === 'legacy'
          ? shown.map(legacyEntry)
          : (shown as readonly (CatalogEntry & { published: never })[])
      }
      case 'resources':
        return readable(resources.resources)
      case 'resourceTemplates':
        return readable(resources.templates)
      case 'prompts':
        return readable(prompts.values())
    }
  }

  const drawable = (source: ToolSource) => ownNames.has(source) || declaresApps(source.capabilities?.())
  const can = (source: ToolSource, name: string) => source.capabilities?.()[name] !== undefined

  return {
    setSources(next) {
      sources = [...next]
      refresh()
    },
    prepare: (next) => prepareOffers(next, read),
    refresh,
    list(principal, kind, era, draws = false) {
      const view = views.of(principal)
      const key = draws ? `${kind} ${era} drawn` : `${kind} ${era}`
      let list = view.lists.get(key)
      if (!list) {
        list = visibleList(entriesFor(view, kind, era, draws), kind === 'tools' ? view.waiting : [])
        // Mostly all see the same, and then there is no need for copies.
        for (const other of view.lists.values()) if (other.hash === list.hash) list = other
        view.lists.set(key, list)
      }
      return list
    },
    resolve(publicName, workspace) {
      const entry = byName.get(publicName)
      if (entry) return inWorkspace(entry.source, workspace) ? entry : undefined
      return ownNames.find(publicName, workspace)
    },
    prompt(publicName, workspace) {
      const entry = prompts.get(publicName)
      return entry && inWorkspace(entry.source, workspace) ? entry : undefined
    },
    resource(uri, principal) {
      const { readable } = views.of(principal)
      const here = (source: ToolSource) => inWorkspace(source, principal.workspace)
      return resources.route(uri, here, (source) => readable.has(source))
    },
    offeredOf: (slug) => offered.get(slug),
    setAside: (slug) => resources.setAside.get(slug) ?? [],
    accept(wanted) {
      records.accept(tools, wanted)
      refresh()
    },
    ownerOfName: (name) => records.byId(name)?.id ?? records.byShown(name)?.id,
    forgetServer(serverId) {
      records.forget(serverId)
      keptNames.forget(serverId)
    },
    readingFacts: factsOf,
    instructions(principal) {
      const view = views.of(principal)
      view.instructions ??= composeInstructions(view.seen)
      return view.instructions
    },
    capabilities(principal) {
      const { readable, seen } = views.of(principal)
      const read = [...readable].filter((source) => source.request !== undefined)
      const subscribable = (source: ToolSource) =>
        source.watch !== undefined &&
        (source.capabilities?.().resources as Raw | undefined)?.subscribe === true
      return {
        resources: read.some(hasResources),
        subscribe: read.some(subscribable),
        prompts: read.some((source) => (source.prompts?.().length ?? 0) > 0 || can(source, 'prompts')),
        completions: read.some((source) => can(source, 'completions')),
        logging: seen.some((source) => can(source, 'logging')),
        ...(read.some(drawable) && { apps: true }),
      }
    },
    all: () => shownTools(tools),
    waiting: () => tools.filter((entry) => entry.review !== null).length,
    onChanged: (listen) => events.on('changed', listen),
  }
}
