import { join } from 'node:path'
import { createSessionWishes } from '../gateway/endpoint/sessions/session-wishes.ts'
import { listenWhereRemembered } from '../gateway/listener/listen-where-remembered.ts'
import { createPublicListener, type PublicListener } from '../gateway/listener/public-listener.ts'
import { createNetworkFetch } from '../net/network-fetch.ts'
import { createCloudflareAccount } from '../tunnel/cloudflare/cloudflare-account.ts'
import { CloudflareSignIns } from '../tunnel/cloudflare/cloudflare-sign-in.ts'
import { HelperStore } from '../tunnel/helpers/helper-store.ts'
import { helperReleases } from '../tunnel/helpers/releases.ts'
import { watchAddress } from '../tunnel/moved-address.ts'
import { whenBack } from '../tunnel/network-back.ts'
import { tunnelIn } from '../tunnel/providers/cloudflare-named.ts'
import { tunnelProviders } from '../tunnel/providers/list.ts'
import { createTunnel, type Tunnel } from '../tunnel/tunnel.ts'
import { createWays, secretName } from '../tunnel/ways.ts'
import type { AccessSide } from './access-side.ts'
import type { Base } from './base.ts'
import { LedPort } from './bridge/led-port.ts'
import { openPresence } from './bridge/open-presence.ts'
import type { Reach } from './bridge/reach.ts'
import type { CallingSide } from './calling-side.ts'

/** What others reach us by: the public listener, and the tunnel that leads to it. Throws HostError `port-taken`. */
export async function openPublicSide(base: Base, reach: Reach, calling: CallingSide, access: AccessSide) {
  const { options, settings, clock, log, undo, notices, instance, preferences } = base
  const { pipeline, catalog, subscriptions, servers } = calling
  const { oauth } = access
  const ledPort = new LedPort(settings)
  // Asked for every request: without any that were given at the start it is the owner's own list.
  const { corsOrigins = [] } = options
  const named = () => preferences.get().localPages ?? []
  const pages = corsOrigins.length === 0 ? named : () => [...named(), ...corsOrigins]
  const { listener, port, moved } = await listenWhereRemembered(settings, options.port, (wanted) =>
    createPublicListener({
      port: wanted,
      tunnelPort: ledPort.wanted(),
      origins: () => reach.origins(),
      oauth,
      pipeline,
      catalog,
      subscriptions,
      instance,
      claim: () => reach.tunnel?.claim() ?? 0,
      clock,
      log,
      version: options.version,
      workspaces: () => base.workspaces.names(),
      isRaised: () => reach.isRaised(),
      sessionKey: base.secrets.sessionKey,
      sessionWishes: createSessionWishes({ db: base.db, clock, log }),
      requestsPerMinute: () => preferences.get().requestsPerMinute,
      localPages: pages,
      onServed: calling.servedLists.note,
      lastServed: calling.servedLists.lastHash,
      onChatEnded(grantId, chat) {
        calling.rules.endChat(grantId, chat)
        pipeline.sessionEnded(grantId, chat)
      },
      onTraffic: access.onTraffic,
    }),
  )
  undo.push(() => listener.close())
  ledPort.begin(listener)
  reach.port = port
  const net = createNetworkFetch(base.network)
  undo.push(() => net.close())
  const helpers = openHelpers(base, net.fetch, () => {
    if (tunnel.state().kind !== 'off') tunnel.want()
  })
  // Only now, because it may begin by itself and needs somewhere to lead to.
  const tunnel = openTunnel(base, listener, ledPort, helpers)
  reach.tunnel = tunnel
  if (moved) notices.add('warning', moved)
  const addressMoved = watchAddress(
    settings,
    oauth.grants.list,
    (words) => void notices.add('warning', words),
    oauth.leave,
    (from, to) => access.moved.moved(from, to),
  )
  tunnel.events.on('changed', addressMoved)
  tunnel.events.on('changed', whenBack(servers.networkIsBack))
  const presence = openPresence(base, tunnel, servers.networkIsBack)
  reach.presence = presence
  const ways = openWays(base, listener, ledPort, tunnel, helpers)
  const cloudflare = openCloudflare(base, net.fetch, listener.tunnelPort)
  const signIns = openSignIns(base, helpers)
  return { listener, tunnel, presence, ways, helpers, cloudflare, signIns }
}

const tunnelHere = async ({ vault }: Base) => tunnelIn(await vault.get(secretName('cloudflare', 'token')))

const openCloudflare = (base: Base, get: typeof fetch, localPort: () => number) =>
  createCloudflareAccount({
    fetch: get,
    now: () => base.clock.now(),
    localPort,
    tunnelHere: () => tunnelHere(base),
  })

function openSignIns(base: Base, helpers: HelperStore): CloudflareSignIns {
  const { dataDir, env, log, undo, tell } = base
  const signIns = new CloudflareSignIns({
    ...{ env, log, helpers, tunnelHere: () => tunnelHere(base) },
    folder: join(dataDir, 'cloudflare'),
    changed: (now) => tell('tunnel.cloudflareSignInChanged', now),
  })
  undo.push(() => signIns.close())
  return signIns
}

/** `installed`: the address waits for nothing any more. */
function openHelpers(base: Base, get: typeof fetch, installed: () => void): HelperStore {
  const { dataDir, env, log, undo, tell } = base
  const helpers = new HelperStore({
    ...{ env, log, installed, releases: helperReleases, fetch: get },
    folder: join(dataDir, 'helpers'),
    changed: (downloads) => tell('helpers.changed', downloads),
  })
  undo.push(() => helpers.close())
  return helpers
}

export type PublicSide = Awaited<ReturnType<typeof openPublicSide>>

function openTunnel(base: Base, listener: PublicListener, ledPort: LedPort, helpers: HelperStore): Tunnel {
  const { options, settings, vault, clock, log, undo, instance, network, env } = base
  const hosts: Partial<Record<string, string>> = {
    ...(options.tunnelHost && { localtunnel: options.tunnelHost }),
    ...(options.openaiHost && { openai: options.openaiHost }),
  }
  const tunnel = createTunnel({
    settings,
    vault,
    clock,
    log,
    instance,
    network,
    env,
    helpers,
    localPort: listener.tunnelPort,
    portTaken: () => ledPort.taken(),
    folder: join(base.dataDir, 'tunnel'),
    host: (provider) => hosts[provider] ?? '',
  })
  undo.push(() => tunnel.stop())
  return tunnel
}

function openWays(
  { settings, vault, env }: Base,
  { tunnelPort: localPort }: PublicListener,
  ledPort: LedPort,
  tunnel: Tunnel,
  helpers: HelperStore,
) {
  const use = (id: string) => {
    // He was shown where it is to lead.
    if (tunnelProviders.find((one) => one.id === id)?.ledHere) ledPort.accept()
    tunnel.use(id)
  }
  const chosen = { provider: () => tunnel.provider(), use }
  return createWays({ settings, vault, env, localPort, helpers, tunnel: chosen })
}
