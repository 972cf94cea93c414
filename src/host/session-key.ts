import { randomBytes } from 'node:crypto'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Vault } from '../storage/vault.ts'

const name = 'gateway/session-key'
const length = 32

/**
 * A secret of this host, 32 random bytes, made once and kept in the vault: it signs the ids of MCP sessions and the state
 * that clients carry for us. While the vault cannot be opened, one for this run stands in, and open sessions end with it.
 */
export async function openSessionKey(vault: Vault, log: Log) {
  const key = randomBytes(length)
  try {
    const kept = Buffer.from((await vault.get(name)) ?? '', 'base64url')
    if (kept.length === length) key.set(kept)
    else await vault.set(name, key.toString('base64url'))
  } catch (error) {
    log.warn('session-key.not-kept', { error: errorText(error) })
  }
  return {
    key,
    /** Ends every session and everything that was sealed. */
    async rotate(): Promise<void> {
      // in place: whoever holds it has the new one
      key.set(randomBytes(length))
      await vault.set(name, key.toString('base64url'))
    },
  }
}
