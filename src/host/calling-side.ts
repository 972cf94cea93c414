import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { say } from '../../locales/say.ts'
import { createActivity } from '../activity/activity.ts'
import { Mark } from '../activity/chain/call-chain.ts'
import { takeOldJournal } from '../activity/old-journal.ts'
import { Approvals } from '../approvals/approvals.ts'
import { Rules } from '../approvals/rules.ts'
import { createConnectors } from '../connectors/kit/connectors.ts'
import type { Grant } from '../contract/access.ts'
import { createLateStore } from '../gateway/calls/late/late-store.ts'
import { createPipeline } from '../gateway/calls/pipeline.ts'
import type { PipelineDeps } from '../gateway/calls/pipeline-deps.ts'
import { createTaintStore } from '../gateway/calls/taints/taint-store.ts'
import { type Catalog, createCatalog } from '../gateway/offers/catalog.ts'
import { identityOf } from '../gateway/offers/catalog-entry.ts'
import { createCatalogStores } from '../gateway/offers/catalog-stores.ts'
import { createSubscriptions } from '../gateway/offers/resources/subscriptions.ts'
import { createServedLists } from '../gateway/offers/served-lists.ts'
import { definitionHash } from '../gateway/offers/tools/tool-records.ts'
import { createToolSettings, type ToolSettings } from '../gateway/offers/tools/tool-settings.ts'
import { errorText } from '../kernel/errors.ts'
import type { Traffic } from '../kernel/traffic.ts'
import { type Principal, principalOf } from '../mcp/principal.ts'
import { createNetworkFetch } from '../net/network-fetch.ts'
import { Folders } from '../notes/folders.ts'
import { FolderSource } from '../notes/source.ts'
import { decide, isListed } from '../policy/decide.ts'
import { pinRules } from '../policy/pin-rules.ts'
import { reading } from '../policy/reading.ts'
import { riskOf } from '../policy/risk.ts'
import { isTooMuch } from '../policy/rules.ts'
import { createServers } from '../servers/registry/servers.ts'
import { createSignIns } from '../servers/sign-in/create-sign-ins.ts'
import { createTimelineSource } from '../timeline/source.ts'
import type { Base } from './base.ts'
import { openChanges } from './changes-room.ts'
import { forgetServer, forgetTheGone, namedInScopes, type Referring } from './forget-server.ts'
import { ownSource } from './own-offers/own-source.ts'
import { SourceReader } from './source-reader.ts'
import { openTimelineRoom } from './timeline/timeline-room.ts'
import { tellTimeline, timelineServices } from './timeline/timeline-services.ts'

interface Elsewhere {
  onTraffic(event: Traffic): void
  /** The rights that a grant has now; null: none any more. */
  principalNow(principal: Principal): Principal | null
  /** How a client is called now; null: it is gone. */
  nameOf(grantId: string): string | null
  /** Takes tools that are gone for good out of all grants. */
  forgetTools(isGone: (id: string) => boolean): void
}

/** What can be called, and everything that happens to a call: sources, catalog, pipeline, questions to the user, the log. */
export async function createCallingSide(base: Base, elsewhere: Elsewhere) {
  const { db, clock, log, undo, workspaces } = base
  const toolSettings = createToolSettings(db)
  const catalog = openCatalog(base, toolSettings)
  const connectors = openConnectors(base, () => reader.read())
  await connectors.ready
  const { folders, changes, source: folderSource } = openFolders(base, () => reader.read())
  const timeline = openTimelineRoom(base, () => reader.read())
  const { activity, approvals, rules } = openLog(base, catalog, elsewhere.nameOf)
  const services = timelineServices(connectors.feeds, catalog, rules)
  const timelineSource = createTimelineSource(timeline.timeline, services, timeline.isInUse)
  const ours = ownSource((principal) => catalog.visibleTools(principal))
  const builtIn = () => [folderSource, ...connectors.sources(), timelineSource, ours]
  const connectorSlugs = builtIn().map(({ slug }) => slug)
  const referring: Referring = { ...elsewhere, catalog, toolSettings, workspaces, rules }
  const servers = openServers(base, connectorSlugs, referring)

  const sources = () =>
    [...builtIn(), ...servers.sources()].map((source) => ({
      ...source,
      workspaces: 'isOurs' in source ? workspaces.names() : workspaces.of(source.slug),
    }))
  const reader = new SourceReader(catalog, sources, log)
  undo.push(() => reader.stop())
  reader.read()
  undo.push(() => connectors.feeds.stop())
  tellTimeline(connectors.feeds, timeline.timeline)
  // What a new version means may be said anew.
  undo.push(base.broadcast.on((name) => name === 'preferences.changed' && reader.readSoon()))

  const { onTraffic, principalNow } = elsewhere
  const pipeline = openPipeline(base, { catalog, approvals, activity, rules, onTraffic, principalNow })
  undo.push(() => pipeline.stop())
  const subscriptions = createSubscriptions({ catalog, decide: (facts) => decide(facts, rules), log })
  for (const one of [pipeline, subscriptions]) undo.push(() => one.stop())
  const servedLists = createServedLists({
    db,
    clock,
    hashesNow: (grant, scopes) => hashesNow(catalog, grant, scopes),
    changed: () => base.tell('grants.changed', {}),
  })
  undo.push(() => servedLists.stop())

  return {
    toolSettings,
    catalog,
    connectors,
    folders,
    changes,
    connectorSlugs,
    timeline,
    activity,
    approvals,
    rules,
    servers,
    pipeline,
    subscriptions,
    servedLists,
    reader,
    /** What earlier versions left of servers that were removed. */
    forgetTheGone: () => forgetTheGone(db, connectorSlugs, referring, log),
    startServers: () =>
      void servers.startAll().then(
        () => reader.readSoon(),
        (error) => log.error('servers.start', { error: errorText(error) }),
      ),
  }
}

export type CallingSide = Awaited<ReturnType<typeof createCallingSide>>

function openCatalog({ db, clock, log, preferences }: Base, toolSettings: ToolSettings) {
  return createCatalog({
    riskOf,
    isListed,
    pins: { ...pinRules, newVersions: () => preferences.get().newVersions ?? 'tell' },
    log,
    now: () => clock.now(),
    toolSetting: toolSettings.get,
    isAlias: (name) => toolSettings.idOfAlias(name) !== undefined,
    stores: createCatalogStores(db, log),
  })
}

function openConnectors(base: Base, readSources: () => void) {
  const { options, network, settings, vault, db, redactor, clock, log, env, undo, tell, notices } = base
  const { fetch, close } = createNetworkFetch(network)
  undo.push(close)
  const { connectorBaseUrls: baseUrls, version } = options
  return createConnectors({
    ...{ fetch, network, settings, vault, db, redactor, clock, log, version, env, baseUrls },
    changed() {
      readSources()
      tell('connectors.changed', {})
    },
    broken(name) {
      const message = say('notice.connector-broken.message', { name })
      notices.add('warning', { message, hint: say('notice.connector-broken.hint') })
    },
  })
}

/** The user's folders: `readSources` whenever there are some, or none any more. */
function openFolders(base: Base, readSources: () => void) {
  const { settings, log, dataDir, undo, tell } = base
  const folders = new Folders({ settings, log, dataDir })
  undo.push(() => folders.stop())
  folders.events.on('offered', readSources)
  folders.events.on('changed', () => tell('folders.changed', {}))
  const changes = openChanges(base)
  return { folders, changes, source: new FolderSource(folders, changes).source() }
}

/** Where the newest place of the log is written down. */
const headOfLog = 'activity.head'

/** The log of calls, and the questions about them: what becomes of a question stands in its call's row. */
function openLog(base: Base, catalog: Catalog, nameOf: Elsewhere['nameOf']) {
  const rules = openRules(base, catalog, nameOf)
  const { options, db, callLog, callLogKey, clock, log, redactor, undo, preferences, settings, broadcast } =
    base
  const chain = {
    key: callLogKey,
    head: () => settings.get(headOfLog, Mark) ?? null,
    setHead: (head: Mark) => settings.set(headOfLog, head),
  }
  const keepDays = () => preferences.get().activityDays
  takeOldJournal(callLog, callLogKey, join(options.dataDir, 'activity.journal'), log)
  const activity = createActivity({ db: callLog, clock, log, redactor, keepDays, chain })
  undo.push(() => activity.stop())
  undo.push(broadcast.on((name) => name === 'preferences.changed' && activity.retentionChanged()))
  const approvals = new Approvals({ db, clock, log, redactor, rules })
  undo.push(() => approvals.stop())
  return { activity, approvals, rules }
}

/** The owner's lasting answers, bound to what the tools are now. */
function openRules(
  { db, clock, log, redactor, reserve, undo }: Base,
  catalog: Catalog,
  nameOf: Elsewhere['nameOf'],
): Rules {
  const toolNow = (id: string) => {
    const entry = catalog.byId(id)
    return entry
      ? {
          definitionHash: definitionHash(entry.definition),
          identity: identityOf(entry.source),
          risk: entry.risk,
        }
      : null
  }
  const namesOf = (id: string) => {
    const entry = catalog.byId(id)
    return { tool: entry?.publicName ?? id, source: entry?.source.name ?? null }
  }
  const names = { nameOf, namesOf }
  const rules = new Rules({ db, clock, log, redactor, toolNow, ...names, isTooMuch, last: reserve })
  undo.push(() => rules.stop())
  catalog.onChanged(() => rules.review())
  return rules
}

function openPipeline(
  { db, clock, log, options, preferences }: Base,
  {
    rules,
    ...rest
  }: Pick<PipelineDeps, 'catalog' | 'approvals' | 'activity' | 'onTraffic' | 'principalNow'> & {
    rules: Rules
  },
) {
  // As 40 s and 50 s are to one another.
  const { approvalWaitMs: scaled } = options
  return createPipeline({
    ...rest,
    decide: (facts) => decide(facts, rules),
    applyRule: rules.apply,
    ruleInRow: rules.inRow,
    reading,
    clock,
    log,
    lateStore: createLateStore(db),
    taintStore: createTaintStore(db),
    patience: scaled === undefined ? {} : { asked: scaled, running: scaled * 1.25 },
    keepResultsMs: () => preferences.get().resultMinutes * 60_000,
    largestResult: () => preferences.get().largestAnswer * 1_000_000,
  })
}

function openServers(base: Base, reservedSlugs: readonly string[], referring: Referring) {
  const { db, vault, clock, log, redactor, env, network, dataDir, undo, preferences } = base
  const signIns = createSignIns({ vault, clock, log, network })
  undo.push(() => signIns.stop())
  const servers = createServers({
    db,
    vault,
    clock,
    log,
    redactor,
    env,
    signIns,
    network,
    dataDir,
    reservedSlugs: () => [...reservedSlugs, ...namedInScopes(db)],
    version: base.options.version,
    maxServers: () => preferences.get().maxServers,
    asksAboutVersions: () => preferences.get().newVersions === 'ask',
    largestAnswer: () => preferences.get().largestAnswer * 1_000_000,
    forget: (server, also) => forgetServer(db, server, referring, also, log),
    edited: (source) => referring.catalog.serverEdited(source),
  })
  undo.push(() => servers.stop())
  // Earlier versions kept compiled code of servers in it.
  void rm(join(dataDir, 'server-code-cache'), { recursive: true, force: true }).catch(() => {})
  return servers
}

/** The hashes of the list of tools that a grant would get now, in both eras, drawing or not. */
function hashesNow(catalog: Catalog, grant: Grant, scopes: readonly string[] | null): string[] {
  const principal = principalOf(grant, scopes && new Set(scopes))
  // where it asked from is not kept: what it would get in either place is what it would get
  return [principal, { ...principal, onThisComputer: true }].flatMap((one) =>
    [false, true].flatMap((draws) =>
      (['legacy', 'modern'] as const).map((era) => catalog.list(one, 'tools', era, draws).hash),
    ),
  )
}
