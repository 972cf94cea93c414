import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createActivity } from '../activity/activity.ts'
import { createApprovals } from '../approvals/approvals.ts'
import { createConnectors } from '../connectors/kit/connectors.ts'
import type { Grant } from '../contract/access.ts'
import { createPipeline } from '../gateway/calls/pipeline.ts'
import { createCatalog } from '../gateway/offers/catalog.ts'
import { createSubscriptions } from '../gateway/offers/resources/subscriptions.ts'
import type { Clock } from '../kernel/clock.ts'
import { errorText } from '../kernel/errors.ts'
import type { Traffic } from '../kernel/traffic.ts'
import type { Network } from '../net/network.ts'
import { createNetworkFetch } from '../net/network-fetch.ts'
import { decide, isListed } from '../policy/decide.ts'
import { riskOf } from '../policy/risk.ts'
import { createServers } from '../servers/registry/servers.ts'
import { createSignIns } from '../servers/sign-in/create-sign-ins.ts'
import { forgetServer, forgetTheGone, type Referring } from './forget-server.ts'
import type { Folder, Undo } from './handlers/open-folder.ts'
import type { createPreferences } from './handlers/preferences.ts'
import type { createWorkspaces } from './handlers/workspaces.ts'
import type { HostOptions } from './host.ts'
import { createCatalogStores } from './tools/catalog-stores.ts'
import { createServedLists } from './tools/served-lists.ts'
import { createToolSettings } from './tools/tool-settings.ts'

/** What the log says of a call whose client had stopped waiting when its question was closed. */
const closedRow = {
  allowed: {
    outcome: 'cancelled',
    decision: 'approved',
    error:
      'The assistant had stopped waiting when you allowed it, so it did not run. It runs if the assistant asks again.',
  },
  retried: {
    outcome: 'cancelled',
    decision: 'approved',
    error: 'The assistant asked again before you answered. What came of it is in the newer row.',
  },
  denied: { outcome: 'denied', decision: 'denied', error: 'You did not allow it.' },
  expired: {
    outcome: 'cancelled',
    decision: 'denied',
    error: 'Nobody answered in time. Nothing was done.',
  },
  ended: {
    outcome: 'cancelled',
    decision: 'denied',
    error: 'Its access was changed or ended before you answered. Nothing was done.',
  },
  unasked: {
    outcome: 'cancelled',
    decision: 'denied',
    error:
      'Too many questions of this client were waiting, so this one was not put to you. Nothing was done.',
  },
} as const

/** What can be called, and everything that happens to a call: sources, catalog, pipeline, questions to the user, the log. */
export function createCallingSide(deps: {
  folder: Folder
  options: HostOptions
  clock: Clock
  undo: Undo
  workspaces: ReturnType<typeof createWorkspaces>
  preferences: ReturnType<typeof createPreferences>
  network: Network
  stateKey: Uint8Array
  onTraffic(event: Traffic): void
  /** Takes tools that are gone for good out of all grants. */
  forgetTools(isGone: (id: string) => boolean): void
  /** A client got another list than before. */
  servedChanged(): void
}) {
  const { folder, options, clock, undo, workspaces, preferences, network, stateKey, onTraffic } = deps
  const { db, vault, log, redactor } = folder
  const { version, env } = options

  const toolSettings = createToolSettings(db)
  const catalog = createCatalog({
    ...{ riskOf, isListed, log, now: () => clock.now() },
    toolSetting: toolSettings.get,
    isAlias: (name) => toolSettings.idOfAlias(name) !== undefined,
    stores: createCatalogStores(db, log),
  })
  const { fetch, close } = createNetworkFetch(network)
  undo.push(close)
  const connectors = createConnectors({ fetch, clock, log, baseUrls: options.connectorBaseUrls, version })
  const connectorSlugs = connectors.sources().map((source) => source.slug)

  const keepDays = () => preferences.get().activityDays
  const activity = createActivity({ db, clock, log, redactor, keepDays })
  undo.push(() => activity.stop())
  const approvals = createApprovals({ db, clock, log, redactor, waitMs: options.approvalWaitMs })
  undo.push(() => approvals.stop())
  approvals.events.on('closed', ({ call, how }) => void activity.close(call, closedRow[how]))

  const referring: Referring = { catalog, toolSettings, workspaces, forgetTools: deps.forgetTools }
  const signIns = createSignIns({ vault, clock, log, network })
  undo.push(() => signIns.stop())
  const servers = createServers({
    ...{ db, vault, clock, log, redactor, env, version, signIns, network },
    reservedSlugs: connectorSlugs,
    maxServers: () => preferences.get().maxServers,
    largestAnswer: () => preferences.get().largestAnswer * 1_000_000,
    dataDir: resolve(options.dataDir),
    forget: (server, also) => forgetServer(db, server, referring, also),
  })
  undo.push(() => servers.stop())
  // Earlier versions kept compiled code of servers in the one, and the last moments of the log in the other.
  void rm(join(options.dataDir, 'server-code-cache'), { recursive: true, force: true }).catch(() => {})
  void rm(join(options.dataDir, 'activity.journal'), { force: true }).catch(() => {})

  const sourcesNow = () =>
    [...connectors.sources(), ...servers.sources()].map((source) => ({
      ...source,
      workspaces: workspaces.of(source.slug),
    }))
  const readSources = () => catalog.setSources(sourcesNow())
  readSources()
  // Fifty servers that start tell of their lists within moments; one look at all of them is enough.
  let isReading = false
  let again = false
  let stopped = false
  const readPrepared = async () => {
    do {
      await nextTurn()
      again = false
      await catalog.prepare(sourcesNow())
      if (!stopped) readSources()
    } while (again && !stopped)
  }
  const readSourcesSoon = () => {
    again = true
    if (stopped || isReading) return
    isReading = true
    void readPrepared()
      .catch((error) => log.error('sources.read', { error: errorText(error) }))
      .finally(() => {
        isReading = false
      })
  }
  undo.push(() => {
    stopped = true
  })

  const pipeline = createPipeline({
    ...{ catalog, decide, approvals, activity, clock, log, onTraffic, stateKey },
    largestResult: () => preferences.get().largestAnswer * 1_000_000,
  })
  undo.push(() => pipeline.stop())
  const subscriptions = createSubscriptions({ catalog, decide, log })
  undo.push(() => subscriptions.stop())

  const servedLists = createServedLists({
    db,
    clock,
    hashesNow(grant: Grant, scopes) {
      const principal = {
        ...{ grantId: grant.id, clientName: grant.name, kind: grant.kind },
        ...{ workspace: grant.workspace, access: grant.access },
        tools: grant.tools && new Set(grant.tools),
        scopes: scopes && new Set(scopes),
      }
      // where it asked from is not kept: what it would get in either place is what it would get
      return [principal, { ...principal, onThisComputer: true }].flatMap((one) =>
        [false, true].flatMap((draws) =>
          (['legacy', 'modern'] as const).map((era) => catalog.list(one, 'tools', era, draws).hash),
        ),
      )
    },
    changed: deps.servedChanged,
  })
  undo.push(() => servedLists.stop())

  return {
    ...{ toolSettings, catalog, connectorSlugs, activity, approvals, servers, pipeline, subscriptions },
    ...{ servedLists, readSources, readSourcesSoon },
    /** What earlier versions left of servers that were removed. */
    forgetTheGone: () => forgetTheGone(db, connectorSlugs, referring, log),
    startServers: () =>
      void servers
        .startAll()
        .then(readSourcesSoon, (error) => log.error('upstreams.start', { error: errorText(error) })),
  }
}

export type CallingSide = ReturnType<typeof createCallingSide>
