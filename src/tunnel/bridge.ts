import * as z from 'zod'
import { say } from '../../locales/say.ts'
import type { Bridge } from '../contract/status.ts'
import { tunnelAt } from '../mcp/tunnelled.ts'
import { type LastWrites, noReserve } from '../storage/reserve.ts'
import type { Settings } from '../storage/settings.ts'
import type { TunnelState } from './tunnel.ts'

const setting = 'bridge.raised'

const Raised = z.object({ since: z.number(), tunnel: z.boolean() })

/** Whether the user pulled the bridge up, and since when. Survives restarts: a raised bridge stays raised. */
export function createRaised(
  settings: Settings,
  now: () => number,
  last: Pick<LastWrites, 'write'> = noReserve,
) {
  let raised = settings.get(setting, Raised) ?? null
  let isKept = true
  const keep = () => {
    last.write(() => settings.set(setting, raised))
    isKept = true
  }
  return {
    since: () => raised?.since ?? null,
    /** `tunnel`: whether a public address was wanted until now. */
    raise(tunnel: boolean): void {
      raised ??= { since: now(), tunnel }
      isKept = false
      keep()
    },
    /** Returns whether the public address should come back: it was there before, or the bridge was not raised at all. */
    lower(): boolean {
      const tunnel = raised?.tunnel ?? true
      // First, so that a full disk leaves it up altogether, and not until the next start.
      settings.delete(setting)
      raised = null
      isKept = true
      return tunnel
    },
    /** Writes what a full disk did not take. */
    settle(): void {
      if (!isKept) keep()
    },
  }
}

/** What the bridge looks like to a person. Pure. */
export function describeBridge(facts: {
  raisedSince: number | null
  /** Null while the host starts. */
  tunnel: TunnelState | null
  localUrl: string
  startedAt: number
}): Bridge {
  const { raisedSince, tunnel, localUrl, startedAt } = facts
  const publicUrl = tunnel === null || tunnel.origin === null ? null : `${tunnel.origin}/mcp`
  const tunnelId = tunnel?.origin ? tunnelAt(tunnel.origin) : null
  const common = { localUrl, publicUrl, ...(tunnelId !== null && { tunnelId }) }
  if (raisedSince !== null) {
    return {
      ...common,
      state: 'raised',
      message: say('bridge.raised.message'),
      hint: say('bridge.raised.hint'),
      since: raisedSince,
    }
  }
  if (tunnel === null || tunnel.kind === 'off') {
    return {
      ...common,
      state: 'local',
      message: say('bridge.local.message'),
      hint: say('bridge.local.hint'),
      since: startedAt,
    }
  }
  const states = { opening: 'opening', ready: 'open', offline: 'offline', taken: 'taken' } as const
  return {
    ...common,
    state: states[tunnel.kind],
    message: tunnel.message,
    hint: tunnel.hint,
    ...(tunnel.action && { action: tunnel.action }),
    ...(tunnel.elsewhere && { elsewhere: tunnel.elsewhere }),
    since: tunnel.since,
  }
}
