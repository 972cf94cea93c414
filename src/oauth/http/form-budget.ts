import type { IncomingMessage } from 'node:http'
import type { Clock } from '../../kernel/clock.ts'
import type { RegisteredClients } from '../clients/registered-clients.ts'
import { type Cap, createCap } from '../clients/registration.ts'
import { grantOf, type Records } from '../provider/records.ts'

/** Forms a minute from all who show nothing that we gave out. Honest apps send a handful while they are let in. */
const strangersPerMinute = 600
/** Forms a minute for one grant: tokens last an hour, and a client that signs in by itself may want one for each of its tasks. */
const perGrantPerMinute = 600
const mostGrants = 1_000
const minute = 60_000

/** Where what we gave out may stand in a form (RFC 6749 §4.1.3 and §6, RFC 7009 §2.1). */
const shown: [model: string, field: string][] = [
  ['RefreshToken', 'refresh_token'],
  ['AuthorizationCode', 'code'],
  ['RefreshToken', 'token'],
  ['AccessToken', 'token'],
]

export interface FormBudgetDeps {
  clock: Clock
  records: Pick<Records, 'get'>
  registered: Pick<RegisteredClients, 'secretMatches' | 'machineGrant'>
}

/**
 * Limits what comes to the token and revocation endpoints. A form belongs to a grant by the code, token or secret in it and
 * never by the name it gives, which anybody can: so nobody can use up another's.
 */
export class FormBudget {
  readonly #deps: FormBudgetDeps
  readonly #strangers: Cap
  readonly #grants = new Map<string, Cap>()

  constructor(deps: FormBudgetDeps) {
    this.#deps = deps
    this.#strangers = createCap(strangersPerMinute, minute, () => deps.clock.now())
  }

  /** False: too many. */
  take(req: IncomingMessage, body: Buffer): boolean {
    const grantId = this.#grantBehind(req, new URLSearchParams(body.toString('utf8')))
    return grantId === null ? this.#strangers.take() : this.#capOf(grantId).take()
  }

  #capOf(grantId: string): Cap {
    const found = this.#grants.get(grantId)
    if (found !== undefined) return found
    if (this.#grants.size >= mostGrants) this.#grants.delete(this.#grants.keys().next().value!)
    const cap = createCap(perGrantPerMinute, minute, () => this.#deps.clock.now())
    this.#grants.set(grantId, cap)
    return cap
  }

  #grantBehind(req: IncomingMessage, form: URLSearchParams): string | null {
    const { records, registered } = this.#deps
    for (const [model, field] of shown) {
      const value = form.get(field)
      const family = value === null ? null : records.get(model, value)?.grant_id
      if (family != null) return grantOf(family)
    }
    const [clientId, secret] = credentials(req, form)
    return registered.secretMatches(clientId, secret) ? registered.machineGrant(clientId) : null
  }
}

/** RFC 6749 §2.3.1, both ways. */
function credentials(req: IncomingMessage, form: URLSearchParams): [clientId: string, secret: string] {
  const basic = /^Basic +([A-Za-z0-9+/=]{1,4096})$/i.exec(req.headers.authorization ?? '')?.[1]
  const [id = '', secret = ''] =
    basic === undefined
      ? [form.get('client_id') ?? '', form.get('client_secret') ?? '']
      : Buffer.from(basic, 'base64').toString('utf8').split(':')
  return [id, secret]
}
