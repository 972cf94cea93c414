import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Clock } from '../../kernel/clock.ts'
import type { Emitter } from '../../kernel/emitter.ts'
import type { Traffic } from '../../kernel/traffic.ts'
import type { ClientDocuments } from '../clients/client-documents.ts'
import { RegistrationBudget } from '../clients/registration-budget.ts'
import type { AuthorizationEvents } from '../events.ts'
import type { Access } from '../grants/access.ts'
import { cookieNames } from '../provider/cookies.ts'
import { isSameClient, OwnerRequest, type OwnerRequestDeps } from './authorization-request.ts'
import { type BrowserBinding, createBrowserBinding } from './browser-binding.ts'
import { ConnectingWindow } from './connecting-window.ts'
import { ConnectionRequests } from './connection-requests.ts'
import type { RequestSlot } from './interaction-policy.ts'
import { createRememberedBrowsers, type RememberedBrowsers } from './remembered-browsers.ts'

interface ConsentDeps
  extends Pick<OwnerRequestDeps, 'scopesOf' | 'isServed' | 'revoke' | 'toolNames' | 'checkWorkspace'> {
  clock: Clock
  access: Access
  documents: ClientDocuments
  events: Emitter<AuthorizationEvents>
  onTraffic(event: Traffic): void
  failed(error: unknown): void
  /** Instead of the usual numbers, for tests. */
  registrationsPerHour: number | undefined
}

/** How the owner comes to decide: the window in which apps may register and ask, the request that waits, and its browser. */
export class Consent {
  readonly window: ConnectingWindow
  readonly requests: ConnectionRequests
  readonly registrations: RegistrationBudget
  readonly browsers: RememberedBrowsers
  readonly browserBinding: BrowserBinding
  readonly #deps: ConsentDeps
  readonly #reservations = new WeakMap<KoaContextWithOIDC, object>()

  constructor(deps: ConsentDeps) {
    const { clock, events, access, failed } = deps
    this.#deps = deps
    this.browsers = createRememberedBrowsers(access.records)
    this.browserBinding = createBrowserBinding(access.records)
    this.window = new ConnectingWindow({
      clock,
      changed: (state) => {
        if (state.open) for (const one of [this.requests, this.registrations]) one.opened()
        else this.requests.expire()
        events.emit('window.changed', state)
      },
    })
    this.requests = new ConnectionRequests({
      clock,
      window: this.window,
      asked: (request) => events.emit('connections.asked', request),
      changed: (list) => events.emit('connections.changed', list),
      gaveUp: () => events.emit('window.gave-up', {}),
      failed,
    })
    this.registrations = new RegistrationBudget({
      clock,
      most: deps.registrationsPerHour,
      window: () => this.window.state(),
      full: (what) => events.emit('registrations.full', what),
    })
  }

  /** Where the requests of one origin's issuers wait for the owner: it is the same place for all. */
  slotAt(origin: string): RequestSlot {
    const { requests, browserBinding } = this
    const { asks } = cookieNames(origin)
    return {
      reserve: (ctx) => {
        const held = requests.reserve(
          (asked) => isSameClient(asked, ctx) && browserBinding.started(ctx.req, asks, asked.uid),
        )
        if (held !== null) this.#reservations.set(ctx, held)
        return held !== null
      },
      begin: (ctx, interaction) => {
        const asked = new OwnerRequest(this.#requestDeps(), ctx, interaction, this.window.state().expects)
        requests.begin(this.#reservations.get(ctx)!, asked)
        this.#tellAsked(origin, asked)
      },
      settle: (ctx) => {
        const held = this.#reservations.get(ctx)
        if (held !== undefined) requests.release(held)
      },
    }
  }

  #tellAsked(origin: string, { shown }: OwnerRequest): void {
    const { clock, onTraffic } = this.#deps
    const seen = { at: clock.now(), ok: true, origin, clientName: shown.clientName }
    if (shown.registration === 'metadata-document') onTraffic({ ...seen, kind: 'register' })
    onTraffic({ ...seen, kind: 'authorize' })
  }

  #requestDeps(): OwnerRequestDeps {
    const { access, documents, clock, onTraffic, scopesOf, isServed, revoke, toolNames, checkWorkspace } =
      this.#deps
    const { records, grants, registered } = access
    return {
      records,
      grants,
      registered,
      documents,
      browsers: this.browsers,
      scopesOf,
      isServed,
      revoke,
      toolNames,
      checkWorkspace,
      approved: (grant, origin) =>
        onTraffic({
          at: clock.now(),
          kind: 'approved',
          ok: true,
          origin,
          clientName: grant.name,
          grantId: grant.id,
        }),
    }
  }

  stop(): void {
    this.window.stop()
  }
}
