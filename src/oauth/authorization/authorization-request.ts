import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { ClientKind, Grant } from '../../contract/access.ts'
import { HostError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { claimedName } from '../clients/claimed-name.ts'
import { type ClientDocuments, documentOf } from '../clients/client-documents.ts'
import { isLoopbackHost, redirectHost } from '../clients/redirects.ts'
import type { RegisteredClients } from '../clients/registered-clients.ts'
import { isExpected } from '../clients/well-known-clients.ts'
import type { Grants } from '../grants/grants.ts'
import type { Issuer } from '../provider/issuers.ts'
import type { Records } from '../provider/records.ts'
import { defaultWorkspace, parseResource } from '../provider/resources.ts'
import { normalizeScope } from '../provider/scopes.ts'
import type { AuthorizationRequest, Choice } from './connection-requests.ts'
import type { RememberedBrowsers } from './remembered-browsers.ts'

type Interaction = InstanceType<Provider['Interaction']>

/** There is one person: the owner of this Drawbridge. */
export const ownerId = 'owner'

export interface OwnerRequestDeps {
  records: Pick<Records, 'keepClient'>
  grants: Pick<Grants, 'findClient' | 'admit' | 'checkExpiry'>
  documents: Pick<ClientDocuments, 'keep' | 'hasChanged'>
  browsers: Pick<RememberedBrowsers, 'knows'>
  registered: Pick<RegisteredClients, 'has'>
  /** What can be asked for at an issuer, and whether it is still there. */
  scopesOf(issuer: Pick<Issuer, 'workspace'>): readonly string[]
  isServed(issuer: Pick<Issuer, 'origin' | 'workspace'>): boolean
  /** Told when a client was let in. */
  approved(grant: Grant, origin: string): void
  /** Takes a grant back that could not be completed. */
  revoke(grantId: string): void
  toolNames?: (() => string[]) | undefined
  /** Throws HostError `workspace-unknown`. */
  checkWorkspace(name: string): void
}

/** An interaction of oidc-provider as a request the owner can decide; carries the decision into its result. */
export class OwnerRequest implements AuthorizationRequest {
  readonly uid: string
  readonly issuer: string
  readonly shown: AuthorizationRequest['shown']
  readonly #deps: OwnerRequestDeps
  readonly #provider: Provider
  readonly #redirectUri: string
  readonly #resource: string
  readonly #origin: string
  /** The client's metadata document as the owner is shown it; null: it has none. */
  readonly #document: string | null

  /** `expects`: what the owner opened the window for. */
  constructor(
    deps: OwnerRequestDeps,
    ctx: KoaContextWithOIDC,
    interaction: Interaction,
    expects: ClientKind | null,
  ) {
    const { client, provider } = ctx.oidc
    const { redirect_uri, resource = '', scope } = interaction.params as Record<string, string | undefined>
    const asked = parseResource(resource)
    if (client === undefined || redirect_uri === undefined || asked === null)
      throw new Error('an authorization request without client, redirect URI or resource')
    this.uid = interaction.uid
    this.issuer = provider.issuer
    this.#deps = deps
    this.#provider = provider
    this.#redirectUri = redirect_uri
    this.#resource = resource
    this.#origin = asked.origin
    this.#document = client.clientIdMetadataDocument === true ? documentOf(client) : null
    const { clientId } = client
    const host = redirectHost(redirect_uri)
    const entry = deps.grants.findClient(clientId, host, asked.workspace)
    this.shown = {
      clientName: claimedName(client.clientName),
      clientId,
      registration: this.#registrationOf(clientId),
      redirectHost: host,
      expected: isExpected(expects, { clientId, redirectHost: host, onThisComputer: isLoopbackHost(host) }),
      workspace: asked.workspace,
      scopes: normalizeScope(scope, deps.scopesOf(asked)).split(' '),
      returning: entry !== null,
      needsDigits:
        entry === null ||
        entry.expired ||
        (this.#document !== null && deps.documents.hasChanged(clientId, this.#document)) ||
        // Where its browser is: that is another address, where the resource has none.
        !deps.browsers.knows(ctx.req, new URL(provider.issuer).origin, entry.id),
    }
  }

  #registrationOf(clientId: string): AuthorizationRequest['shown']['registration'] {
    if (this.#deps.registered.has(clientId)) return 'manual'
    return this.#document === null ? 'dynamic' : 'metadata-document'
  }

  check(choice: Choice): void {
    checkTools(choice.tools, this.#deps.toolNames)
    this.#workspaceOf(choice)
    this.#deps.grants.checkExpiry(choice.expiresAt)
  }

  async allow(choice: Choice): Promise<Grant> {
    const { records, grants, documents, isServed, revoke, approved } = this.#deps
    const { clientId, clientName, redirectHost, workspace: address } = this.shown
    // CVE-2025-4143: looked at again when it counts, not only when it was asked
    const current = await this.#provider.Client.find(clientId)
    const isAllowed = current?.redirectUriAllowed(this.#redirectUri) === true
    if (!isAllowed || !isServed({ workspace: address, origin: this.#origin })) throw requestGone()
    // Only now: it may have been removed while the client was looked up.
    const workspace = this.#workspaceOf(choice)
    const { access, tools, expiresAt = null } = choice
    const admission = { clientId, clientName, redirectHost, workspace, address, access, tools, expiresAt }
    const { grant, added } = grants.admit(admission)
    try {
      await this.#approve(grant.id)
    } catch (error) {
      if (added) revoke(grant.id)
      throw error
    }
    records.keepClient(clientId)
    if (this.#document !== null) documents.keep(clientId, this.#document)
    approved(grant, this.#origin)
    return grant
  }

  /**
   * Left out: as before, or what it asked for. A part of that, or that itself: the address of all tools can lead to any workspace, every other address only to its own.
   * Throws HostError `workspace-fixed-by-address` or `workspace-unknown`.
   */
  #workspaceOf({ workspace: wanted }: Choice): string {
    const { workspace: asked, clientId, redirectHost } = this.shown
    if (wanted === undefined)
      return this.#deps.grants.findClient(clientId, redirectHost, asked)?.workspace ?? asked
    if (wanted === asked) return asked
    if (asked !== defaultWorkspace) throw new HostError({ code: 'workspace-fixed-by-address' })
    this.#deps.checkWorkspace(wanted)
    return wanted
  }

  /** One family per approval: stolen tokens of one device do not end another's (RFC 9700 §4.14.2). */
  async #approve(grantId: string): Promise<void> {
    const { clientId, scopes } = this.shown
    const family = `${grantId}.${newId('family')}`
    const approval = new this.#provider.Grant({ accountId: ownerId, clientId, jti: family } as never)
    approval.addResourceScope(this.#resource, scopes.join(' '))
    await approval.save()
    const done = await this.#answer({
      login: { accountId: ownerId, remember: false },
      consent: { grantId: family },
      select_account: {},
    })
    if (!done) throw requestGone()
  }

  async refuse(reason: 'declined' | 'expired'): Promise<void> {
    const error_description =
      reason === 'declined' ? 'The owner declined.' : 'The owner did not answer in time.'
    await this.#answer({ error: 'access_denied', error_description })
  }

  /** False when the browser took too long: nothing is stored of it any more. */
  async #answer(result: Interaction['result']): Promise<boolean> {
    const stored = await this.#provider.Interaction.find(this.uid)
    if (stored === undefined) return false
    stored.result = result
    await stored.persist()
    return true
  }
}

/** Whether the client that asks now is the one that asks already: by its id, or, if it registered anew, by all it shows of itself. */
export function isSameClient(asked: AuthorizationRequest, { oidc }: KoaContextWithOIDC): boolean {
  const { client, params, provider } = oidc
  if (client === undefined || provider.issuer !== asked.issuer) return false
  if (client.clientId === asked.shown.clientId) return true
  const host = redirectHost(String(params?.redirect_uri))
  return claimedName(client.clientName) === asked.shown.clientName && host === asked.shown.redirectHost
}

const requestGone = () =>
  new HostError({
    code: 'request-gone',
  })

/** Throws HostError `unknown-tool`. */
export function checkTools(tools: string[] | null, toolNames: (() => string[]) | undefined): void {
  if (tools === null || toolNames === undefined) return
  const known = new Set(toolNames())
  const unknown = tools.filter((tool) => !known.has(tool))
  if (unknown.length > 0)
    throw new HostError({
      code: 'unknown-tool',
      detail: unknown.slice(0, 10).join(', '),
    })
}
