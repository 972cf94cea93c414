import type { Bridge } from '../contract/status.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Traffic } from '../kernel/traffic.ts'
import type { Network } from '../net/network.ts'
import { createAuthorizationServer } from '../oauth/authorization-server.ts'
import { createConnectFlows } from '../setup/connect-flow.ts'
import { createDoctor } from '../setup/doctor/doctor.ts'
import { createPublicFetch } from '../tunnel/public-fetch.ts'
import type { Addresses } from './bridge/addresses.ts'
import type { Folder, Undo } from './handlers/open-folder.ts'
import type { createPreferences } from './handlers/preferences.ts'
import { registrationsFullWords } from './notices/strangers.ts'

/** Who may get in: the authorization server, the steps that lead a person there, and the doctor who walks them. */
export async function createAccessSide(deps: {
  folder: Folder
  clock: Clock
  undo: Undo
  network: Network
  instance: string
  addresses: Addresses
  bridge(): Bridge
  workspaces(): string[]
  preferences: ReturnType<typeof createPreferences>
  connectorSlugs: readonly string[]
  /** Stable ids, which grants refer to, and the names that clients see. */
  toolIds(): string[]
  toolNames(): string[]
}) {
  const { folder, clock, undo, addresses, connectorSlugs } = deps
  const { db, settings, vault, log, redactor } = folder

  const flows = createConnectFlows({
    clock,
    bridge: deps.bridge,
    window: () => oauth.window.state(),
    grants: () => oauth.grants.list(),
  })
  undo.push(() => flows.stop())
  const publicFetch = createPublicFetch(deps.network)
  undo.push(() => publicFetch.close())
  const doctor = createDoctor({
    clock,
    log,
    redactor,
    // undici's, which takes whatever fetch takes
    fetch: publicFetch.fetch as unknown as typeof fetch,
    address: addresses.of,
    instance: deps.instance,
    windowOpen: () => oauth.window.state().open,
    registrationsFull() {
      const full = oauth.registrationsFull()
      return full && registrationsFullWords(full)
    },
    bridge: deps.bridge,
    toolNames: deps.toolNames,
  })
  undo.push(() => doctor.stop())
  // What the doctor asks must not tick anybody's steps; it never gives a name.
  const onTraffic = (event: Traffic) => {
    const isNamed = event.clientName !== undefined || event.grantId !== undefined
    if (isNamed || !doctor.isRunning()) flows.observe(event)
  }
  const oauth = await createAuthorizationServer({
    db,
    settings,
    vault,
    clock,
    log,
    origins: addresses.origins,
    workspaces: deps.workspaces,
    redirectDomains: () => deps.preferences.get().redirectDomains,
    connectorScopes: () => connectorSlugs.map((slug) => `${slug}.read`),
    toolNames: deps.toolIds,
    onTraffic,
    network: deps.network,
  })
  undo.push(() => oauth.stop())

  return { oauth, flows, doctor, onTraffic }
}

export type AccessSide = Awaited<ReturnType<typeof createAccessSide>>
