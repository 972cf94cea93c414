import { Provider } from 'oidc-provider'
import { newToken } from '../../kernel/ids.ts'
import type { Records } from './records.ts'

/** What is decided by us whenever oidc-provider looks at a client, whichever way the client became known. */
export interface ClientRules {
  /** Compares in a time that says nothing about the secret. */
  secretMatches(clientId: string, secret: string): boolean
  /** Whether the owner's list of hosts lets anybody be sent there. */
  redirectAllowed(uri: string): boolean
}

interface ClientPrototype {
  clientId: string
  compareClientSecret(actual: string): boolean
  redirectUriAllowed(uri: string): boolean
}

/** oidc-provider would compare secrets as stored; ours are stored hashed. It offers no hook for either, hence the prototype. */
export function governClients(provider: Provider, rules: ClientRules): void {
  const prototype = provider.Client.prototype as unknown as ClientPrototype
  const isRegistered = prototype.redirectUriAllowed
  prototype.compareClientSecret = function (secret) {
    return rules.secretMatches(this.clientId, secret)
  }
  prototype.redirectUriAllowed = function (uri) {
    return isRegistered.call(this, uri) && rules.redirectAllowed(uri)
  }
}

/** Gives a refresh token's successor a value that follows from the token: see `Records.successorOf`. */
export function deriveSuccessors(provider: Provider, records: Pick<Records, 'successorOf'>): void {
  const prototype = provider.RefreshToken.prototype as unknown as { generateTokenId(): string }
  prototype.generateTokenId = () => {
    const used = Provider.ctx?.oidc.entities.RotatedRefreshToken
    return used === undefined ? newToken() : records.successorOf(used.jti)
  }
}
