/** For tests: services on loopback with a history of two days, the timeline that hears of it, and a question about it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnectors } from '../../connectors/kit/connectors.ts'
import { createMemory } from '../../connectors/kit/testing/memory.ts'
import { startFixtureBetterStack } from '../../connectors/testing/fixture-better-stack.ts'
import { startFixtureGithub } from '../../connectors/testing/fixture-github.ts'
import { startFixtureNetlify } from '../../connectors/testing/fixture-netlify.ts'
import { startFixturePlausible } from '../../connectors/testing/fixture-plausible.ts'
import { startFixtureSentry } from '../../connectors/testing/fixture-sentry.ts'
import { startFixtureStripe } from '../../connectors/testing/fixture-stripe.ts'
import { startFixtureVercel } from '../../connectors/testing/fixture-vercel.ts'
import type { CatalogEntry } from '../../gateway/offers/catalog-entry.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import type { Principal } from '../../mcp/principal.ts'
import { openTimeline } from '../../storage/database/database.ts'
import { createTimelineSource } from '../../timeline/source.ts'
import { Timeline } from '../../timeline/timeline.ts'
import { tellTimeline, timelineServices } from '../timeline/timeline-services.ts'

export const minute = 60_000
const hour = 60 * minute
/** A Friday afternoon. */
export const now = Date.parse('2026-11-27T16:00:00Z')
export const ago = (minutes: number): number => now - minutes * minute
export const iso = (minutesAgo: number): string => new Date(ago(minutesAgo)).toISOString()

/** How often in an hour, and from how many minutes ago on how often then. */
export type Rate = [perHour: number, ...changes: [ago: number, perHour: number][]]

/** Times, in milliseconds, of what happens so often: the same each time, and not too even. */
function times([first, ...changes]: Rate, seed: number, hours = 49): number[] {
  const found: number[] = []
  let state = seed
  const chance = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
  for (let at = now - hours * hour; at < now; at += minute) {
    const perHour = changes.findLast(([minutes]) => at >= ago(minutes))?.[1] ?? first
    const expected = perHour / 60
    const count = Math.floor(expected) + (chance() < expected % 1 ? 1 : 0)
    for (let n = 0; n < count; n += 1) found.push(at + Math.floor(chance() * minute))
  }
  return found.sort((a, b) => a - b)
}

/** What happened in the world; a service that is left out has no account. Times are minutes ago. */
export interface World {
  own?: object[]
  vercel?: [ago: number, commit: string, more?: { target?: string | null; state?: string; name?: string }][]
  netlify?: [ago: number, title: string, more?: { context?: string; state?: string }][]
  newErrors?: [ago: number, title: string, project?: string][]
  incidents?: [ago: number, name: string, over?: number][]
  releases?: [ago: number, tag: string][]
  errors?: Rate
  visitors?: Rate
  payments?: Rate
}

/** A CloudEvent of the user's own. */
export const own = (minutesAgo: number, type: string, title: string, more: object = {}) => ({
  ...{ specversion: '1.0', id: `${type} ${minutesAgo} ${title}`, source: 'own', type, title },
  ...{ time: iso(minutesAgo), ...more },
})

/** A value every five minutes, for six hours. */
export function measured(metric: string, [first, ...changes]: Rate): object[] {
  return Array.from({ length: 72 }, (_, n) => {
    const at = (72 - n) * 5
    const value = changes.findLast(([minutes]) => at <= minutes)?.[1] ?? first
    return own(at, 'com.example.metric', metric, { metric, value: value * (1 + ((n * 7) % 5) / 50) })
  })
}

const plausibleOf = (visits: number[]) =>
  startFixturePlausible('shop.example', { totals: {}, by: {}, now: 1, visits, hoursAhead: 5.5 })

async function startServices(world: World) {
  const errors = world.errors ? times(world.errors, 7) : []
  const issues = (world.newErrors ?? []).map(([at, title, slug = 'shop'], n) => ({
    ...{ id: String(n + 1), shortId: `SHOP-${n + 1}`, title, level: 'error', count: '9', userCount: 3 },
    ...{ firstSeen: iso(at), lastSeen: iso(0), project: { slug } },
  }))
  const payments = times(world.payments ?? [0], 11).reverse()
  const [vercel, netlify, sentry, betterStack, plausible, stripe, github] = await Promise.all([
    startFixtureVercel(
      (world.vercel ?? []).map(([at, commit, more = {}], n) => ({
        ...{
          uid: `dpl_${n}`,
          name: 'shop',
          url: `shop-${n}.vercel.app`,
          state: 'READY',
          target: 'production',
        },
        ...{ created: ago(at) - minute, ready: ago(at), meta: { githubCommitMessage: commit } },
        ...more,
      })),
    ),
    startFixtureNetlify({
      site: (world.netlify ?? []).map(([at, title, more = {}], n) => ({
        ...{ id: `deploy-${n}`, name: 'site', state: 'ready', context: 'production', branch: 'main', title },
        ...{ created_at: iso(at + 1), published_at: iso(at), ...more },
      })),
    }),
    startFixtureSentry(issues, 100, errors),
    startFixtureBetterStack({
      ...{ monitors: [], heartbeats: [] },
      incidents: (world.incidents ?? []).map(([at, name, over], n) => ({
        ...{ id: String(n + 1), name, cause: 'Status 500', started_at: iso(at) },
        resolved_at: over === undefined ? null : iso(over),
      })),
    }),
    plausibleOf(world.visitors ? times(world.visitors, 3) : []),
    startFixtureStripe(
      {
        ...{ subscriptions: [], tiers: {} },
        transactions: payments.map((at, n) => ({
          ...{ id: `txn_${n}`, type: 'charge', currency: 'eur', amount: 4_900, fee: 150, net: 4_750 },
          created: Math.floor(at / 1_000),
        })),
      },
      100,
    ),
    startFixtureGithub({
      'acme/shop': (world.releases ?? []).map(([at, tag_name], n) => ({
        ...{ id: n + 1, tag_name, name: tag_name, html_url: 'https://github.com/acme/shop/releases' },
        ...{ draft: false, prerelease: false, published_at: iso(at) },
      })),
    }),
  ])
  return { vercel, netlify, sentry, 'better-stack': betterStack, plausible, stripe, github }
}

const accounts = (world: World): [slug: string, values: Record<string, string>][] => [
  ...(world.vercel ? [['vercel', { key: 'right' }] as [string, Record<string, string>]] : []),
  ...(world.netlify ? [['netlify', { key: 'right' }] as [string, Record<string, string>]] : []),
  ...(world.errors || world.newErrors
    ? [['sentry', { key: 'right', organization: 'my-company' }] as [string, Record<string, string>]]
    : []),
  ...(world.incidents ? [['better-stack', { key: 'right' }] as [string, Record<string, string>]] : []),
  ...(world.visitors
    ? [['plausible', { key: 'right', site: 'shop.example' }] as [string, Record<string, string>]]
    : []),
  ...(world.payments ? [['stripe', { key: 'rk_live_right' }] as [string, Record<string, string>]] : []),
  ...(world.releases ? [['github', { repositories: 'acme/shop' }] as [string, Record<string, string>]] : []),
]

export const everything: Principal = {
  ...{ grantId: 'g', clientName: 'fixture', kind: 'client', workspace: 'default', access: 'look' },
  ...{ tools: null, scopes: null },
}

export async function openWorld(world: World) {
  const clock = { at: now, now: () => clock.at }
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-scenario-'))
  const services = await startServices(world)
  const baseUrls = Object.fromEntries(Object.entries(services).map(([slug, { url }]) => [slug, url]))
  const connectors = createConnectors({
    ...createMemory(),
    ...{ fetch, clock, log: silentLog, version: '1', baseUrls },
    timings: { backoff: 5 },
  })
  for (const [slug, values] of accounts(world)) await connectors.handlers.save({ slug, values })
  const timeline = new Timeline({
    ...{ clock, redactor: createRedactor(), log: silentLog, changed: () => {} },
    open: () => openTimeline(join(dir, 'timeline.db'), silentLog, clock.now).db,
    keepDays: () => undefined,
  })
  // The catalog's part of the answer, of tools that are as they should be, in the default workspace.
  const byId = (id: string) =>
    ({
      ...{ id, risk: 'read', enabled: true, accepted: true, review: null, localOnly: false, openWorld: true },
      source: { slug: id, kind: 'connector' },
    }) as unknown as CatalogEntry
  const reads = timelineServices(connectors.feeds, { byId }, { of: () => undefined, now: clock.now })
  tellTimeline(connectors.feeds, timeline)
  const source = createTimelineSource(timeline, reads)
  if (world.own && world.own.length > 0) await timeline.send(world.own)
  return {
    ...{ clock, services, connectors, timeline, source },
    call: (tool: string, args: object, principal: Principal | undefined = everything) =>
      source.call(tool, args as Record<string, unknown>, { signal: new AbortController().signal, principal }),
    async close() {
      connectors.feeds.stop()
      timeline.stop()
      for (const one of Object.values(services)) await one.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
