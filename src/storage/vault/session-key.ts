import { randomBytes } from 'node:crypto'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Vault } from './vault.ts'

const name = 'gateway/session-key'
const each = 32

/**
 * 32 random bytes of this host, made once and kept in the vault, with which the ids of MCP sessions are sealed. While the vault cannot be
 * opened, others stand in for this run, and open sessions end with it.
 */
export async function openSessionKey(vault: Vault, log: Log) {
  const bytes = randomBytes(each)
  try {
    const kept = Buffer.from((await vault.get(name)) ?? '', 'base64url')
    // Earlier versions kept another one behind it.
    if (kept.length >= each) bytes.set(kept.subarray(0, each))
    else await vault.set(name, bytes.toString('base64url'))
  } catch (error) {
    log.warn('session-key.not-kept', { error: errorText(error) })
  }
  return {
    sessionKey: bytes,
    /** Ends every session. */
    async rotate(): Promise<void> {
      // in place: whoever looks at it again has the new one
      bytes.set(randomBytes(each))
      await vault.set(name, bytes.toString('base64url'))
    },
  }
}

/**
 * 32 random bytes of this host under a name of their own in the vault, made once. Null while the vault cannot be opened: others in their
 * place would say tomorrow that what was done today is not ours.
 */
export async function keptKey(vault: Vault, name: string, log: Log): Promise<Uint8Array | null> {
  try {
    const kept = Buffer.from((await vault.get(name)) ?? '', 'base64url')
    if (kept.length === each) return kept
    const made = randomBytes(each)
    await vault.set(name, made.toString('base64url'))
    return made
  } catch (error) {
    log.warn('vault.key-not-kept', { name, error: errorText(error) })
    return null
  }
}
