import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { errorText } from '../../../kernel/errors.ts'
import type { Log } from '../../../kernel/log/log.ts'
import { createSlices } from '../../../kernel/slices.ts'
import { WorkBudget } from '../../../kernel/work-budget.ts'
import type { Facts } from '../../../mcp/decision.ts'
import type { Principal } from '../../../mcp/principal.ts'
import type { ToolSource } from '../../../mcp/tool-source.ts'
import type { Catalog } from '../catalog.ts'
import { rememberRoutes } from './remembered-routes.ts'
import { addressOfOurs, canSubscribe } from './resource-address.ts'
import type { ResourceRoute } from './resource-index.ts'

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

/** What one source is asked to tell of. */
interface Watched {
  source: ToolSource
  uris: Set<string>
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

/** Who wants to hear of which resources, and the sources that are asked to tell. */
export class Subscriptions {
  readonly #deps: SubscriptionsDeps
  readonly #routes: ReturnType<typeof rememberRoutes<ResourceRoute | undefined>>
  readonly #subscribers = new Map<string, Subscriber>()
  /** What each source was told last, by slug: sources are replaced by others that do the same. */
  readonly #watched = new Map<string, Watched>()
  readonly #stopListening: () => void
  #lookingAgain: NodeJS.Timeout | undefined
  #lookedAt = Number.NEGATIVE_INFINITY
  #isStopped = false

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps
    this.#routes = rememberRoutes((uri, principal) => deps.catalog.resource(uri, principal))
    this.#stopListening = deps.catalog.onChanged(() => this.#catalogChanged())
  }

  /**
   * From now on `key` (one stream, or one session) wants to hear of these and of no others; none: it is forgotten.
   * Returns those of them that can be had: readable by this principal, from a source that can tell of changes.
   */
  set(
    key: string,
    principal: Principal,
    uris: ReadonlySet<string>,
    onUpdated: (uri: string) => void,
  ): ReadonlySet<string> {
    const budget = new WorkBudget(stepsOfRequest)
    const wanted = [...uris].slice(0, Math.min(maxOfKey, this.#roomFor(key, principal)))
    const accepted = new Set(
      wanted.filter((uri) => {
        const source = this.#routeFor(principal, uri, budget)?.source
        return source !== undefined && canSubscribe(source)
      }),
    )
    const { log } = this.#deps
    if (budget.isSpent) log.warn('subscriptions.costly', { grant: principal.grantId, uris: uris.size })
    // What cannot be had now may be there later: a server that starts, a right that is given.
    const kept = new Set(budget.isSpent ? accepted : wanted)
    if (uris.size === 0) this.#subscribers.delete(key)
    else this.#subscribers.set(key, { principal, uris: kept, onUpdated })
    this.#rewatch()
    return accepted
  }

  /**
   * One more for this key, as `resources/subscribe` asks. Throws ProtocolError when there is no such resource for this
   * principal, or its source cannot tell of changes.
   */
  add(key: string, principal: Principal, uri: string, onUpdated: (uri: string) => void): void {
    const source = this.#routeFor(principal, uri)?.source
    if (!source)
      throw new ProtocolError(ProtocolErrorCode.ResourceNotFound, `Resource not found: ${uri}`, { uri })
    if (!canSubscribe(source))
      throw new ProtocolError(
        ProtocolErrorCode.MethodNotFound,
        `“${source.name}” cannot tell when its resources change.`,
      )
    const uris = this.#subscribers.get(key)?.uris ?? new Set()
    if (!uris.has(uri) && uris.size >= Math.min(maxOfKey, this.#roomFor(key, principal)))
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Too many subscriptions.')
    this.#subscribers.set(key, { principal, uris: uris.add(uri), onUpdated })
    this.#rewatch()
  }

  /** One less; unknown ones are fine. */
  remove(key: string, uri: string): void {
    const uris = this.#subscribers.get(key)?.uris
    if (!uris?.delete(uri)) return
    if (uris.size === 0) this.#subscribers.delete(key)
    this.#rewatch()
  }

  /** Ends all of one grant, or of everybody (null). */
  cancelFor(grantId: string | null): void {
    for (const [key, { principal }] of [...this.#subscribers])
      if (grantId === null || principal.grantId === grantId) this.#subscribers.delete(key)
    this.#rewatch()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#lookingAgain)
    this.#stopListening()
    this.#subscribers.clear()
    this.#rewatch()
  }

  #routeFor(principal: Principal, uri: string, budget?: WorkBudget): ResourceRoute | undefined {
    const { catalog, decide } = this.#deps
    const route = this.#routes.of(uri, principal, budget)
    return route && decide(catalog.readingFacts(route.source, principal)).kind === 'allow' ? route : undefined
  }

  /** How many more this grant may have, apart from those of `key`. */
  #roomFor(key: string, { grantId }: Principal): number {
    let room = maxOfGrant
    for (const [other, { principal, uris }] of this.#subscribers)
      if (other !== key && principal.grantId === grantId) room -= uris.size
    return Math.max(0, room)
  }

  /** Tells every source what is wanted of it, where that is something else than before. */
  #rewatch(): void {
    const wanted = new Map<string, Watched>()
    for (const { principal, uris } of this.#subscribers.values())
      for (const uri of uris) {
        const { source, name } = this.#routeFor(principal, uri) ?? {}
        if (!source || name === undefined || !canSubscribe(source)) continue
        const own = wanted.get(source.slug) ?? { source, uris: new Set() }
        wanted.set(source.slug, own)
        own.uris.add(name)
      }
    for (const [slug, { source }] of this.#watched)
      if (!wanted.has(slug)) {
        this.#watched.delete(slug)
        this.#watch(source, new Set())
      }
    for (const [slug, { source, uris }] of wanted) {
      const before = this.#watched.get(slug)
      this.#watched.set(slug, { source, uris })
      if (before?.source !== source || !sameSet(before.uris, uris)) this.#watch(source, uris)
    }
  }

  #watch(source: ToolSource, uris: ReadonlySet<string>): void {
    try {
      source.watch?.(uris, (uri) => this.#updated(source, uri))
    } catch (error) {
      this.#deps.log.error('subscriptions.watch', { source: source.slug, error: errorText(error) })
    }
  }

  /** Only who may still read it hears of it: rights and sources change. */
  #updated(from: ToolSource, name: string): void {
    for (const { principal, uris, onUpdated } of [...this.#subscribers.values()])
      for (const uri of [name, addressOfOurs(from, name)]) {
        if (!uris.has(uri)) continue
        const route = this.#routeFor(principal, uri)
        if (route?.source.slug !== from.slug || route.name !== name) continue
        try {
          onUpdated(uri)
        } catch (error) {
          this.#deps.log.error('subscriptions.listener', { error: errorText(error) })
        }
      }
  }

  #catalogChanged(): void {
    this.#routes.forget()
    if (this.#subscribers.size === 0) return
    if (this.#lookAtOnce()) {
      this.#rewatch()
      return
    }
    const now = performance.now()
    const wait = Math.max(0, this.#lookedAt + lookAgainEvery - now)
    this.#lookedAt = Math.max(this.#lookedAt + lookAgainEvery, now)
    this.#lookingAgain ??= setTimeout(() => {
      this.#lookAgain().catch((error) => {
        this.#lookingAgain = undefined
        this.#deps.log.error('subscriptions.look-again', { error: errorText(error) })
      })
    }, wait).unref()
  }

  /** True: there was so little to find out anew that it is done. */
  #lookAtOnce(): boolean {
    const budget = new WorkBudget(stepsOfRequest)
    let left = mostAtOnce
    for (const { principal, uris } of this.#subscribers.values())
      for (const uri of uris) {
        left -= 1
        if (left < 0 || budget.isSpent) return false
        this.#routes.of(uri, principal, budget)
      }
    return !budget.isSpent
  }

  /** Finds out anew whose all of them are, a few at a time, and then tells the sources. */
  async #lookAgain(): Promise<void> {
    this.#routes.forget()
    const slices = createSlices()
    for (const { principal, uris } of [...this.#subscribers.values()])
      for (const uri of [...uris]) {
        this.#routes.of(uri, principal)
        await slices.pause()
      }
    this.#lookingAgain = undefined
    if (!this.#isStopped) this.#rewatch()
  }
}

export const createSubscriptions = (deps: SubscriptionsDeps): Subscriptions => new Subscriptions(deps)

const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((one) => b.has(one))
