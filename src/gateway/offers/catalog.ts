import type { ChangedServer, Difference, Offer, Tool } from '../../contract/tools.ts'
import { Emitter } from '../../kernel/emitter.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Facts } from '../../mcp/decision.ts'
import { declaresApps, isForViewsOnly } from '../../mcp/extensions.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw, ToolSource } from '../../mcp/tool-source.ts'
import { byIdentity, type CatalogChange, changedWorkspaces } from './catalog-changes.ts'
import { type CatalogEntry, factsFor, inWorkspace, type OfferEntry, readingFacts } from './catalog-entry.ts'
import { composeInstructions, createOwnWords } from './instructions.ts'
import { createKeptNames, type KeptNameStore, type KeptNames } from './kept-names.ts'
import { isTakenForSomething, type Offered, OfferReader, offeredIn } from './offered.ts'
import { prepareOffers } from './prepare-offers.ts'
import { createPromptEntries } from './prompt-entries.ts'
import { compare } from './public-names.ts'
import { canSubscribe, hasResources } from './resources/resource-address.ts'
import type { ResourceIndex, ResourceRoute, SetAside } from './resources/resource-index.ts'
import { createResourceIndexer } from './resources/resources.ts'
import { checkTool } from './tools/check-tool.ts'
import { FormerNames } from './tools/former-names.ts'
import { legacyTool } from './tools/legacy-tool.ts'
import { publishedTool } from './tools/published-tool.ts'
import { type ServerPinStore, ServerPins } from './tools/server-pins.ts'
import { shownOffers } from './tools/shown-offers.ts'
import { shownTools } from './tools/shown-tools.ts'
import { ToolEntries, type ToolEntriesDeps } from './tools/tool-entries.ts'
import { definitionHash, type ToolRecordStore, ToolRecords } from './tools/tool-records.ts'
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
  /** Calls of it may end later than its client waits. */
  tasks?: true
}

export interface CatalogDeps extends ToolEntriesDeps {
  isListed(facts: Facts): boolean
  log: Log
  /** What outlives a restart; absent: nothing does. */
  stores?: { tools: ToolRecordStore; names: KeptNameStore; servers: ServerPinStore }
  now?(): number
}

interface View {
  tools: readonly CatalogEntry[]
  /** Ids of those that the owner has to look at before. */
  waiting: readonly string[]
  /** Some call of these may end later than its client waits for it. */
  mayBeLate: boolean
  /** Of which resources and prompts are seen, and those of which anything is seen at all. */
  readable: ReadonlySet<ToolSource>
  seen: readonly ToolSource[]
  lists: Map<string, VisibleList>
  instructions?: string
}

type Identified = Record<ListKind, ReadonlyMap<string, CatalogEntry | OfferEntry>>

/** What the sources offer, who sees what of it, and by what it is asked for. It changes in one step or not at all. */
export class Catalog {
  readonly #deps: CatalogDeps
  readonly #events: Emitter<{ changed: CatalogChange }>
  readonly #reader: OfferReader
  readonly #ownWords: ReturnType<typeof createOwnWords>
  readonly #records: ToolRecords
  readonly #pins: ServerPins
  readonly #keptNames: KeptNames
  readonly #formerNames: FormerNames
  readonly #toolEntries: ToolEntries
  readonly #promptEntries: ReturnType<typeof createPromptEntries>
  readonly #indexResources: ReturnType<typeof createResourceIndexer>
  readonly #views = createViews<View>((principal) => this.#viewOf(principal))
  readonly #legacy = new WeakMap<CatalogEntry, { published: Raw; json: string }>()

  #sources: readonly ToolSource[] = []
  #tools: readonly CatalogEntry[] = []
  #byName: ReadonlyMap<string, CatalogEntry> = new Map()
  #ownNames = viewNames([])
  #toolsOf = new Map<string, CatalogEntry[]>()
  #offered: ReadonlyMap<string, Offered> = new Map()
  #prompts: ReadonlyMap<string, OfferEntry> = new Map()
  #resources: ResourceIndex
  /** Everything, by what identifies it. */
  #all: Identified = {
    tools: new Map(),
    resources: new Map(),
    resourceTemplates: new Map(),
    prompts: new Map(),
  }

  constructor(deps: CatalogDeps) {
    const { log, stores, now } = deps
    this.#deps = deps
    this.#events = new Emitter((error) => log.error('catalog.listener', { error: errorText(error) }))
    this.#reader = new OfferReader(log, deps.pins)
    this.#ownWords = createOwnWords(deps.pins)
    this.#records = new ToolRecords({ log, store: stores?.tools, now })
    this.#pins = new ServerPins(deps.pins, log, stores?.servers)
    this.#keptNames = createKeptNames({ log, ...(stores && { store: stores.names }) })
    this.#formerNames = new FormerNames(this.#keptNames)
    this.#toolEntries = new ToolEntries(deps, this.#records)
    this.#promptEntries = createPromptEntries(this.#keptNames)
    this.#indexResources = createResourceIndexer(log, this.#keptNames)
    this.#resources = this.#indexResources([])
  }

  /**
   * Takes the sources and reads what they offer. Call it again whenever one offers other things than before. A source keeps
   * the names and URIs it has; of two that want the same one at the same time, the earlier gets it.
   */
  setSources(sources: readonly ToolSource[]): void {
    this.#sources = [...sources]
    this.refresh()
  }

  /** Looks at what is new of these a little at a time, so that `setSources` has little left to do. Passes over what is broken. */
  prepare(sources: readonly ToolSource[]): Promise<void> {
    return prepareOffers(sources, this.#reader, this.#toolEntries)
  }

  /** Reads the sources it has and the settings again. */
  refresh(): void {
    const offers = this.#sources.map((source) => this.#reader.read(source))
    const resources = this.#indexResources(offers)
    this.#resources = resources
    this.#offered = new Map(
      offers.map((offer) => [offer.source.slug, offeredIn(offer, this.#ownWords(offer.source).leftOut)]),
    )
    this.#pins.look(offers.filter(isTakenForSomething).map(({ source }) => source))
    const before = byIdentity(this.#tools, (entry) => entry.id)
    this.#tools = this.#toolEntries.of(
      offers,
      (source, uri) => resources.addressOf(source, uri),
      (source) => this.#pins.isHeld(source),
    )
    this.#formerNames.look(before, this.#tools)
    this.#byName = byIdentity(this.#tools, (entry) => entry.publicName)
    this.#ownNames = viewNames(this.#tools)
    this.#toolsOf = Map.groupBy(this.#tools, ({ source }) => source.slug)
    this.#prompts = byIdentity(this.#promptEntries(offers), (entry) => entry.key)
    this.#keptNames.write()
    this.#views.clear()
    this.#tellChanges()
  }

  #tellChanges(): void {
    const before = this.#all
    const owned = (entry: OfferEntry) => `${entry.source.slug} ${entry.key}`
    const now: Identified = {
      tools: byIdentity(this.#tools, (entry) => entry.id),
      resources: byIdentity(this.#resources.resources, owned),
      resourceTemplates: byIdentity(this.#resources.templates, owned),
      prompts: this.#prompts,
    }
    this.#all = now
    const workspaces = new Set<string>()
    const kinds = new Set<ListKind>()
    for (const kind of listKinds)
      for (const workspace of changedWorkspaces(before[kind], now[kind])) {
        workspaces.add(workspace)
        kinds.add(kind)
      }
    // Who was given single tools sees the rest of a source only with all of them.
    if (kinds.has('tools')) for (const kind of listKinds) if (now[kind].size > 0) kinds.add(kind)
    if (workspaces.size > 0) this.#events.emit('changed', { workspaces, kinds })
  }

  #viewOf(principal: Principal): View {
    const { isListed } = this.#deps
    const here = (entry: { source: ToolSource }) => inWorkspace(entry.source, principal.workspace)
    const listed = this.#tools.filter((entry) => here(entry) && isListed(factsFor(entry, principal)))
    const waits = (entry: CatalogEntry) =>
      !entry.accepted && here(entry) && isListed({ ...factsFor(entry, principal), accepted: true })
    const withTools = new Set(listed.map((entry) => entry.source))
    const inReach = this.#sources.filter((source) => inWorkspace(source, principal.workspace))
    const readable = new Set(inReach.filter((source) => isListed(this.readingFacts(source, principal))))
    const speaks = (source: ToolSource) => readable.has(source) && source.request !== undefined
    const asks = ({ risk }: CatalogEntry) => principal.access === 'ask' && risk !== 'read'
    const isLong = ({ source }: CatalogEntry) => (source.longest?.() ?? 0) > longWait
    return {
      tools: listed,
      mayBeLate: listed.some((entry) => asks(entry) || isLong(entry)),
      waiting: this.#tools.filter(waits).map(({ id }) => id),
      readable,
      seen: inReach.filter((source) => withTools.has(source) || speaks(source)),
      lists: new Map(),
    }
  }

  /** The tools of this principal, as `list` has them for a client that draws nothing. */
  visibleTools(principal: Principal): readonly CatalogEntry[] {
    return this.#views.of(principal).tools.filter(({ definition }) => !isForViewsOnly(definition))
  }

  /** What this principal sees, sorted; made once for all who see the same. `draws`: its client gets what is for views only, too. */
  list(principal: Principal, kind: ListKind, era: Era, draws = false): VisibleList {
    const view = this.#views.of(principal)
    const key = draws ? `${kind} ${era} drawn` : `${kind} ${era}`
    let list = view.lists.get(key)
    if (!list) {
      list = visibleList(this.#entriesFor(view, kind, era, draws), kind === 'tools' ? view.waiting : [])
      // Mostly all see the same, and then there is no need for copies.
      for (const other of view.lists.values()) if (other.hash === list.hash) list = other
      view.lists.set(key, list)
    }
    return list
  }

  #entriesFor(
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
        const all =
          era === 'legacy'
            ? shown.map((entry) => this.#legacyEntry(entry))
            : (shown as readonly (CatalogEntry & { published: never })[])
        return view.mayBeLate ? withCheck(all) : all
      }
      case 'resources':
        return readable(this.#resources.resources)
      case 'resourceTemplates':
        return readable(this.#resources.templates)
      case 'prompts':
        return readable(this.#prompts.values())
    }
  }

  #legacyEntry(entry: CatalogEntry): { published: Raw; json: string } {
    let made = this.#legacy.get(entry)
    if (!made) {
      const published = entry.published as unknown as Raw
      const projected = legacyTool(published)
      made = { published: projected, json: projected === published ? entry.json : JSON.stringify(projected) }
      this.#legacy.set(entry, made)
    }
    return made
  }

  /** The tool of that public name in a workspace, whether or not the principal may use it; else see `viewNames` and `FormerNames`. */
  resolve(publicName: string, workspace: string): CatalogEntry | undefined {
    const entry = this.#byName.get(publicName)
    if (entry) return inWorkspace(entry.source, workspace) ? entry : undefined
    return this.#ownNames.find(publicName, workspace) ?? this.#renamed(publicName, workspace)
  }

  #renamed(name: string, workspace: string): CatalogEntry | undefined {
    const id = this.#formerNames.idOf(name)
    const entry = id === undefined ? undefined : this.byId(id)
    return entry && inWorkspace(entry.source, workspace) ? entry : undefined
  }

  /** The tool of that id. */
  byId(id: string): CatalogEntry | undefined {
    return this.#all.tools.get(id) as CatalogEntry | undefined
  }

  /** The prompt of that public name, likewise. */
  prompt(publicName: string, workspace: string): OfferEntry | undefined {
    const entry = this.#prompts.get(publicName)
    return entry && inWorkspace(entry.source, workspace) ? entry : undefined
  }

  /** Who is asked for this URI, or has this URI template, and what it is called there; whether or not it may be read. */
  resource(uri: string, principal: Principal): ResourceRoute | undefined {
    const { readable } = this.#views.of(principal)
    const here = (source: ToolSource) => inWorkspace(source, principal.workspace)
    return this.#resources.route(uri, here, (source) => readable.has(source))
  }

  /** How much of a source is offered, and what is left out of what it lists; undefined: it is no source. */
  offeredOf(slug: string): Offered | undefined {
    return this.#offered.get(slug)
  }

  /** What of a source is offered under an address of ours, because another one has its own. */
  setAside(slug: string): readonly SetAside[] {
    return this.#resources.setAside.get(slug) ?? []
  }

  /**
   * The owner looked at these tools, and takes them for what they are. `seen`: the hash of the definition that was looked at. Throws
   * HostError `tool-unknown`, `tool-changed` or `server-changed`, and then none is accepted.
   */
  accept(tools: readonly { id: string; seen: string }[]): void {
    this.#records.accept(this.#tools, tools)
    this.refresh()
  }

  /** What is another in a tool than its owner took it for; undefined: there is no such tool. */
  differences(id: string): Difference[] | undefined {
    const entry = this.#tools.find((one) => one.id === id)
    const record = this.#records.byId(id)
    if (entry === undefined) return undefined
    if (entry.review?.why !== 'changed' || record === undefined) return []
    return this.#deps.pins.differences(this.#records.definitionOf(record), entry.definition)
  }

  /** SHA-256 of a tool's definition as it is now. */
  hashOf(id: string): string | undefined {
    const entry = this.#tools.find((one) => one.id === id)
    return entry && definitionHash(entry.definition)
  }

  /** Of what its owner took it for; of one that never waits, as it is now. */
  acceptedHashOf(id: string): string | undefined {
    return this.#records.byId(id)?.definitionHash ?? this.hashOf(id)
  }

  /** The servers that are others than their owner took them for. */
  changedServers(): ChangedServer[] {
    return this.#pins.changed()
  }

  /** The owner looked at this server, and takes it for what it is. `seen`: as it was shown. Throws HostError `server-changed`. */
  acceptServer(slug: string, seen: string): void {
    this.#pins.accept(
      this.#sources.find((source) => source.kind === 'server' && source.slug === slug),
      seen,
    )
    this.refresh()
  }

  /** The owner has just made this of the server himself. */
  serverEdited(source: ToolSource): void {
    this.#pins.edited(source)
  }

  /** The tool that has this id or public name, also one that is away. */
  ownerOfName(name: string): string | undefined {
    return this.#records.byId(name)?.id ?? this.#records.byShown(name)?.id
  }

  /** The server was removed: what was remembered of it, its tools' ids above all, is forgotten. */
  forgetServer(serverId: string): void {
    this.#records.forget(serverId)
    this.#pins.forget(serverId)
    this.#keptNames.forget(serverId)
    this.#formerNames.read()
  }

  /** For a decision about resources and prompts of a source. */
  readingFacts(source: ToolSource, principal: Principal): Facts {
    const tools = this.#toolsOf.get(source.slug) ?? []
    return readingFacts(source, tools, principal, this.#pins.isHeld(source))
  }

  /** What a client is told on arrival; the first 512 characters stand for themselves. */
  instructions(principal: Principal): string {
    const view = this.#views.of(principal)
    view.instructions ??= composeInstructions(view.seen, (source) =>
      this.#pins.saysAsBefore(source) ? this.#ownWords(source).words : null,
    )
    return view.instructions
  }

  /** What the visible sources can do together. Tools are always there. */
  capabilities(principal: Principal): VisibleCapabilities {
    const { readable, seen, mayBeLate } = this.#views.of(principal)
    const read = [...readable].filter((source) => source.request !== undefined)
    const isDrawable = (source: ToolSource) =>
      this.#ownNames.has(source) || declaresApps(source.capabilities?.())
    return {
      resources: read.some(hasResources),
      subscribe: read.some(canSubscribe),
      prompts: read.some((source) => (source.prompts?.().length ?? 0) > 0 || can(source, 'prompts')),
      completions: read.some((source) => can(source, 'completions')),
      logging: seen.some((source) => can(source, 'logging')),
      ...(read.some(isDrawable) && { apps: true }),
      ...(mayBeLate && { tasks: true }),
    }
  }

  /** For the Tools page, sorted by source, then name. */
  all(): Tool[] {
    return shownTools(this.#tools, (definition) => this.#toolEntries.findingsOf(definition))
  }

  /** The same of what is offered beside tools. */
  offers(): Offer[] {
    return [
      ...shownOffers('prompt', this.#prompts.values()),
      ...shownOffers('resource', this.#resources.resources),
      ...shownOffers('template', this.#resources.templates),
    ]
  }

  /** How many tools the owner should look at. */
  waiting(): number {
    return this.#tools.filter((entry) => entry.review !== null).length
  }

  /** Called when something changed for somebody. Returns the function that stops listening. */
  onChanged(listen: (changed: CatalogChange) => void): () => void {
    return this.#events.on('changed', listen)
  }
}

/** Longer than the longest time that a client is kept waiting (`calls/late/late-call.ts`). Milliseconds. */
const longWait = 55_000

const check = publishedTool(checkTool, {
  publicName: checkTool.name,
  ...{ risk: 'read', openWorld: false, overridden: false },
}) as unknown as Raw

const withCheck = (entries: readonly { published: Raw; json: string }[]) =>
  [...entries, { published: check, json: JSON.stringify(check) }].sort((a, b) =>
    compare(String(a.published.name), String(b.published.name)),
  )

export const createCatalog = (deps: CatalogDeps): Catalog => new Catalog(deps)

const can = (source: ToolSource, name: string): boolean => source.capabilities?.()[name] !== undefined
