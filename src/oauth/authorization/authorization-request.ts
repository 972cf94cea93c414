import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { ClientKind, Grant } from '../../contract/access.ts'
import { HostError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { type ClientDocuments, documentOf } from '../clients/client-documents.ts'
import { isExpected } from '../clients/well-known-clients.ts'
import type { RegisteredClients } from '../clients/registered-clients.ts'
import type { Asking, Choice } from './connection-requests.ts'
import type { Grants } from '../grants/grants.ts'
import type { Issuer } from '../provider/issuers.ts'
import type { Records } from '../provider/records.ts'
import { parseResource } from '../provider/resources.ts'
import { normalizeScope } from '../provider/scopes.ts'
import { claimedName } from './claimed-name.ts'
import type { KnownBrowsers } from './remembered-browsers.ts'
import { ownerId } from './owner.ts'
import { isLoopbackHost, redirectHost } from './redirects.ts'

type Interaction = InstanceType<Provider['Interaction']>

export interface AskingDeps {
  records: Records
  grants: Grants
  documents: ClientDocuments
  browsers: Pick<KnownBrowsers, 'knows'>
  /** What can be asked for at an issuer, and whether it is still there. */
  scopesOf(issuer: Pick<Issuer, 'workspace'>): readonly string[]
  isServed(issuer: Pick<Issuer, 'origin' | 'workspace'>): boolean
  /** Told when a client was let in. */
  approved(grant: Grant, origin: string): void
  /** Takes a grant back that could not be completed. */
  revoke(grantId: string): void
  registered: Pick<RegisteredClients, 'has' | 'scopes'>
  toolNames?: (() => string[]) | undefined
}

/** Turns an interaction of oidc-provider into a request the owner can decide, and the decision into its result. */
export function askOwner(
  deps: AskingDeps,
  ctx: KoaContextWithOIDC,
  provider: Provider,
  interaction: Interaction,
  expects: ClientKind | null,
): Asking {
  const { client } = ctx.oidc
  const { redirect_uri, resource, scope } = interaction.params as Record<string, string | undefined>
  const asked = parseResource(resource ?? '')
  if (client === undefined || redirect_uri === undefined || asked === null)
    throw new Error('an authorization request without client, redirect URI or resource')
  const clientId = client.clientId
  const document = client.clientIdMetadataDocument === true ? documentOf(client) : null
  const clientName = claimedName(client.clientName)
  const host = redirectHost(redirect_uri)
  const scopes = normalizeScope(scope, deps.scopesOf(asked)).split(' ')
  const { workspace, origin } = asked
  const known = deps.grants.findClient(clientId, host, workspace)

  /** The interaction as it is stored now, or null when the browser took too long. */
  const answer = async (result: Interaction['result']): Promise<boolean> => {
    const stored = await provider.Interaction.find(interaction.uid)
    if (stored === undefined) return false
    stored.result = result
    await stored.persist()
    return true
  }

  const allow = async (choice: Choice): Promise<Grant> => {
    // CVE-2025-4143: looked at again when it counts, not only when it was asked
    const current = await provider.Client.find(clientId)
    if (current?.redirectUriAllowed(redirect_uri) !== true || !deps.isServed(asked)) throw requestGone()
    const { grant, added } = deps.grants.admit({
      clientId,
      clientName,
      redirectHost: host,
      workspace,
      access: choice.access,
      tools: choice.tools,
      expiresAt: choice.expiresAt ?? null,
    })
    try {
      // one family per approval: stolen tokens of one device do not end another's (RFC 9700 §4.14.2)
      const family = `${grant.id}.${newId('family')}`
      const approval = new provider.Grant({ accountId: ownerId, clientId, jti: family } as never)
      approval.addResourceScope(resource!, scopes.join(' '))
      await approval.save()
      const done = await answer({
        login: { accountId: ownerId, remember: false },
        consent: { grantId: family },
        select_account: {},
      })
      if (!done) throw requestGone()
    } catch (error) {
      if (added) deps.revoke(grant.id)
      throw error
    }
    deps.records.keepClient(clientId)
    if (document !== null) deps.documents.keep(clientId, document)
    deps.approved(grant, origin)
    return grant
  }

  return {
    uid: interaction.uid,
    issuer: provider.issuer,
    clientName,
    clientId,
    registration: deps.registered.has(clientId)
      ? 'manual'
      : document !== null
        ? 'metadata-document'
        : 'dynamic',
    redirectHost: host,
    expected: isExpected(expects, { clientId, redirectHost: host, onThisComputer: isLoopbackHost(host) }),
    workspace,
    scopes,
    returning: known !== null,
    needsDigits:
      known === null ||
      known.expired ||
      (document !== null && deps.documents.hasChanged(clientId, document)) ||
      !deps.browsers.knows(ctx.req, origin, known.id),
    check: (choice) => {
      checkTools(choice.tools, deps.toolNames)
      deps.grants.checkExpiry(choice.expiresAt)
    },
    allow,
    refuse: async (reason) => {
      const error_description =
        reason === 'declined' ? 'The owner declined.' : 'The owner did not answer in time.'
      await answer({ error: 'access_denied', error_description })
    },
  }
}

/** Whether the client that asks now is the one that asks already: by its id, or, if it registered anew, by all it shows of itself. */
export function isSameClient(asking: Asking, { oidc }: KoaContextWithOIDC): boolean {
  const { client, params, provider } = oidc
  if (client === undefined || provider.issuer !== asking.issuer) return false
  if (client.clientId === asking.clientId) return true
  const host = redirectHost(String(params?.redirect_uri))
  return claimedName(client.clientName) === asking.clientName && host === asking.redirectHost
}

const requestGone = () =>
  new HostError({
    code: 'request-gone',
    message: 'The app stopped waiting before you answered.',
    hint: 'Press Connect here, then start connecting again in the other app.',
  })

/** Throws HostError `unknown-tool`. */
export function checkTools(tools: string[] | null, toolNames: (() => string[]) | undefined): void {
  if (tools === null || toolNames === undefined) return
  const known = new Set(toolNames())
  const unknown = tools.filter((tool) => !known.has(tool))
  if (unknown.length > 0)
    throw new HostError({
      code: 'unknown-tool',
      message: 'One of the chosen tools is not there any more.',
      hint: 'Look at the list of tools again and choose anew.',
      detail: unknown.slice(0, 10).join(', '),
    })
}
