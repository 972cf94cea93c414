import { type Bridge, ClientKind, type ConnectFlow, type ConnectWindow } from '../contract/models.ts'
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
  /** Connect was pressed: only what happens from now on counts, and apps with unknown names belong to this flow. */
  reset(client: ClientKind): void
  events: Emitter<{ changed: ConnectFlow }>
  stop(): void
}

export interface ConnectFlowDeps {
  clock: Clock
  bridge(): Bridge
  window(): ConnectWindow
  /** Lets a flow know who was connected before it began, even before they call again. */
  grants?(): readonly { id: string; lastSeenAt: number | null }[]
  /** Milliseconds after which an app that has its token should have asked for the tools. */
  noToolsAfter?: number
}

/** The setup flows "Connect to ChatGPT / Claude / another app", ticked from real traffic. Nothing is kept over a restart. */
export function createConnectFlows(deps: ConnectFlowDeps): ConnectFlows {
  const { clock } = deps
  const noToolsAfter = deps.noToolsAfter ?? 60_000
  const events = new Emitter<{ changed: ConnectFlow }>()
  const seen = new Set<string>()
  const progress = new Map<ClientKind, Progress>()
  const told = new Map<ClientKind, string>()
  let latest: ClientKind | null = null
  let timer: NodeJS.Timeout | undefined

  const flow = (client: ClientKind): ConnectFlow =>
    describeFlow({
      instructions: instructions[client],
      progress: progress.get(client) ?? null,
      bridge: deps.bridge(),
      window: deps.window(),
      now: clock.now(),
      noToolsAfter,
    })

  const tell = (client: ClientKind) => {
    const now = flow(client)
    const text = JSON.stringify(now)
    if (told.get(client) === text) return
    told.set(client, text)
    events.emit('changed', now)
  }

  const refresh = () => {
    for (const client of ClientKind.options) if (progress.has(client)) tell(client)
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
        tell(client)
        if (after.at.token === undefined && after.at.look === undefined) continue
        clearTimeout(timer)
        timer = setTimeout(refresh, noToolsAfter + 50).unref()
      }
    },
    flow,
    refresh,
    reset(client) {
      const used = (deps.grants?.() ?? []).filter(({ lastSeenAt }) => lastSeenAt !== null).map(({ id }) => id)
      progress.set(client, beginProgress(client, clock.now(), new Set([...seen, ...used])))
      latest = client
      tell(client)
    },
    events,
    stop: () => clearTimeout(timer),
  }
}
