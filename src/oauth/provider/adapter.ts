import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import type { Records } from './records.ts'

/** The one family of a client that lets itself in with its secret. */
const machineFamilyOf = (grantId: string): string => `${grantId}.credentials`

/** Never stored: nobody is logged in at a browser, so nothing can skip the owner's decision. */
const absent: Adapter = {
  upsert: async () => undefined,
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
}

/** Clients registered by hand, as far as storage is concerned. */
export interface HandRegistered {
  metadata(clientId: string): AdapterPayload | undefined
  /** The grant behind `client_credentials`; null when there is none. */
  machineGrant(clientId: string): string | null
}

const needsGrant: ReadonlySet<string> = new Set(['AccessToken', 'AuthorizationCode', 'RefreshToken'])
const endsWithGrant: ReadonlySet<string> = new Set([...needsGrant, 'Grant', 'ClientCredentials'])

/**
 * oidc-provider's storage over our records. `find` gives back the raw id, which is not in the stored payload. What one
 * issuer wrote does not exist for another: clients alone are shared, and a client is nothing without a grant.
 */
export function createAdapter(
  records: Records,
  model: string,
  issuer?: string,
  registered?: HandRegistered,
): Adapter {
  if (model === 'Session') return absent
  /** Client credentials carry no grant of oidc-provider's; ours is found by the client (RFC 6749 §4.4). */
  const familyOf = (id: string, payload: AdapterPayload): string | null => {
    if (model === 'Grant') return id
    if (model !== 'ClientCredentials') return payload.grantId ?? null
    const grantId = registered?.machineGrant(payload.clientId ?? '') ?? null
    const family = grantId === null ? null : machineFamilyOf(grantId)
    if (family === null || !records.isLiveFamily(family))
      throw new errors.UnauthorizedClient('the access of this client was revoked')
    return family
  }

  return {
    async upsert(id, payload, expiresIn) {
      const { jti: _jti, ...kept } = payload
      if (model === 'Client') return records.putClient(id, JSON.stringify(kept))
      if (issuer !== undefined) kept.issuer = issuer
      // the way back to an authorization ends in its id, which is a secret of that browser
      if (typeof kept.returnTo === 'string') kept.returnTo = kept.returnTo.slice(0, -id.length)
      const family = familyOf(id, payload)
      if (
        needsGrant.has(model) &&
        (family === null || records.get('Grant', family) === undefined || !records.isLiveFamily(family))
      )
        throw new errors.InvalidGrant('the approval was revoked meanwhile')
      const lifetime = expiresIn === undefined ? null : expiresIn * 1000
      records.put(model, id, JSON.stringify(kept), family, lifetime)
      if (model === 'ClientCredentials' && family !== null) records.trimMachine(family)
    },
    async find(id) {
      const byHand = model === 'Client' ? registered?.metadata(id) : undefined
      if (byHand !== undefined) return byHand
      const row = records.get(model, id)
      if (row === undefined) return undefined
      const { issuer: writer, ...payload } = JSON.parse(row.payload) as AdapterPayload
      if (model === 'Client') return payload
      // records of before there were several have no issuer; their resource still has to fit
      if (writer !== undefined && writer !== issuer) return undefined
      // a grant that has ended by its time may be prolonged, so its records stay, unseen
      if (endsWithGrant.has(model) && row.grant_id !== null && !records.isLiveFamily(row.grant_id))
        return undefined
      payload.jti = id
      if (typeof payload.returnTo === 'string') payload.returnTo += id
      const consumed = records.consumedAt(model, id, row)
      if (consumed !== null) payload.consumed = consumed
      return payload
    },
    findByUserCode: async () => undefined,
    findByUid: async () => undefined,
    async consume(id) {
      if (!records.consume(model, id)) throw new errors.InvalidGrant('already used')
    },
    destroy: async (id) => records.destroy(model, id),
    revokeByGrantId: async (family) => records.destroyByGrant(model, family),
  }
}
