import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createActivity } from '../activity/activity.ts'

import { Mark } from '../activity/call-chain.ts'
import { takeOldJournal } from '../activity/old-journal.ts'

import { Approvals } from '../approvals/approvals.ts'
import { closedRow } from '../approvals/closed-row.ts'
import { createConnectors } from '../connectors/kit/connectors.ts'
import type { Grant } from '../contract/access.ts'
import { createPipeline } from '../gateway/calls/pipeline.ts'
import { type Catalog, createCatalog } from '../gateway/offers/catalog.ts'
import { createCatalogStores } from '../gateway/offers/catalog-stores.ts'
import { createSubscriptions } from '../gateway/offers/resources/subscriptions.ts'
import { createServedLists } from '../gateway/offers/served-lists.ts'
import { createToolSettings } from '../gateway/offers/tools/tool-settings.ts'
import { errorText } from '../kernel/errors.ts'
import type { Traffic } from '../kernel/traffic.ts'
import { createNetworkFetch } from '../net/network-fetch.ts'
import { decide, isListed } from '../policy/decide.ts'
import { riskOf } from '../policy/risk.ts'
import { createServers } from '../servers/registry/servers.ts'
import { createSignIns } from '../servers/sign-in/create-sign-ins.ts'
import type { Base } from './base.ts'
import { forgetServer, forgetTheGone, type Referring } from './forget-server.ts'
import { SourceReader } from './source-reader.ts'

interface Elsewhere {
  onTraffic(event: Traffic): void
  /** Takes tools that are gone for good out of all grants. */
  forgetTools(isGone: (id: string) => boolean): void
}

/** What can be called, and everything that happens to a call: sources, catalog, pipeline, questions to the user, the log. */
export function createCallingSide(base: Base, elsewhere: Elsewhere) {
  const { db, clock, log, undo, workspaces, preferences } = base
  const toolSettings = createToolSettings(db)
  const catalog = createCatalog({
    riskOf,
    isListed,
    log,
    now: () => clock.now(),
    toolSetting: toolSettings.get,
    isAlias: (name) => toolSettings.idOfAlias(name) !== undefined,
    stores: createCatalogStores(db, log),
  })
  const connectors = openConnectors(base, () => reader.read())
  const connectorSlugs = connectors.sources().map((source) => source.slug)
  const { activity, approvals } = openLog(base)
  const { forgetTools, onTraffic } = elsewhere
  const referring: Referring = { catalog, toolSettings, workspaces, forgetTools }
  const servers = openServers(base, connectorSlugs, referring)

  const sources = () =>
    [...connectors.sources(), ...servers.sources()].map((source) => ({
      ...source,
      workspaces: workspaces.of(source.slug),
    }))
  const reader = new SourceReader(catalog, sources, log)
  undo.push(() => reader.stop())
  reader.read()

  const pipeline = createPipeline({
    catalog,
    decide,
    approvals,
    activity,
    clock,
    log,
    onTraffic,
    stateKey: base.secrets.stateKey,
    largestResult: () => preferences.get().largestAnswer * 1_000_000,
  })
  undo.push(() => pipeline.stop())
  const subscriptions = createSubscriptions({ catalog, decide, log })
  undo.push(() => subscriptions.stop())
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
    connectorSlugs,
    activity,
    approvals,
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

export type CallingSide = ReturnType<typeof createCallingSide>

function openConnectors(base: Base, readSources: () => void) {
  const { options, network, settings, vault, db, redactor, clock, log, env, undo, tell } = base
  const { fetch, close } = createNetworkFetch(network)
  undo.push(close)
  const { connectorBaseUrls: baseUrls, version } = options
  return createConnectors({
    ...{ fetch, settings, vault, db, redactor, clock, log, version, env, baseUrls },
    changed() {
      readSources()
      tell('connectors.changed', {})
    },
  })
}

/** Where the newest place of the log is written down. */
const headOfLog = 'activity.head'

/** The log of calls, and the questions about them: what becomes of a question stands in its call's row. */
function openLog(base: Base) {
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
  const approvals = new Approvals({ db, clock, log, redactor, waitMs: options.approvalWaitMs })
  undo.push(() => approvals.stop())
  approvals.events.on('closed', ({ call, how }) => void activity.close(call, closedRow(how)))
  return { activity, approvals }
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
    reservedSlugs,
    version: base.options.version,
    maxServers: () => preferences.get().maxServers,
    largestAnswer: () => preferences.get().largestAnswer * 1_000_000,
    forget: (server, also) => forgetServer(db, server, referring, also),
  })
  undo.push(() => servers.stop())
  // Earlier versions kept compiled code of servers in it.
  void rm(join(dataDir, 'server-code-cache'), { recursive: true, force: true }).catch(() => {})
  return servers
}

/** The hashes of the list of tools that a grant would get now, in both eras, drawing or not. */
function hashesNow(catalog: Catalog, grant: Grant, scopes: readonly string[] | null): string[] {
  const principal = {
    grantId: grant.id,
    clientName: grant.name,
    kind: grant.kind,
    workspace: grant.workspace,
    access: grant.access,
    tools: grant.tools && new Set(grant.tools),
    scopes: scopes && new Set(scopes),
  }
  // where it asked from is not kept: what it would get in either place is what it would get
  return [principal, { ...principal, onThisComputer: true }].flatMap((one) =>
    [false, true].flatMap((draws) =>
      (['legacy', 'modern'] as const).map((era) => catalog.list(one, 'tools', era, draws).hash),
    ),
  )
}
