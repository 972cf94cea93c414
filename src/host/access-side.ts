import { SignInCounts } from '../activity/sign-in-counts.ts'
import type { Traffic } from '../kernel/traffic.ts'
import { createAuthorizationServer } from '../oauth/authorization-server.ts'
import type { AuthorizationServer } from '../oauth/interface.ts'
import { issuerOf } from '../oauth/provider/issuers.ts'
import { authorizationServerMetadata } from '../oauth/provider/metadata.ts'
import { defaultWorkspace } from '../oauth/provider/resources.ts'
import { offeredScopes } from '../oauth/provider/scopes.ts'
import { createConnectFlows } from '../setup/connect-flow.ts'
import type { Endpoints } from '../setup/connect-steps.ts'
import { createDoctor } from '../setup/doctor/doctor.ts'
import { MovedAddress } from '../setup/moved.ts'
import { createPublicFetch } from '../tunnel/public-fetch.ts'
import type { Base } from './base.ts'
import type { Reach } from './bridge/reach.ts'
import type { CallingSide } from './calling-side.ts'
import { registrationsFullWords } from './notices/strangers.ts'

/** Who may get in: the authorization server, the steps that lead a person there, and the doctor who walks them. */
export async function createAccessSide(base: Base, reach: Reach, calling: CallingSide) {
  const { clock, undo, db, settings, vault, log } = base
  const { catalog, connectorSlugs, folders, servers } = calling

  const flows = createConnectFlows({
    clock,
    bridge: () => reach.bridge(),
    window: () => oauth.window.state(),
    grants: () => oauth.grants.list(),
    endpoints: endpointsAt,
    folder: () => folders.names[0] ?? null,
  })
  undo.push(() => flows.stop())
  folders.events.on('changed', () => flows.refresh())
  const publicFetch = createPublicFetch(base.network)
  undo.push(() => publicFetch.close())
  const doctor = doctorOf(base, reach, calling, publicFetch.fetch, () => oauth)
  undo.push(() => doctor.stop())
  const signIns = new SignInCounts(db, clock, log)
  undo.push(() => signIns.stop())
  // What the doctor asks must not tick anybody's steps; it never gives a name.
  const onTraffic = (event: Traffic) => {
    signIns.note(event)
    const isNamed = event.clientName !== undefined || event.grantId !== undefined
    if (isNamed || !doctor.isRunning()) flows.observe(event)
  }
  const oauth = await createAuthorizationServer({
    db,
    settings,
    vault,
    clock,
    log,
    last: base.reserve,
    origins: () => reach.origins(),
    signsInAt: (origin) => reach.signsInAt(origin),
    workspaces: () => base.workspaces.names(),
    redirectDomains: () => base.preferences.get().redirectDomains,
    connectorScopes: () => connectorSlugs.map((slug) => `${slug}.read`),
    serverScopes: (workspace) =>
      servers
        .list()
        .filter(({ slug, state }) => state !== 'draft' && base.workspaces.of(slug).includes(workspace))
        .map(({ slug }) => `${slug}.read`),
    // Stable ids, which grants refer to.
    toolNames: () => catalog.all().map((tool) => tool.id),
    onTraffic,
    network: base.network,
  })
  undo.push(() => oauth.stop())
  const moved = new MovedAddress({
    ...{ settings, clock },
    grants: () => oauth.grants.list(),
    connections: () => oauth.connections.list(),
    expects: () => oauth.window.state().expects,
    addressOf: (workspace) => reach.addressOf(workspace).publicUrl,
    tunnelId: () => reach.bridge().tunnelId ?? null,
  })

  return { oauth, flows, doctor, moved, signIns, onTraffic }
}

/** Walks the steps that lead a person there, as a stranger would. */
function doctorOf(
  { clock, log, redactor, instance }: Base,
  reach: Reach,
  { catalog }: CallingSide,
  publicFetch: ReturnType<typeof createPublicFetch>['fetch'],
  oauth: () => AuthorizationServer,
) {
  return createDoctor({
    ...{ clock, log, redactor, instance },
    // undici's, which takes whatever fetch takes
    fetch: publicFetch as unknown as typeof fetch,
    address: (workspace) => reach.addressOf(workspace),
    windowOpen: () => oauth().window.state().open,
    registrationsFull() {
      const full = oauth().registrationsFull()
      return full && registrationsFullWords(full)
    },
    bridge: () => reach.bridge(),
    toolNames: () => catalog.all().map((tool) => tool.name),
    away: () => reach.presence?.away() ?? [],
  })
}

export type AccessSide = Awaited<ReturnType<typeof createAccessSide>>

/** As its metadata says it, for forms that do not read that. */
function endpointsAt(publicUrl: string): Endpoints {
  const issuer = issuerOf(new URL(publicUrl).origin, defaultWorkspace)
  const metadata = authorizationServerMetadata(issuer, offeredScopes())
  return {
    authorization: metadata.authorization_endpoint,
    token: metadata.token_endpoint,
    registration: metadata.registration_endpoint,
    scopes: metadata.scopes_supported.join(' '),
  }
}
