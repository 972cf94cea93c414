import { ClientKind, type ConnectWindow } from '../contract/access.ts'
import type { ConnectFlow } from '../contract/setup.ts'
import type { Bridge } from '../contract/status.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import type { Traffic } from '../kernel/traffic.ts'
import { advance, beginProgress, type Progress } from './connect-progress.ts'
import { describeFlow, type Endpoints } from './connect-steps.ts'
import { instructionsFor } from './instructions/list.ts'

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
  grants?(): readonly ExistingGrant[]
  /** Of the public address of the tools; left out: nothing is known of them. */
  endpoints?(publicUrl: string): Endpoints
  /** The name of a folder that assistants may be asked about; null: there is none. */
  folder?(): string | null
  /** Milliseconds after which an app that has its token should have asked for the tools. */
  noToolsAfter?: number
}

interface ExistingGrant {
  id: string
  lastSeenAt: number | null
  expiresAt?: number | null
  kind?: 'client' | 'key'
  /** Approvals that hold tokens; left out: not known. */
  sessions?: readonly unknown[]
}

/** The setup flows "Connect to ChatGPT / Claude / another app", ticked from real traffic. Nothing is kept over a restart. */
export const createConnectFlows = (deps: ConnectFlowDeps): ConnectFlows => new Flows(deps)

class Flows implements ConnectFlows {
  readonly events = new Emitter<{ changed: ConnectFlow }>()
  readonly #deps: ConnectFlowDeps
  readonly #noToolsAfter: number
  readonly #seen = new Set<string>()
  readonly #progress = new Map<ClientKind, Progress>()
  /** Somebody looks at them, or did: they are told of what changes, before Connect was pressed too. */
  readonly #watched = new Set<ClientKind>()
  /** Grants that led somebody in. */
  readonly #lived = new Set<string>()
  readonly #told = new Map<ClientKind, string>()
  #latest: ClientKind | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(deps: ConnectFlowDeps) {
    this.#deps = deps
    this.#noToolsAfter = deps.noToolsAfter ?? 60_000
  }

  observe(event: Traffic): void {
    if (event.grantId !== undefined) this.#seen.add(event.grantId)
    if (this.#progress.size === 0) return
    const outside = outsideOf(this.#deps.bridge())
    for (const [client, before] of this.#progress) {
      const after = advance(before, event, { expected: client === this.#latest, outside })
      if (after === before) continue
      this.#progress.set(client, after)
      if (after.grantId !== null && this.#isLive(after)) this.#lived.add(after.grantId)
      this.#tell(client)
      if (after.at.token === undefined && after.at.look === undefined) continue
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.refresh(), this.#noToolsAfter + 50).unref()
    }
  }

  flow(client: ClientKind): ConnectFlow {
    this.#watched.add(client)
    const { publicUrl } = this.#deps.bridge()
    return describeFlow({
      instructions: instructionsFor(client),
      progress: this.#progress.get(client) ?? null,
      bridge: this.#deps.bridge(),
      endpoints: publicUrl === null ? null : (this.#deps.endpoints?.(publicUrl) ?? null),
      folder: this.#deps.folder?.() ?? null,
      window: this.#deps.window(),
      now: this.#deps.clock.now(),
      noToolsAfter: this.#noToolsAfter,
    })
  }

  refresh(): void {
    for (const client of ClientKind.options) {
      const current = this.#progress.get(client)
      // Revoked, or asked to sign in anew: what the steps say is over.
      if (current?.grantId && this.#lived.has(current.grantId) && !this.#isLive(current)) {
        this.#progress.delete(client)
        if (this.#deps.window().expects === client) this.#begin(client)
      }
      if (this.#watched.has(client) || this.#progress.has(client)) this.#tell(client)
    }
  }

  reset(client: ClientKind, again = false): void {
    const current = this.#progress.get(client)
    this.#latest = client
    if (again || !current || !this.#isLive(current)) this.#begin(client)
    this.#tell(client)
  }

  stopWaiting(): void {
    for (const [client, current] of this.#progress)
      if (!current.stopped) this.#progress.set(client, { ...current, stopped: true })
    this.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  /** Whether the grant that an attempt led to can still be used. */
  #isLive({ grantId, at, problem }: Progress): boolean {
    const grant = (this.#deps.grants?.() ?? []).find(({ id }) => id === grantId)
    if (grant === undefined) return false
    if (grant.expiresAt != null && grant.expiresAt <= this.#deps.clock.now()) return false
    // Let in, but its tokens are still to come.
    if (at.token === undefined && at.look === undefined) return problem === null
    return grant.kind === 'key' || grant.sessions === undefined || grant.sessions.length > 0
  }

  #begin(client: ClientKind): void {
    const grants = this.#deps.grants?.() ?? []
    const used = grants.filter(({ lastSeenAt }) => lastSeenAt !== null).map(({ id }) => id)
    const before = new Set([...this.#seen, ...used])
    this.#progress.set(client, beginProgress(client, this.#deps.clock.now(), before))
  }

  #tell(client: ClientKind): void {
    const now = this.flow(client)
    const text = JSON.stringify(now)
    if (this.#told.get(client) === text) return
    this.#told.set(client, text)
    this.events.emit('changed', now)
  }
}

/** Origins at which cloud apps come: for signing in also that of this computer, where the tunnel has no address. */
function outsideOf({ publicUrl, localUrl, tunnelId }: Bridge): string[] {
  const urls = [publicUrl, tunnelId === undefined ? null : localUrl]
  return urls.flatMap((url) => (url === null ? [] : [new URL(url).origin]))
}
