import { withoutNulls } from '../kernel/absent.ts'
import type { Clock } from '../kernel/clock.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { knownClient } from './known-clients.ts'
import { fetchPublicJson, type Outside } from './public-fetch.ts'
import type { Records } from './records.ts'
import { checkClientMetadata, createCap } from './registration.ts'

/** Fetches that strangers can cause in ten minutes. */
const fetchesPerWindow = 30
/** oidc-provider asks twice when a client is refused; a document that failed is not asked for again so soon. */
const failureKept = 30_000
const model = 'ClientDocument'

/** Throws when the document is about another client or declares what is not accepted. */
function reduce(clientId: string, text: string): string {
  const document = withoutNulls(JSON.parse(text)) as { client_id?: unknown }
  if (document === null || typeof document !== 'object' || document.client_id !== clientId)
    throw new Error('the document names another client')
  const check = checkClientMetadata(document)
  if (!check.ok) throw new Error(check.error_description)
  return JSON.stringify({ client_id: clientId, ...check.metadata })
}

/** The reduced document of a client as oidc-provider has it in hand right now, which is what the owner is shown. */
export const documentOf = (client: {
  clientId: string
  clientName?: string | undefined
  redirectUris?: readonly unknown[] | undefined
}): string =>
  reduce(
    client.clientId,
    JSON.stringify({
      client_id: client.clientId,
      client_name: client.clientName,
      redirect_uris: client.redirectUris,
    }),
  )

export type ClientDocuments = ReturnType<typeof createClientDocuments>

/**
 * Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document): the pinned copies, then the copies kept
 * at consent, then the network. Documents are reduced to what `checkClientMetadata` lets through before anybody else
 * sees them.
 */
export function createClientDocuments(deps: {
  records: Records
  clock: Clock
  log: Log
  hasGrant(clientId: string): boolean
  outside?: Outside | undefined
}) {
  const { records, clock, log, hasGrant } = deps
  const cap = createCap(fetchesPerWindow, 10 * 60_000, () => clock.now())
  let failed: { clientId: string; at: number } | null = null

  const kept = (clientId: string): string | undefined => records.get(model, clientId)?.payload

  return {
    /** Vouched for by us or by the owner: pinned, or kept at consent. */
    isTrusted: (clientId: string): boolean => knownClient(clientId) !== null || kept(clientId) !== undefined,
    /** Strangers may make us fetch only while the owner has a connecting window open. */
    mayFetch: (clientId: string, windowOpen: boolean): boolean =>
      knownClient(clientId) !== null || hasGrant(clientId) || windowOpen,
    /** Keeps a document as it was shown to the owner who said yes; pinned ones are known anyway. */
    keep(clientId: string, shown: string): void {
      if (knownClient(clientId) === null) records.put(model, clientId, shown, null, null)
    },
    /**
     * Whether the document differs from the one the owner said yes to: it may have become another app (CIMD draft on
     * changes of client metadata), so the owner has to look at it like at a new one.
     */
    hasChanged(clientId: string, shown: string): boolean {
      const before = kept(clientId)
      return knownClient(clientId) === null && before !== undefined && before !== shown
    },
    /** oidc-provider's `fetch`: answers 200 with the reduced document, or throws. `fresh` asks the network again. */
    async fetch(clientId: string, fresh: boolean): Promise<Response> {
      const pinned = knownClient(clientId)
      if (pinned !== null) return answer(reduce(clientId, JSON.stringify(pinned)), 300)
      const stored = hasGrant(clientId) ? kept(clientId) : undefined
      if (stored !== undefined && !fresh) return answer(stored, 0)
      const resting = failed?.clientId === clientId && clock.now() - failed.at < failureKept
      if (resting && stored !== undefined) return answer(stored, 0)
      if (resting) throw new Error('failed a moment ago')
      try {
        if (!cap.take()) throw new Error('too many documents were fetched')
        const document = reduce(clientId, await fetchPublicJson(clientId, deps.outside))
        failed = null
        return answer(document, 300)
      } catch (error) {
        failed = { clientId, at: clock.now() }
        log.info('oauth.document-refused', { clientId, error: errorText(error) })
        if (stored !== undefined) return answer(stored, 0)
        throw error
      }
    },
  }
}

/** `maxAge` in seconds: a kept copy must not stand in the way of a newer one for long. */
const answer = (document: string, maxAge: number): Response =>
  new Response(document, {
    headers: { 'content-type': 'application/json', 'cache-control': `max-age=${maxAge}` },
  })
