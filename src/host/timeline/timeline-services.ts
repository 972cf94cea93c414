import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ServiceFeeds } from '../../connectors/kit/service-feeds.ts'
import type { Catalog } from '../../gateway/offers/catalog.ts'
import { factsFor, inWorkspace } from '../../gateway/offers/catalog-entry.ts'
import type { Facts, RuleBook } from '../../mcp/decision.ts'
import type { Principal } from '../../mcp/principal.ts'
import { decide } from '../../policy/decide.ts'
import type { Services } from '../../timeline/services.ts'
import type { Timeline } from '../../timeline/timeline.ts'

/** Events that are written in one turn. */
const inOneTurn = 25

/**
 * What happens at connected services, for the timeline. Whoever asks gets of a service what it could get by that service's own tool, in its
 * workspace and with its grant and scopes, and nothing else.
 */
export function timelineServices(
  feeds: ServiceFeeds,
  catalog: Pick<Catalog, 'byId'>,
  rules: RuleBook,
): Services {
  const mayUse = (principal: Principal | undefined) => (tool: string) =>
    principal !== undefined && mayCall(principal, tool, catalog, rules)
  return {
    hiddenFrom(principal) {
      const may = mayUse(principal)
      return new Set([...feeds.sources].flatMap(([source, tool]) => (may(tool) ? [] : source)))
    },
    feeds(principal) {
      const may = mayUse(principal)
      return feeds.feeds().filter(({ tool }) => may(tool))
    },
    bringUpToDate: (signal) => feeds.bringUpToDate(signal),
    metrics: (principal) => feeds.metrics(mayUse(principal)),
    read: (metric, period, principal, signal) => feeds.read(metric, period, mayUse(principal), signal),
  }
}

function mayCall(
  principal: Principal,
  tool: string,
  catalog: Pick<Catalog, 'byId'>,
  rules: RuleBook,
): boolean {
  const entry = catalog.byId(tool)
  if (entry === undefined || !inWorkspace(entry.source, principal.workspace)) return false
  const facts: Facts = factsFor(entry, principal)
  const isNever = rules
    .of(principal.grantId, entry.id)
    ?.some(({ effect, until }) => effect === 'never' && (until === null || until > rules.now()))
  return isNever !== true && decide(facts).kind === 'allow'
}

/** Tells the timeline what happens at connected services, from now on. */
export function tellTimeline(feeds: ServiceFeeds, timeline: Timeline): void {
  feeds.start(async (slug, events) => {
    const kept = timeline.since()
    const wanted = events.filter(({ at }) => at >= kept)
    for (let n = 0; n < wanted.length; n += inOneTurn) {
      timeline.store(
        wanted.slice(n, n + inOneTurn).map((one) => ({
          ...{ at: one.at, source: slug, eventId: one.id, kind: one.kind, title: one.title.slice(0, 300) },
          type: `${slug}.${one.kind}${one.failed === true ? '.failed' : ''}`,
          ...{ subject: one.subject?.slice(0, 500) || null, environment: one.environment || null },
          ...{ version: one.version || null, severity: one.severity, metric: null, value: null },
          data: one.url ? { url: one.url } : undefined,
        })),
      )
      await nextTurn()
    }
  })
}
