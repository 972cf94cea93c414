import { join } from 'node:path'
import * as z from 'zod'
import { listenWhereRemembered } from '../gateway/listener/listen-where-remembered.ts'
import { createPublicListener } from '../gateway/listener/public-listener.ts'
import { watchAddress } from '../tunnel/moved-address.ts'
import { whenBack } from '../tunnel/network-back.ts'
import { createTunnel } from '../tunnel/tunnel.ts'
import { createWays } from '../tunnel/ways.ts'
import type { AccessSide } from './access-side.ts'
import type { Base } from './base.ts'
import type { Reach } from './bridge/reach.ts'
import type { CallingSide } from './calling-side.ts'

const tunnelPort = 'gateway.tunnelPort'

/** What others reach us by: the public listener, and the tunnel that leads to it. Throws HostError `port-taken`. */
export async function openPublicSide(base: Base, reach: Reach, calling: CallingSide, access: AccessSide) {
  const { options, settings, vault, clock, log, undo, notices, instance, network, env, preferences } = base
  const { pipeline, catalog, subscriptions, servers } = calling
  const { oauth } = access
  // Asked for every request: without any that were given at the start it is the owner's own list.
  const { corsOrigins = [] } = options
  const named = () => preferences.get().localPages ?? []
  const pages = corsOrigins.length === 0 ? named : () => [...named(), ...corsOrigins]
  const { listener, port, moved } = await listenWhereRemembered(settings, options.port, (wanted) =>
    createPublicListener({
      port: wanted,
      // Some ways to a public address are led here by the user.
      tunnelPort: settings.get(tunnelPort, z.number().int().min(1).max(65_535)),
      origins: () => reach.origins(),
      oauth,
      pipeline,
      catalog,
      subscriptions,
      instance,
      clock,
      log,
      version: options.version,
      workspaces: () => base.workspaces.names(),
      isRaised: () => reach.isRaised(),
      sessionKey: base.secrets.sessionKey,
      requestsPerMinute: () => preferences.get().requestsPerMinute,
      localPages: pages,
      onServed: calling.servedLists.note,
      onChatEnded: (grantId, chat) => calling.rules.endChat(grantId, chat),
      onTraffic: access.onTraffic,
    }),
  )
  undo.push(() => listener.close())
  settings.set(tunnelPort, listener.tunnelPort())
  reach.port = port
  // Only now, because it may begin by itself and needs somewhere to lead to.
  const tunnel = createTunnel({
    settings,
    vault,
    clock,
    log,
    instance,
    network,
    env,
    localPort: listener.tunnelPort,
    folder: join(base.dataDir, 'tunnel'),
    host: (provider) => (provider === 'localtunnel' ? (options.tunnelHost ?? '') : ''),
  })
  reach.tunnel = tunnel
  undo.push(() => tunnel.stop())
  if (moved) notices.add('warning', moved)
  const addressMoved = watchAddress(
    settings,
    oauth.grants.list,
    (words) => void notices.add('warning', words),
    oauth.leave,
  )
  tunnel.events.on('changed', addressMoved)
  tunnel.events.on('changed', whenBack(servers.networkIsBack))
  const ways = createWays({ settings, vault, env, tunnel, localPort: listener.tunnelPort })
  return { listener, tunnel, ways }
}

export type PublicSide = Awaited<ReturnType<typeof openPublicSide>>
