import { uptime } from 'node:os'
import { createKeepAwake } from '../../system/keep-awake.ts'
import { Presence } from '../../tunnel/away/presence.ts'
import type { Tunnel } from '../../tunnel/tunnel.ts'
import type { Base } from '../base.ts'

/** Watches sleep and network for the tunnel, and keeps this computer awake as the owner chose. */
export function openPresence(
  { options, settings, clock, log, env, preferences, broadcast, undo }: Base,
  tunnel: Tunnel,
  onBack: () => void,
): Presence {
  const presence = new Presence({
    ...{ settings, clock, log, tunnel, onBack },
    power: options.power,
    keepAwake: options.power?.keepAwake ?? createKeepAwake(env),
    wantsAwake: () => preferences.get().keepAwake === true,
    uptime: () => uptime() * 1_000,
  })
  undo.push(() => presence.stop())
  undo.push(broadcast.on((name) => void (name === 'preferences.changed' && presence.keepAwake())))
  return presence
}
