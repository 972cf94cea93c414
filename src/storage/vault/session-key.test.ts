import { describe, expect, it } from 'vitest'
import { HostError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { openSessionKey } from './session-key.ts'
import type { Vault } from './vault.ts'

describe('the session key', () => {
  const vaultOf = (kept: Map<string, string>, locked = () => false): Vault => {
    const check = () => {
      if (locked())
        throw new HostError({
          code: 'keychain-unavailable',
          told: { message: 'Locked.', hint: 'Unlock it.' },
        })
    }
    return {
      status: { kind: 'file', message: '', hint: '' },
      async get(name) {
        check()
        return kept.get(name) ?? null
      },
      async set(name, value) {
        check()
        kept.set(name, value)
      },
      async delete(name) {
        check()
        kept.delete(name)
      },
    }
  }

  it('is made once, kept, and another one after it was renewed, for those too who hold it', async () => {
    const kept = new Map<string, string>()
    const one = await openSessionKey(vaultOf(kept), silentLog)
    expect(one.sessionKey).toHaveLength(32)
    expect((await openSessionKey(vaultOf(kept), silentLog)).sessionKey.equals(one.sessionKey)).toBe(true)
    const [[name, value]] = [...kept] as [[string, string]]
    kept.set(name, `${value}${'A'.repeat(43)}`)
    const { sessionKey } = await openSessionKey(vaultOf(kept), silentLog)
    expect(sessionKey.equals(one.sessionKey), 'as earlier versions kept it').toBe(true)
    const before = Buffer.from(one.sessionKey)
    const held = one.sessionKey
    await one.rotate()
    expect(held.equals(before)).toBe(false)
    expect((await openSessionKey(vaultOf(kept), silentLog)).sessionKey.equals(held)).toBe(true)
  })

  it('is one for this run while the vault is locked, and does not replace the one in it', async () => {
    const kept = new Map<string, string>()
    const real = await openSessionKey(vaultOf(kept), silentLog)
    const standIn = await openSessionKey(
      vaultOf(kept, () => true),
      silentLog,
    )
    expect(standIn.sessionKey).toHaveLength(32)
    expect(standIn.sessionKey.equals(real.sessionKey)).toBe(false)
    expect((await openSessionKey(vaultOf(kept), silentLog)).sessionKey.equals(real.sessionKey)).toBe(true)
  })
})
