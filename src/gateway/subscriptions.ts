import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Principal } from './caller.ts'
import type { Catalog } from './catalog.ts'
import type { Facts } from './catalog-entry.ts'
import { addressOfOurs, type ResourceRoute } from './resources.ts'
import type { Raw, ToolSource } from './tool-source.ts'

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

export function createSubscriptions({ catalog, decide, log }: SubscriptionsDeps): Subscriptions {
  const subscribers = new Map<string, Subscriber>()
  /** What each source was told last, by slug: sources are replaced by others that do the same. */
  const watched = new Map<string, { source: ToolSource; uris: Set<string> }>()

  const routeFor = (principal: Principal, uri: string): ResourceRoute | undefined => {
    const route = catalog.resource(uri, principal)
    return route && decide(catalog.readingFacts(route.source, principal)).kind === 'allow' ? route : undefined
  }
  const sourceFor = (principal: Principal, uri: string) => routeFor(principal, uri)?.source
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

  const stopListening = catalog.onChanged(() => {
    if (subscribers.size > 0) rewatch()
  })

  return {
    set(key, principal, uris, onUpdated) {
      const accepted = new Set(
        [...uris].slice(0, maxOfKey).filter((uri) => {
          const source = sourceFor(principal, uri)
          return source !== undefined && canTell(source)
        }),
      )
      // What cannot be had now may be there later: a server that starts, a right that is given.
      if (uris.size === 0) subscribers.delete(key)
      else subscribers.set(key, { principal, uris: new Set([...uris].slice(0, maxOfKey)), onUpdated })
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
      if (uris.size >= maxOfKey && !uris.has(uri))
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
      stopListening()
      subscribers.clear()
      rewatch()
    },
  }
}

const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((one) => b.has(one))
