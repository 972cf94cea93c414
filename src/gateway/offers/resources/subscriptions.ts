import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { errorText } from '../../../kernel/errors.ts'
import type { Log } from '../../../kernel/log.ts'
import { createSlices } from '../../../kernel/slices.ts'
import { WorkBudget } from '../../../kernel/work-budget.ts'
import type { Facts } from '../../../mcp/decision.ts'
import type { Principal } from '../../../mcp/principal.ts'
import type { Raw, ToolSource } from '../../../mcp/tool-source.ts'
import type { Catalog } from '../catalog.ts'
import { rememberRoutes } from './remembered-routes.ts'
import { addressOfOurs, type ResourceRoute } from './resources.ts'

/** Who wants to hear of which resources, and the sources that are asked to tell. */
export interface Subscriptions {
  /**
   * From now on `key` (one stream, or one session) wants to hear of these and of no others; none: it is forgotten.
   * Returns those of them that can be had: readable by this principal, from a source that can tell of changes.
   */
  set(
    key: string,
    principal: Principal,
    uris: ReadonlySet<string>,
    onUpdated: (uri: string) => void,
  ): ReadonlySet<string>
  /**
   * One more for this key, as `resources/subscribe` asks. Throws ProtocolError when there is no such resource for this
   * principal, or its source cannot tell of changes.
   */
  add(key: string, principal: Principal, uri: string, onUpdated: (uri: string) => void): void
  /** One less; unknown ones are fine. */
  remove(key: string, uri: string): void
  /** Ends all of one grant, or of everybody (null). */
  cancelFor(grantId: string | null): void
  stop(): void
}

export interface SubscriptionsDeps {
  catalog: Pick<Catalog, 'resource' | 'readingFacts' | 'onChanged'>
  decide(facts: Facts): { kind: string }
  log: Log
}

interface Subscriber {
  principal: Principal
  uris: Set<string>
  onUpdated(uri: string): void
}

const maxOfKey = 1_000
/** And of one grant, all its streams and sessions together. */
const maxOfGrant = 5_000
/** Steps that one request may make us go over its URIs: about 10 ms. */
const stepsOfRequest = 2_000_000
/** URIs that are looked at again at once when the catalog changes; more take their turns. */
const mostAtOnce = 200
/** A catalog that changes all the time makes us look again this often. Milliseconds. */
const lookAgainEvery = 1_000

export function createSubscriptions({ catalog, decide, log }: SubscriptionsDeps): Subscriptions {
  const subscribers = new Map<string, Subscriber>()
  /** What each source was told last, by slug: sources are replaced by others that do the same. */
  const watched = new Map<string, { source: ToolSource; uris: Set<string> }>()

  const routes = rememberRoutes(catalog.resource)

  const routeFor = (principal: Principal, uri: string, budget?: WorkBudget): ResourceRoute | undefined => {
    const route = routes.of(uri, principal, budget)
    return route && decide(catalog.readingFacts(route.source, principal)).kind === 'allow' ? route : undefined
  }
  const sourceFor = (...of: Parameters<typeof routeFor>) => routeFor(...of)?.source
  const canTell = (source: ToolSource): boolean =>
    source.watch !== undefined && (source.capabilities?.().resources as Raw | undefined)?.subscribe === true

  /** Only who may still read it hears of it: rights and sources change. */
  const updated = (from: ToolSource, name: string) => {
    for (const { principal, uris, onUpdated } of [...subscribers.values()])
      for (const uri of [name, addressOfOurs(from, name)]) {
        if (!uris.has(uri)) continue
        const route = routeFor(principal, uri)
        if (route?.source.slug !== from.slug || route.name !== name) continue
        try {
          onUpdated(uri)
        } catch (error) {
          log.error('subscriptions.listener', { error: errorText(error) })
        }
      }
  }

  /** Tells every source what is wanted of it, where that is something else than before. */
  const rewatch = () => {
    const wanted = new Map<string, { source: ToolSource; uris: Set<string> }>()
    for (const { principal, uris } of subscribers.values())
      for (const uri of uris) {
        const { source, name } = routeFor(principal, uri) ?? {}
        if (!source || name === undefined || !canTell(source)) continue
        const own = wanted.get(source.slug) ?? { source, uris: new Set() }
        wanted.set(source.slug, own)
        own.uris.add(name)
      }
    for (const [slug, { source }] of watched)
      if (!wanted.has(slug)) {
        watched.delete(slug)
        watch(source, new Set())
      }
    for (const [slug, { source, uris }] of wanted) {
      const before = watched.get(slug)
      watched.set(slug, { source, uris })
      if (before?.source !== source || !sameSet(before.uris, uris)) watch(source, uris)
    }
  }

  const watch = (source: ToolSource, uris: ReadonlySet<string>) => {
    try {
      source.watch?.(uris, (uri) => updated(source, uri))
    } catch (error) {
      log.error('subscriptions.watch', { source: source.slug, error: errorText(error) })
    }
  }

  let looking: NodeJS.Timeout | undefined
  let stopped = false
  /** Finds out anew whose all of them are, a few at a time, and then tells the sources. */
  const lookAgain = async () => {
    routes.forget()
    const slices = createSlices()
    for (const { principal, uris } of [...subscribers.values()])
      for (const uri of [...uris]) {
        routes.of(uri, principal)
        await slices.pause()
      }
    looking = undefined
    if (!stopped) rewatch()
  }
  const lookAgainSoon = (ms: number) => {
    looking ??= setTimeout(() => void lookAgain().catch(failed), ms).unref()
  }
  const failed = (error: unknown) => {
    looking = undefined
    log.error('subscriptions.look-again', { error: errorText(error) })
  }
  /** True: there was so little to find out anew that it is done. */
  const lookAtOnce = (): boolean => {
    const budget = new WorkBudget(stepsOfRequest)
    let left = mostAtOnce
    for (const { principal, uris } of subscribers.values())
      for (const uri of uris) {
        left -= 1
        if (left < 0 || budget.isSpent) return false
        routes.of(uri, principal, budget)
      }
    return !budget.isSpent
  }
  let lookedAt = Number.NEGATIVE_INFINITY
  const stopListening = catalog.onChanged(() => {
    routes.forget()
    if (subscribers.size === 0) return
    if (lookAtOnce()) {
      rewatch()
      return
    }
    const now = performance.now()
    lookAgainSoon(Math.max(0, lookedAt + lookAgainEvery - now))
    lookedAt = Math.max(lookedAt + lookAgainEvery, now)
  })

  /** How many more this grant may have, apart from those of `key`. */
  const roomFor = (key: string, { grantId }: Principal): number => {
    let room = maxOfGrant
    for (const [other, { principal, uris }] of subscribers)
      if (other !== key && principal.grantId === grantId) room -= uris.size
    return Math.max(0, room)
  }

  return {
    set(key, principal, uris, onUpdated) {
      const budget = new WorkBudget(stepsOfRequest)
      const wanted = [...uris].slice(0, Math.min(maxOfKey, roomFor(key, principal)))
      const accepted = new Set(
        wanted.filter((uri) => {
          const source = sourceFor(principal, uri, budget)
          return source !== undefined && canTell(source)
        }),
      )
      if (budget.isSpent) log.warn('subscriptions.costly', { grant: principal.grantId, uris: uris.size })
      // What cannot be had now may be there later: a server that starts, a right that is given.
      if (uris.size === 0) subscribers.delete(key)
      else if (budget.isSpent) subscribers.set(key, { principal, uris: new Set(accepted), onUpdated })
      else subscribers.set(key, { principal, uris: new Set(wanted), onUpdated })
      rewatch()
      return accepted
    },
    add(key, principal, uri, onUpdated) {
      const source = sourceFor(principal, uri)
      if (!source)
        throw new ProtocolError(ProtocolErrorCode.ResourceNotFound, `Resource not found: ${uri}`, { uri })
      if (!canTell(source))
        throw new ProtocolError(
          ProtocolErrorCode.MethodNotFound,
          `“${source.name}” cannot tell when its resources change.`,
        )
      const uris = subscribers.get(key)?.uris ?? new Set()
      if (!uris.has(uri) && uris.size >= Math.min(maxOfKey, roomFor(key, principal)))
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Too many subscriptions.')
      subscribers.set(key, { principal, uris: uris.add(uri), onUpdated })
      rewatch()
    },
    remove(key, uri) {
      const uris = subscribers.get(key)?.uris
      if (!uris?.delete(uri)) return
      if (uris.size === 0) subscribers.delete(key)
      rewatch()
    },
    cancelFor(grantId) {
      for (const [key, { principal }] of [...subscribers])
        if (grantId === null || principal.grantId === grantId) subscribers.delete(key)
      rewatch()
    },
    stop() {
      stopped = true
      clearTimeout(looking)
      stopListening()
      subscribers.clear()
      rewatch()
    },
  }
}

const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((one) => b.has(one))
