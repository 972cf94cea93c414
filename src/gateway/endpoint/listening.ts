import {
  ProtocolError,
  ProtocolErrorCode,
  SUBSCRIPTION_ID_META_KEY,
  type SubscriptionFilter,
} from '@modelcontextprotocol/server'
import { isObject } from '../../kernel/is-object.ts'
import { declaresApps } from '../../mcp/extensions.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { type Era, type ListKind, listKinds } from '../offers/visible-list.ts'
import type { EndpointDeps } from './endpoint-deps.ts'
import type { IncomingRequest } from './incoming-request.ts'
import type { ResultEncoder } from './result-encoder.ts'
import { notificationText } from './rpc-messages.ts'
import type { Session, Sessions } from './sessions/sessions.ts'

/** What a changed list is called in a filter, and in a notification; and which lists that is about. */
const changes = {
  tools: { field: 'toolsListChanged', method: 'notifications/tools/list_changed', lists: ['tools'] },
  prompts: { field: 'promptsListChanged', method: 'notifications/prompts/list_changed', lists: ['prompts'] },
  resources: {
    field: 'resourcesListChanged',
    method: 'notifications/resources/list_changed',
    lists: ['resources', 'resourceTemplates'],
  },
} as const satisfies Record<string, { field: string; method: string; lists: readonly ListKind[] }>
type Changed = keyof typeof changes
const kindsOf = (which: Changed): readonly ListKind[] => changes[which].lists
const all = Object.keys(changes) as readonly Changed[]

/** Who looks at lists. */
interface Looker {
  principal: Principal
  era: Era
  draws: boolean
  lists: Map<ListKind, string>
}

interface Listener {
  principal: Principal
  draws: boolean
  /** Each list it hears of (`VisibleList.told`), as it was last told. */
  lists: Map<ListKind, string>
  filter: SubscriptionFilter
  tell(method: string, params?: Raw): void
  end(): void
}

interface ListeningDeps
  extends Pick<EndpointDeps, 'catalog' | 'subscriptions' | 'principalNow' | 'lastServed'> {
  sessions: Pick<Sessions, 'all'>
  encoder: ResultEncoder
}

/** Resources of one listener at most. */
const mostResources = 1_000
/** Characters of all of them together. */
const mostCharacters = 256_000
let made = 0

/** Everything clients are told without asking: `subscriptions/listen`, and the streams of sessions. */
export class Listening {
  readonly #deps: ListeningDeps
  readonly #listeners = new Set<Listener>()

  constructor(deps: ListeningDeps) {
    this.#deps = deps
  }

  /** MCP 2026-07-28, "Subscriptions": first what was accepted, then what happens, until somebody ends it. */
  listen(incoming: IncomingRequest) {
    const { id, caller, answer } = incoming
    const { principal, signal } = caller
    const wanted = filterOf(incoming.params.notifications)
    if (!answer.canPush)
      return incoming.refuse({ code: -32_000, message: 'Listening needs Accept: text/event-stream.' }, 406)
    made += 1
    const key = `${principal.grantId}/listen/${made}`
    const meta = { [SUBSCRIPTION_ID_META_KEY]: id }
    const tell = (method: string, more: Raw = {}) =>
      answer.push(notificationText(method, { ...more, _meta: meta }))
    const { filter, uris } = this.#accepted(key, principal, wanted, (uri) =>
      tell('notifications/resources/updated', { uri }),
    )
    const leave = () => {
      this.#listeners.delete(listener)
      if (uris.size > 0) this.#deps.subscriptions.set(key, principal, new Set(), () => {})
    }
    const end = () => {
      leave()
      incoming.respond(this.#deps.encoder.own('', meta))
    }
    const draws = declaresApps(incoming.capabilities)
    const listener: Listener = { principal, draws, lists: new Map(), filter, tell, end }
    tell('notifications/subscriptions/acknowledged', { notifications: filter })
    // Where nothing can ever come, there is nothing to hold open.
    if (Object.keys(filter).length === 0) return end()
    if (signal.aborted) return leave()
    signal.addEventListener('abort', leave)
    this.#listeners.add(listener)
    for (const which of all)
      if (filter[changes[which].field]) this.#seesOthers({ ...listener, era: 'modern' }, which)
  }

  /** What of it can be had. `uris`: the resources that are watched for it. */
  #accepted(
    key: string,
    principal: Principal,
    wanted: SubscriptionFilter,
    onUpdated: (uri: string) => void,
  ): { filter: SubscriptionFilter; uris: ReadonlySet<string> } {
    const { catalog, subscriptions } = this.#deps
    const able = catalog.capabilities(principal)
    const filter: SubscriptionFilter = {}
    if (wanted.toolsListChanged) filter.toolsListChanged = true
    if (wanted.promptsListChanged && able.prompts) filter.promptsListChanged = true
    if (wanted.resourcesListChanged && able.resources) filter.resourcesListChanged = true
    const uris = new Set(able.subscribe ? wanted.resourceSubscriptions : [])
    if (uris.size > 0) {
      const accepted = subscriptions.set(key, principal, uris, onUpdated)
      if (accepted.size > 0) filter.resourceSubscriptions = [...accepted]
    }
    return { filter, uris }
  }

  /** A session has its stream from now on: it hears at once of what changed since it looked. */
  begins(session: Session): void {
    if (session.comesBack) this.#recall(session)
    for (const which of all) this.#tellSession(session, which, session.principal)
  }

  /**
   * Something changed that may be seen in these workspaces (null: in all) and lists (null: in all). Told are those who see
   * another list for it, of that list only. Clients fetch all of a list when they are told, and some ask their user.
   */
  changed(workspaces: ReadonlySet<string> | null, kinds: ReadonlySet<ListKind> | null): void {
    const { sessions, principalNow } = this.#deps
    const touched = all.filter((which) => kinds === null || kindsOf(which).some((kind) => kinds.has(kind)))
    const isMeant = ({ workspace }: Principal) => workspaces?.has(workspace) ?? true
    for (const listener of [...this.#listeners]) {
      const principal = isMeant(listener.principal) && principalNow(listener.principal)
      if (!principal) continue
      for (const which of touched) {
        const { field, method } = changes[which]
        const { filter, lists, draws, tell } = listener
        if (filter[field] && this.#seesOthers({ principal, era: 'modern', draws, lists }, which)) tell(method)
      }
    }
    for (const session of sessions.all()) {
      // Without a stream it hears nothing now, and what it missed when it has one.
      const principal =
        session.stream !== null && isMeant(session.principal) && principalNow(session.principal)
      if (principal) for (const which of touched) this.#tellSession(session, which, principal)
    }
  }

  close(): void {
    for (const { end } of [...this.#listeners]) end()
  }

  #tellSession(session: Session, which: Changed, principal: Principal): void {
    const draws = declaresApps(session.capabilities)
    if (this.#seesOthers({ principal, era: 'legacy', draws, lists: session.lists }, which))
      session.stream?.send(notificationText(changes[which].method))
  }

  /** What a client that was here before got is known by its grant alone: what none of its clients would get now is taken for an old list. */
  #recall({ principal, lists }: Session): void {
    const { catalog, lastServed } = this.#deps
    for (const kind of listKinds) {
      const served = lists.has(kind) ? undefined : lastServed?.(principal.grantId, kind)
      if (served === undefined) continue
      const isCurrent = (['legacy', 'modern'] as const).some((era) =>
        [false, true].some((draws) => catalog.list(principal, kind, era, draws).hash === served),
      )
      if (!isCurrent) lists.set(kind, served)
    }
  }

  /**
   * Whether somebody now sees other lists than when it last looked. What it sees is made once for all who see the same, and is
   * what it fetches next, if it is told. Of a list that it never looked at, what it is now is noted.
   */
  #seesOthers({ principal, era, draws, lists }: Looker, which: Changed): boolean {
    let others = false
    for (const kind of kindsOf(which)) {
      const { told } = this.#deps.catalog.list(principal, kind, era, draws)
      const before = lists.get(kind)
      lists.set(kind, told)
      if (before !== undefined && before !== told) others = true
    }
    return others
  }
}

function filterOf(wanted: unknown): SubscriptionFilter {
  const invalid = () =>
    new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      "Invalid params: 'notifications' is required and must be a valid SubscriptionFilter",
    )
  if (!isObject(wanted)) throw invalid()
  const { toolsListChanged, promptsListChanged, resourcesListChanged, resourceSubscriptions } = wanted
  for (const flag of [toolsListChanged, promptsListChanged, resourcesListChanged])
    if (flag !== undefined && typeof flag !== 'boolean') throw invalid()
  if (
    resourceSubscriptions !== undefined &&
    !(
      Array.isArray(resourceSubscriptions) &&
      resourceSubscriptions.length <= mostResources &&
      resourceSubscriptions.every((uri) => typeof uri === 'string') &&
      resourceSubscriptions.reduce((sum: number, uri: string) => sum + uri.length, 0) <= mostCharacters
    )
  )
    throw invalid()
  return wanted as SubscriptionFilter
}
