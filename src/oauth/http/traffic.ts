import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Traffic } from '../../kernel/traffic.ts'
import { explainError } from '../authorization/oauth-errors.ts'
import { claimedName } from '../clients/claimed-name.ts'
import type { ClientDocuments } from '../clients/client-documents.ts'
import type { RegisteredClients } from '../clients/registered-clients.ts'
import type { Grants } from '../grants/grants.ts'
import { grantOf } from '../provider/records.ts'

/** Listens to what oidc-provider did and tells it as traffic; nothing here decides anything. */
export function watchProvider(
  provider: Provider,
  deps: {
    origin: string
    clock: Clock
    log: Log
    grants: Pick<Grants, 'find'>
    documents: Pick<ClientDocuments, 'problemWith'>
    familyEnded(family: string): void
    registered: Pick<RegisteredClients, 'machineGrant'>
    onTraffic(event: Traffic): void
  },
): void {
  const { origin, clock, log, grants, onTraffic } = deps
  const tell = (kind: Traffic['kind'], ctx: KoaContextWithOIDC, error?: { message: string }) => {
    const { client, entities } = ctx.oidc
    const grantId =
      entities.Grant === undefined
        ? entities.ClientCredentials && client && deps.registered.machineGrant(client.clientId)
        : grantOf(entities.Grant.jti)
    const grant = grantId == null ? null : grants.find(grantId)
    onTraffic({
      at: clock.now(),
      kind,
      ok: error === undefined,
      origin,
      ...(client === undefined ? {} : { clientName: grant?.name ?? claimedName(client.clientName) }),
      ...(grant === null ? {} : { grantId: grant.id }),
      ...(error === undefined ? {} : { problem: explainError(ctx, error.message, deps.documents) }),
    })
  }
  const refused = (
    event: string,
    error: { message: string; error_description?: string; error_detail?: string },
  ) =>
    log.info(event, {
      origin,
      code: error.message,
      description: error.error_description,
      detail: error.error_detail,
    })

  provider.on('registration_create.success', (ctx) => tell('register', ctx))
  provider.on('registration_create.error', (ctx, error) => {
    refused('oauth.register-refused', error)
    tell('register', ctx, error)
  })
  provider.on('authorization.error', (ctx, error) => {
    refused('oauth.authorize-refused', error)
    if (error.message !== 'busy') tell('authorize', ctx, error)
  })
  provider.on('grant.success', (ctx) => tell('token', ctx))
  provider.on('grant.error', (ctx, error) => {
    refused('oauth.token-refused', error)
    tell('token', ctx, error)
  })
  // emitted when a whole approval ends: revoked by its client, or a code or refresh token was used twice
  provider.on('grant.revoked', (_ctx, family) => deps.familyEnded(family))
  provider.on('server_error', (ctx, error) =>
    log.error('oauth.server-error', { origin, path: ctx.path, error: errorText(error) }),
  )
}
