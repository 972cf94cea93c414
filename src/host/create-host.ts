import { resolve } from 'node:path'
import type { Status } from '../contract/status.ts'
import { createPublicListener } from '../gateway/listener/public-listener.ts'
import { systemClock } from '../kernel/clock.ts'
import { collectWhenQuiet } from '../kernel/collect-when-quiet.ts'
import { errorText } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import { createNetwork } from '../net/network.ts'
import { createTunnel, type Tunnel } from '../tunnel/tunnel.ts'
import { createAccessSide } from './access-side.ts'
import { createAddresses } from './bridge/addresses.ts'
import { createRaised, describeBridge } from './bridge/bridge.ts'
import { createBridgeSwitch } from './bridge/bridge-switch.ts'
import { listenWhereRemembered } from './bridge/listen.ts'
import { watchAddress } from './bridge/moved-address.ts'
import { whenBack } from './bridge/network-back.ts'
import { createBroadcast } from './broadcast.ts'
import { createCallingSide } from './calling-side.ts'
import { createDispatch } from './dispatch.ts'
import { createAdminKey } from './handlers/admin-key.ts'
import { createHandlers } from './handlers/handlers.ts'
import { openFolder, type Undo } from './handlers/open-folder.ts'
import { createPreferences } from './handlers/preferences.ts'
import { openSessionKey } from './handlers/session-key.ts'
import { createWorkspaces, defaultWorkspace } from './handlers/workspaces.ts'
import type { Host, HostOptions } from './host.ts'
import { witnessOf } from './notices/done-elsewhere.ts'
import { watchStrangers } from './notices/strangers.ts'
import { handlersRooms } from './rooms.ts'
import { startSweeping } from './sweep.ts'
import { wireEvents } from './wire-events.ts'

/**
 * Builds every room, passes them to one another and starts them. Resolves when the public listener answers; servers
 * and tunnel start in the background. Throws HostError (`already-running`, `data-folder-unwritable`, `database-newer`,
 * `port-taken`); then nothing is left running.
 */
export async function createHost(options: HostOptions): Promise<Host> {
  const { shell, version, clock = systemClock, env = process.env } = options
  const dataDir = resolve(options.dataDir)
  const undo: Undo = []
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) {
      try {
        await step()
      } catch (error) {
        process.stderr.write(`While stopping: ${errorText(error)}\n`)
      }
    }
  }

  try {
    const folder = await openFolder(dataDir, { clock, env, undo })
    const { log, db, vault, settings, notices, redactor } = folder
    const network = createNetwork({ env, log, redactor, system: options.systemProxy })
    log.info('host.starting', { version, shell, pid: process.pid, node: process.version })
    const { on, tell, revision } = createBroadcast(log)
    const startedAt = clock.now()
    const instance = newId('instance')
    const raised = createRaised(settings, () => clock.now())
    let port = 0

    let tunnel: Tunnel | null = null
    const addresses = createAddresses({
      port: () => port,
      publicOrigin: () => tunnel?.state().origin ?? null,
    })
    const bridge = () =>
      describeBridge({
        raisedSince: raised.since(),
        tunnel: tunnel?.state() ?? null,
        localUrl: addresses.of(defaultWorkspace.name).localUrl,
        startedAt,
      })

    const workspaces = createWorkspaces(db, clock)
    const preferences = createPreferences(settings, (now) => {
      tell('preferences.changed', now)
      calling.activity.retentionChanged()
    })
    const adminKey = createAdminKey(settings, clock)
    const secrets = await openSessionKey(vault, log)
    const calling = createCallingSide({
      ...{ folder, options: { ...options, env }, clock, undo, workspaces, preferences, network },
      stateKey: secrets.stateKey,
      onTraffic: (event) => access.onTraffic(event),
      forgetTools: (isGone) => access.oauth.grants.forgetTools(isGone),
      servedChanged: () => tell('grants.changed', {}),
    })
    const { catalog, approvals, activity, servers, pipeline, subscriptions } = calling
    const access = await createAccessSide({
      ...{ folder, clock, undo, instance, addresses, bridge, preferences, network },
      workspaces: workspaces.names,
      connectorSlugs: calling.connectorSlugs,
      toolIds: () => catalog.all().map((tool) => tool.id),
      toolNames: () => catalog.all().map((tool) => tool.name),
    })
    const { oauth, flows } = access
    calling.forgetTheGone()

    const {
      listener,
      port: boundPort,
      moved,
    } = await listenWhereRemembered(settings, options.port, (wanted) =>
      createPublicListener({
        port: wanted,
        origins: addresses.origins,
        ...{ oauth, pipeline, catalog, subscriptions, instance, version, clock, log },
        workspaces: workspaces.names,
        isRaised: () => raised.since() !== null,
        sessionKey: secrets.sessionKey,
        requestsPerMinute: () => preferences.get().requestsPerMinute,
        localPages: () => preferences.get().localPages ?? [],
        onServed: calling.servedLists.note,
        onTraffic: access.onTraffic,
      }),
    )
    undo.push(() => listener.close())
    port = boundPort
    // Only now, because it may begin by itself and needs somewhere to lead to.
    const publicTunnel = createTunnel({
      settings,
      clock,
      log,
      instance,
      localPort: listener.tunnelPort,
      network,
      host: () => options.tunnelHost ?? '',
    })
    tunnel = publicTunnel
    undo.push(() => publicTunnel.stop())
    if (moved) notices.add('warning', moved)
    const tellMoved = watchAddress(
      settings,
      oauth.grants.list,
      (words) => void notices.add('warning', words),
      oauth.leave,
    )
    publicTunnel.events.on('changed', tellMoved)
    publicTunnel.events.on('changed', whenBack(servers.networkIsBack))

    const status = (): Status => ({
      version,
      shell,
      dataDir,
      bridge: bridge(),
      vault: vault.status,
      window: oauth.window.state(),
      waiting: {
        connections: oauth.connections.list().length,
        calls: approvals.list().length,
        tools: catalog.waiting(),
      },
      notices: notices.list(),
    })
    const { changed, cutOff, ...wires } = wireEvents({
      ...{ tell, status, tunnel: publicTunnel, oauth, approvals, activity, servers, catalog },
      ...{ pipeline, subscriptions, flows, listener, readSourcesSoon: calling.readSourcesSoon },
    })
    undo.push(() => wires.stop())
    watchStrangers(oauth.events, (level, words) => {
      if (notices.list().some(({ message }) => message === words.message)) return
      notices.add(level, words)
      changed()
    })
    const bridgeSwitch = createBridgeSwitch({
      ...{ raised, tunnel: publicTunnel, grants: oauth.grants, approvals, pipeline, subscriptions },
      ...{ listener, log, changed },
    })

    const elsewhere = witnessOf({
      ...{ clock, approvals: () => approvals.list() },
      tell(words) {
        tell('notices.added', notices.keep(words))
        changed()
      },
    })
    const dispatch = createDispatch(
      createHandlers(
        handlersRooms({
          ...{ status, changed, tell, notices, bridgeSwitch, access, calling, addresses, workspaces },
          ...{ preferences, adminKey },
          isRaised: () => raised.since() !== null,
          async rotateSessions() {
            for (const { id } of oauth.grants.list()) cutOff(id)
            await secrets.rotate()
          },
        }),
      ),
      log,
      elsewhere.witness,
      () => {
        wires.tellNow()
        return revision()
      },
    )

    undo.push(startSweeping({ oauth, approvals, servedLists: calling.servedLists, clock, cutOff }))
    undo.push(collectWhenQuiet())
    undo.push(() => log.info('host.stopping'))
    calling.startServers()
    log.info('host.ready', { port, vault: vault.status.kind })

    return {
      dispatch,
      on,
      revision,
      mcpUrl: addresses.of(defaultWorkspace.name).localUrl,
      dataDir,
      log,
      isAdminKey: adminKey.matches,
      letIn: elsewhere.letIn,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
