import {
  ProtocolError,
  ProtocolErrorCode,
  SUBSCRIPTION_ID_META_KEY,
  type SubscriptionFilter,
} from '@modelcontextprotocol/server'
import type { EndpointDeps } from './endpoint-deps.ts'
import { isObject } from './inbound.ts'
import { type Incoming, refuse, respond } from './incoming.ts'
import { notificationText } from './rpc-messages.ts'
import type { Sessions } from './sessions.ts'
import type { Stamps } from './stamps.ts'
import type { Raw } from './tool-source.ts'
import type { ListKind } from './visible-list.ts'

/** What a changed list is called in a filter, and in a notification. */
const changes = {
  tools: ['toolsListChanged', 'notifications/tools/list_changed'],
  prompts: ['promptsListChanged', 'notifications/prompts/list_changed'],
  resources: ['resourcesListChanged', 'notifications/resources/list_changed'],
} as const
type Changed = keyof typeof changes

export type Listening = ReturnType<typeof createListening>

interface Listener {
  workspace: string
  filter: SubscriptionFilter
  tell(method: string, params?: Raw): void
  end(): void
}

/** Resources of one listener at most. */
const mostResources = 1_000
/** Characters of all of them together. */
const mostCharacters = 256_000
let made = 0

/** Everything clients are told without asking: `subscriptions/listen`, and the streams of sessions. */
export function createListening(
  deps: Pick<EndpointDeps, 'catalog' | 'subscriptions'> & { sessions: Pick<Sessions, 'all'>; stamps: Stamps },
) {
  const { catalog, subscriptions, sessions, stamps } = deps
  const listeners = new Set<Listener>()

  return {
    /** MCP 2026-07-28, "Subscriptions": first what was accepted, then what happens, until somebody ends it. */
    listen(incoming: Incoming) {
      const { id, params, caller, answer } = incoming
      const { principal, signal } = caller
      const wanted = filterOf(params.notifications)
      if (!answer.canPush)
        return refuse(incoming, { code: -32_000, message: 'Listening needs Accept: text/event-stream.' }, 406)
      const able = catalog.capabilities(principal)
      const filter: SubscriptionFilter = {}
      if (wanted.toolsListChanged) filter.toolsListChanged = true
      if (wanted.promptsListChanged && able.prompts) filter.promptsListChanged = true
      if (wanted.resourcesListChanged && able.resources) filter.resourcesListChanged = true

      made += 1
      const key = `${principal.grantId}/listen/${made}`
      const stamp = { [SUBSCRIPTION_ID_META_KEY]: id }
      const tell = (method: string, more: Raw = {}) =>
        answer.push(notificationText(method, { ...more, _meta: stamp }))
      const uris = new Set(able.subscribe ? wanted.resourceSubscriptions : [])
      if (uris.size > 0) {
        const accepted = subscriptions.set(key, principal, uris, (uri) =>
          tell('notifications/resources/updated', { uri }),
        )
        if (accepted.size > 0) filter.resourceSubscriptions = [...accepted]
      }
      const leave = () => {
        listeners.delete(listener)
        if (uris.size > 0) subscriptions.set(key, principal, new Set(), () => {})
      }
      const end = () => {
        leave()
        respond(incoming, stamps.own('', stamp))
      }
      const listener = { workspace: principal.workspace, filter, tell, end }
      tell('notifications/subscriptions/acknowledged', { notifications: filter })
      // Where nothing can ever come, there is nothing to hold open.
      if (Object.keys(filter).length === 0) return end()
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave)
      listeners.add(listener)
    },
    /** Null: in all workspaces; all lists. */
    changed(workspaces: ReadonlySet<string> | null, kinds: ReadonlySet<ListKind> | null): void {
      const touched = (Object.keys(changes) as Changed[]).filter(
        (kind) =>
          kinds === null || kinds.has(kind) || (kind === 'resources' && kinds.has('resourceTemplates')),
      )
      for (const kind of touched) {
        const [field, method] = changes[kind]
        for (const { workspace, filter, tell } of [...listeners])
          if (filter[field] && (workspaces?.has(workspace) ?? true)) tell(method)
        for (const { principal, stream } of sessions.all())
          if (workspaces?.has(principal.workspace) ?? true) stream?.send(notificationText(method))
      }
    },
    close(): void {
      for (const { end } of [...listeners]) end()
    },
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
