import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { withoutNulls } from '../../mcp/nulls.ts'
import { type GuardedFetch, TooLarge } from '../../net/guarded-fetch.ts'
import { lifetimes } from '../provider/lifetimes.ts'
import type { Records } from '../provider/records.ts'
import { type Cap, checkClientMetadata, createCap } from './registration.ts'
import { wellKnownClient } from './well-known-clients.ts'

/** Fetches that strangers can cause in ten minutes. */
const fetchesPerWindow = 30
/** oidc-provider asks twice when a client is refused; a document that failed is not asked for again so soon. */
const failureKept = 30_000
const mostFailures = 50
/**
 * How long a copy stands in for a document that cannot be read, in milliseconds from the owner's last yes: as long as any
 * approval that was given on it can live. It says what the owner was shown then, lets nobody in by itself (that takes the window,
 * the owner and, for a new browser, digits), and gives way to the document as soon as that can be read again. An app that
 * took an address back meanwhile is the worst that can be missed.
 */
const copyKept = lifetimes.absolute * 1000
const model = 'ClientDocument'

/** `unread`: its host did not give it to us. `unfit`: it was read, and cannot be used. */
type DocumentProblem = 'unread' | 'unfit'

/** It was read, and is not what it should be. */
class Unfit extends Error {}

/** The most a document may weigh (CIMD draft §6.6), and how long it may take; anybody can name its address. */
export const documentLimits = { maxBytes: 5 * 1024, timeLimit: 3_000, strangers: { ports: [443] } }

/** Throws an Error that says why there is none; its text is for the log. */
export async function fetchDocument(clientId: string, fetch: GuardedFetch): Promise<string> {
  const headers = { accept: 'application/json', 'user-agent': 'Drawbridge' }
  let tooLarge = false
  const response = await fetch(clientId, { headers }).catch((error: Error) => {
    if (!(error instanceof TooLarge)) throw error.cause ?? error
    tooLarge = true
    return error.head
  })
  if (response.status !== 200) throw new Error(`answered ${response.status}`)
  if (!/\bjson\b/i.test(response.headers.get('content-type') ?? '')) throw new Unfit('not JSON')
  if (tooLarge) throw new Unfit('too large')
  return response.text()
}

/** Throws when the document is about another client or declares what is not accepted. */
function reduce(clientId: string, text: string): string {
  let document: { client_id?: unknown } | null
  try {
    document = withoutNulls(JSON.parse(text))
  } catch {
    throw new Unfit('the document is not JSON')
  }
  if (document === null || typeof document !== 'object' || document.client_id !== clientId)
    throw new Unfit('the document names another client')
  const check = checkClientMetadata(document)
  if (!check.ok) throw new Unfit(check.error_description)
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

interface ClientDocumentsDeps {
  records: Pick<Records, 'get' | 'put'>
  clock: Clock
  log: Log
  hasGrant(clientId: string): boolean
  fetch: GuardedFetch
}

/**
 * Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document): the pinned copies, then the copies kept
 * at consent, then the network. Documents are reduced to what `checkClientMetadata` lets through before anybody else
 * sees them.
 */
export class ClientDocuments {
  readonly #deps: ClientDocumentsDeps
  readonly #cap: Cap
  readonly #failures = new Map<string, { at: number; why: DocumentProblem }>()

  constructor(deps: ClientDocumentsDeps) {
    this.#deps = deps
    this.#cap = createCap(fetchesPerWindow, 10 * 60_000, () => deps.clock.now())
  }

  #kept(clientId: string): string | undefined {
    return this.#deps.records.get(model, clientId)?.payload
  }

  /** Vouched for by us or by the owner: pinned, or kept at consent. */
  isTrusted(clientId: string): boolean {
    return wellKnownClient(clientId) !== null || this.#kept(clientId) !== undefined
  }

  /** Strangers may make us fetch only while the owner has a connecting window open. */
  mayFetch(clientId: string, windowOpen: boolean): boolean {
    return wellKnownClient(clientId) !== null || this.#deps.hasGrant(clientId) || windowOpen
  }

  /** Keeps a document as it was shown to the owner who said yes; pinned ones are known anyway. */
  keep(clientId: string, shown: string): void {
    if (wellKnownClient(clientId) === null) this.#deps.records.put(model, clientId, shown, null, copyKept)
  }

  /**
   * Whether the document differs from the one the owner said yes to: it may have become another app (CIMD draft on
   * changes of client metadata), so the owner has to look at it like at a new one.
   */
  hasChanged(clientId: string, shown: string): boolean {
    const before = this.#kept(clientId)
    return wellKnownClient(clientId) === null && before !== undefined && before !== shown
  }

  /** What was wrong with a document a moment ago. */
  problemWith(clientId: string): DocumentProblem | null {
    const found = this.#failures.get(clientId)
    return found !== undefined && this.#deps.clock.now() - found.at < failureKept ? found.why : null
  }

  /** oidc-provider's `fetch`: answers 200 with the reduced document, or throws. `fresh` asks the network again. */
  async fetch(clientId: string, fresh: boolean): Promise<Response> {
    const pinned = wellKnownClient(clientId)
    if (pinned !== null) return answer(reduce(clientId, JSON.stringify(pinned)), 300)
    const kept = this.#kept(clientId)
    if (kept !== undefined && !fresh) return answer(kept, 0)
    const isResting = this.problemWith(clientId) !== null
    if (isResting && kept !== undefined) return answer(kept, 0)
    if (isResting) throw new Error('failed a moment ago')
    try {
      if (!this.#cap.take()) throw new Error('too many documents were fetched')
      const document = reduce(clientId, await fetchDocument(clientId, this.#deps.fetch))
      this.#failures.delete(clientId)
      return answer(document, 300)
    } catch (error) {
      this.#failed(clientId, error instanceof Unfit ? 'unfit' : 'unread')
      this.#deps.log.info('oauth.document-refused', { clientId, error: errorText(error) })
      if (kept !== undefined) return answer(kept, 0)
      throw error
    }
  }

  #failed(clientId: string, why: DocumentProblem): void {
    const failures = this.#failures
    failures.delete(clientId)
    if (failures.size >= mostFailures) failures.delete(failures.keys().next().value!)
    failures.set(clientId, { at: this.#deps.clock.now(), why })
  }
}

/** `maxAge` in seconds: a kept copy must not stand in the way of a newer one for long. */
const answer = (document: string, maxAge: number): Response =>
  new Response(document, {
    headers: { 'content-type': 'application/json', 'cache-control': `max-age=${maxAge}` },
  })
