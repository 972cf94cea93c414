import { ClientKind, type ConnectWindow } from '../contract/access.ts'
import type { ConnectFlow } from '../contract/setup.ts'
import type { Bridge } from '../contract/status.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import type { Traffic } from '../kernel/traffic.ts'
import { advance, beginProgress, type Progress } from './connect-progress.ts'
import { describeFlow } from './connect-steps.ts'
import { instructions } from './instructions/list.ts'

export interface ConnectFlows {
  /** One event of the public listener. */
  observe(event: Traffic): void
  flow(client: ClientKind): ConnectFlow
  /** The bridge or the connecting window changed. */
  refresh(): void
  /**
   * Connect was pressed: only what happens from now on counts, and apps with unknown names belong to this flow. Whoever is in
   * stays in: the steps of a living grant are begun anew only with `again`, for another account of the same app.
   */
  reset(client: ClientKind, again?: boolean): void
  /** The user stopped waiting: nothing went wrong. */
  stopWaiting(): void
  events: Emitter<{ changed: ConnectFlow }>
  stop(): void
}

export interface ConnectFlowDeps {
  clock: Clock
  bridge(): Bridge
  window(): ConnectWindow
  /** Lets a flow know who was connected before it began, even before they call again, and whether who it let in still is. */
  grants?(): readonly KnownGrant[]
  /** Milliseconds after which an app that has its token should have asked for the tools. */
  noToolsAfter?: number
}

interface KnownGrant {
  id: string
  lastSeenAt: number | null
  expiresAt?: number | null
  kind?: 'client' | 'key'
  /** Approvals that hold tokens; left out: not known. */
  sessions?: readonly unknown[]
}

/** The setup flows "Connect to ChatGPT / Claude / another app", ticked from real traffic. Nothing is kept over a restart. */
export function createConnectFlows(deps: ConnectFlowDeps): ConnectFlows {
  const { clock } = deps
  const noToolsAfter = deps.noToolsAfter ?? 60_000
  const events = new Emitter<{ changed: ConnectFlow }>()
  const seen = new Set<string>()
  const progress = new Map<ClientKind, Progress>()
  /** Somebody looks at them, or did: they are told of what changes, before Connect was pressed too. */
  const watched = new Set<ClientKind>()
  /** Grants that led somebody in. */
  const lived = new Set<string>()
  const told = new Map<ClientKind, string>()
  let latest: ClientKind | null = null
  let timer: NodeJS.Timeout | undefined

  /** Whether the grant that an attempt led to can still be used. */
  const isLive = ({ grantId, at, problem }: Progress): boolean => {
    const grant = (deps.grants?.() ?? []).find(({ id }) => id === grantId)
    if (grant === undefined) return false
    if (grant.expiresAt != null && grant.expiresAt <= clock.now()) return false
    // Let in, but its tokens are still to come.
    if (at.token === undefined && at.look === undefined) return problem === null
    return grant.kind === 'key' || grant.sessions === undefined || grant.sessions.length > 0
  }
  const begin = (client: ClientKind) => {
    const used = (deps.grants?.() ?? []).filter(({ lastSeenAt }) => lastSeenAt !== null).map(({ id }) => id)
    progress.set(client, beginProgress(client, clock.now(), new Set([...seen, ...used])))
  }

  const flow = (client: ClientKind): ConnectFlow => {
    watched.add(client)
    return describeFlow({
      instructions: instructions[client],
      progress: progress.get(client) ?? null,
      bridge: deps.bridge(),
      window: deps.window(),
      now: clock.now(),
      noToolsAfter,
    })
  }

  const tell = (client: ClientKind) => {
    const now = flow(client)
    const text = JSON.stringify(now)
    if (told.get(client) === text) return
    told.set(client, text)
    events.emit('changed', now)
  }

  const refresh = () => {
    for (const client of ClientKind.options) {
      const current = progress.get(client)
      // Revoked, or asked to sign in anew: what the steps say is over.
      if (current?.grantId && lived.has(current.grantId) && !isLive(current)) {
        progress.delete(client)
        if (deps.window().expects === client) begin(client)
      }
      if (watched.has(client) || progress.has(client)) tell(client)
    }
  }

  return {
    observe(event) {
      if (event.grantId !== undefined) seen.add(event.grantId)
      if (progress.size === 0) return
      const { publicUrl } = deps.bridge()
      const publicOrigin = publicUrl === null ? null : new URL(publicUrl).origin
      for (const [client, before] of progress) {
        const after = advance(before, event, { expected: client === latest, publicOrigin })
        if (after === before) continue
        progress.set(client, after)
        if (after.grantId !== null && isLive(after)) lived.add(after.grantId)
        tell(client)
        if (after.at.token === undefined && after.at.look === undefined) continue
        clearTimeout(timer)
        timer = setTimeout(refresh, noToolsAfter + 50).unref()
      }
    },
    flow,
    refresh,
    reset(client, again = false) {
      const current = progress.get(client)
      latest = client
      if (again || !current || !isLive(current)) begin(client)
      tell(client)
    },
    stopWaiting() {
      for (const [client, current] of progress)
        if (!current.stopped) progress.set(client, { ...current, stopped: true })
      refresh()
    },
    events,
    stop: () => clearTimeout(timer),
  }
}
