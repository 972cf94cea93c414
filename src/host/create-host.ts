import { resolve } from 'node:path'
import { createActivity } from '../activity/activity.ts'
import { createApprovals } from '../approvals/approvals.ts'
import { createConnectors } from '../connectors/connectors.ts'
import type { Status } from '../contract/models.ts'
import { createCatalog } from '../gateway/catalog.ts'
import { createPipeline } from '../gateway/pipeline.ts'
import { createPublicListener } from '../gateway/public-listener.ts'
import { systemClock } from '../kernel/clock.ts'
import { errorText } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { Traffic } from '../kernel/traffic.ts'
import { createAuthorizationServer } from '../oauth/authorization-server.ts'
import { decide, isListed } from '../policy/decide.ts'
import { riskOf } from '../policy/risk.ts'
import { createConnectFlows } from '../setup/connect-flow.ts'
import { createDoctor } from '../setup/doctor/doctor.ts'
import { createPublicFetch } from '../tunnel/public-fetch.ts'
import { createTunnel, type Tunnel } from '../tunnel/tunnel.ts'
import { createUpstreams } from '../upstream/upstreams.ts'
import { createAddresses } from './addresses.ts'
import { createRaised, describeBridge } from './bridge.ts'
import { createBroadcast } from './broadcast.ts'
import { createDispatch } from './dispatch.ts'
import { createHandlers } from './handlers.ts'
import type { Host, HostOptions } from './host.ts'
import { createLever } from './lever.ts'
import { listenWhereRemembered } from './listen.ts'
import { watchAddress } from './moved-address.ts'
import { openFolder } from './open-folder.ts'
import { createPreferences } from './preferences.ts'
import { startSweeping } from './sweep.ts'
import { createToolSettings } from './tool-settings.ts'
import { wireEvents } from './wire-events.ts'
import { createWorkspaces, defaultWorkspace } from './workspaces.ts'

/**
 * Builds every room, passes them to one another and starts them. Resolves when the public listener answers; servers
 * and tunnel start in the background. Throws HostError (`already-running`, `data-folder-unwritable`, `database-newer`,
 * `port-taken`); then nothing is left running.
 */
export async function createHost(options: HostOptions): Promise<Host> {
  const { shell, version, clock = systemClock, env = process.env } = options
  const dataDir = resolve(options.dataDir)
  const undo: (() => void | Promise<void>)[] = []
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
    const { redactor, log, db, vault, settings, notices } = folder
    log.info('host.starting', { version, shell, pid: process.pid, node: process.version })
    const { on, tell } = createBroadcast(log)
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
    const preferences = createPreferences(settings, (now) => tell('preferences.changed', now))
    const toolSettings = createToolSettings(db)
    const catalog = createCatalog({ riskOf, isListed, toolSetting: toolSettings.get, log })
    const flows = createConnectFlows({
      clock,
      bridge,
      window: () => oauth.window.state(),
      grants: () => oauth.grants.list(),
    })
    undo.push(() => flows.stop())
    const publicFetch = createPublicFetch()
    undo.push(() => publicFetch.close())
    const doctor = createDoctor({
      clock,
      log,
      redactor,
      // undici's, which takes whatever fetch takes
      fetch: publicFetch.fetch as unknown as typeof fetch,
      address: addresses.of,
      instance,
      windowOpen: () => oauth.window.state().open,
      toolNames: () => catalog.all().map((tool) => tool.name),
    })
    undo.push(() => doctor.stop())
    // What the doctor asks must not tick anybody's steps; it never gives a name.
    const onTraffic = (event: Traffic) => {
      const isNamed = event.clientName !== undefined || event.grantId !== undefined
      if (isNamed || !doctor.isRunning()) flows.observe(event)
    }
    const connectors = createConnectors({
      fetch,
      clock,
      log,
      baseUrls: options.connectorBaseUrls,
      version,
    })
    const reservedSlugs = connectors.sources().map((source) => source.slug)
    const oauth = await createAuthorizationServer({
      db,
      settings,
      vault,
      clock,
      log,
      origins: addresses.origins,
      workspaces: workspaces.names,
      redirectDomains: () => preferences.get().redirectDomains,
      connectorScopes: () => reservedSlugs.map((slug) => `${slug}.read`),
      toolNames: () => catalog.all().map((tool) => tool.name),
      onTraffic,
    })
    undo.push(() => oauth.stop())

    const activity = createActivity({ db, clock, log, redactor })
    undo.push(() => activity.stop())
    const approvals = createApprovals({ db, clock, log, waitMs: options.approvalWaitMs })
    undo.push(() => approvals.stop())

    const upstreams = createUpstreams({ db, vault, clock, log, redactor, env, version, reservedSlugs })
    undo.push(() => upstreams.stop())
    const readSources = () =>
      catalog.setSources(
        [...connectors.sources(), ...upstreams.sources()].map((source) => ({
          ...source,
          workspaces: workspaces.of(source.slug),
        })),
      )
    readSources()

    const pipeline = createPipeline({ catalog, decide, approvals, activity, redactor, clock, log, onTraffic })
    const {
      listener,
      port: boundPort,
      moved,
    } = await listenWhereRemembered(settings, options.port, (wanted) =>
      createPublicListener({
        port: wanted,
        origins: addresses.origins,
        oauth,
        pipeline,
        catalog,
        workspaces: workspaces.names,
        isRaised: () => raised.since() !== null,
        instance,
        version,
        clock,
        log,
        onTraffic,
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
      localPort: () => port,
      host: () => options.tunnelHost ?? '',
    })
    tunnel = publicTunnel
    undo.push(() => publicTunnel.stop())
    if (moved) notices.add('warning', moved)
    const tellMoved = watchAddress(
      settings,
      oauth.grants.list,
      (words) => notices.add('warning', words),
      oauth.leave,
    )
    publicTunnel.events.on('changed', tellMoved)

    const status = (): Status => ({
      version,
      shell,
      dataDir,
      bridge: bridge(),
      vault: vault.status,
      window: oauth.window.state(),
      waiting: { connections: oauth.connections.list().length, calls: approvals.list().length },
      notices: notices.list(),
    })
    const { changed, cutOff, ...wires } = wireEvents({
      tell,
      status,
      tunnel: publicTunnel,
      oauth,
      approvals,
      activity,
      upstreams,
      catalog,
      flows,
      listener,
      readSources,
    })
    undo.push(() => wires.stop())

    const dispatch = createDispatch(
      createHandlers({
        status,
        dismissNotice: (id) => {
          notices.dismiss(id)
          changed()
        },
        isRaised: () => raised.since() !== null,
        ...createLever({
          raised,
          tunnel: publicTunnel,
          grants: oauth.grants,
          approvals,
          listener,
          log,
          changed,
        }),
        window: oauth.window,
        flows,
        connections: oauth.connections,
        grants: oauth.grants,
        clients: {
          ...oauth.clients,
          register: (input) => oauth.clients.register(input, addresses.bestOrigin()),
        },
        callsToday: () => activity.callsToday(),
        workspaces,
        addressOf: addresses.of,
        workspacesChanged() {
          readSources()
          tell('workspaces.changed', {})
        },
        preferences,
        rotate: (given) => oauth.rotate(given),
        doctor,
        servers: {
          list: () => upstreams.list(),
          async add(input) {
            const server = await upstreams.add(input)
            readSources()
            return server
          },
          async remove(id) {
            const slug = upstreams.slugOf(id)
            await upstreams.remove(id)
            // A new server of that name must not find itself in old workspaces.
            workspaces.forget(slug)
            readSources()
          },
          restart: (id) => upstreams.restart(id),
        },
        tools: {
          list: () => catalog.all(),
          setEnabled(name, enabled) {
            toolSettings.setEnabled(name, enabled)
            catalog.refresh()
          },
        },
        approvals,
        activity,
      }),
      log,
    )

    undo.push(startSweeping({ oauth, approvals, clock, cutOff }))
    undo.push(() => log.info('host.stopping'))
    void upstreams
      .startAll()
      .then(readSources, (error) => log.error('upstreams.start', { error: errorText(error) }))
    log.info('host.ready', { port, vault: vault.status.kind })

    return {
      dispatch,
      on,
      mcpUrl: addresses.of(defaultWorkspace.name).localUrl,
      dataDir,
      log,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
