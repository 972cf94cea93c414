import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { JWK } from 'jose'
import * as z from 'zod'
import { errorText, isHostError } from '../../kernel/errors.ts'
import { newToken } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log/log.ts'
import { serverKeys } from '../../storage/backup/carried-over.ts'
import type { Vault } from '../../storage/vault/vault.ts'

const Stored = z.object({
  signing: z.looseObject({ kty: z.string(), d: z.string() }),
  refresh: z.string().min(40),
})

export interface Keys {
  /** oidc-provider will not start without a signing key, though our tokens are opaque. */
  signing: JWK
  /** Derives the successor of a refresh token. */
  refresh: string
}

/** The keys of the authorization server: made once, kept in the vault. Throws what the vault throws. */
async function loadKeys(vault: Vault): Promise<Keys> {
  const text = await vault.get(serverKeys)
  if (text !== null) {
    try {
      const parsed = Stored.safeParse(JSON.parse(text))
      if (parsed.success) return { signing: parsed.data.signing as JWK, refresh: parsed.data.refresh }
    } catch {
      // unreadable keys only sign what nobody keeps: new ones end no connection
    }
  }
  return newKeys(vault)
}

/** Throws what the vault throws; the old keys are then still there. */
async function newKeys(vault: Vault): Promise<Keys> {
  // not jose's, which is loaded with oidc-provider
  const { privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const keys: Keys = {
    signing: { ...(privateKey.export({ format: 'jwk' }) as JWK), alg: 'ES256', use: 'sig' },
    refresh: newToken(),
  }
  await vault.set(serverKeys, JSON.stringify(keys))
  return keys
}

/** The keys as far as they can be had right now. A locked keychain must not keep the app from opening. */
export class KeyRing {
  readonly #vault: Vault
  readonly #log: Log
  #keys: Keys | null = null
  #asking: Promise<Keys | null> | null = null

  constructor(vault: Vault, log: Log) {
    this.#vault = vault
    this.#log = log
  }

  /** Null until the vault gave them. */
  now(): Keys | null {
    return this.#keys
  }

  /** Asks the vault again; null while it stays locked. Throws only what is not about the vault. */
  async unlock(): Promise<Keys | null> {
    if (this.#keys !== null) return this.#keys
    this.#asking ??= this.#ask()
    return this.#asking
  }

  async #ask(): Promise<Keys | null> {
    try {
      this.#keys = await loadKeys(this.#vault)
    } catch (error) {
      if (!isHostError(error)) throw error
      this.#log.warn('oauth.keys-locked', { error: errorText(error) })
    } finally {
      this.#asking = null
    }
    return this.#keys
  }

  /** Makes new keys in place of the old. Throws what the vault throws; the old ones are then still in use. */
  async replace(): Promise<void> {
    await this.#asking
    this.#keys = await newKeys(this.#vault)
  }
}
