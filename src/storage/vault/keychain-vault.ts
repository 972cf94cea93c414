import { say } from '../../../locales/say.ts'
import type { VaultStatus } from '../../contract/status.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Redactor } from '../../kernel/log/redact.ts'
import { type Keychain, unavailable } from './keychain.ts'
import { checkSecret, isLearnt, type ListedVault } from './vault.ts'

/** An entry that is always there once the keychain was used: a locked keychain answers "no such entry", too. */
const checkAccount = 'check'

/**
 * Secrets as entries of the operating system's keychain. A keychain that does not answer makes every use throw
 * HostError `keychain-unavailable`, and is tried again at the next one.
 */
export async function openKeychainVault(deps: {
  keychain: Keychain
  /** Whether secrets were put into the keychain before. */
  usedBefore: boolean
  redactor: Redactor
  log: Log
}): Promise<ListedVault & { readonly ready: boolean }> {
  const { keychain, redactor, log } = deps
  let used = deps.usedBefore
  let ready = false
  let replaced = false
  let preparing: Promise<void> | null = null

  const prepare = async () => {
    await keychain.probe()
    if ((await keychain.get(checkAccount)) === null) {
      // It takes entries, so it is not locked; it has lost the one that was there.
      replaced = used
      if (replaced) log.warn('vault.keychain-replaced')
      await keychain.set(checkAccount, 'drawbridge')
    }
    used = true
    ready = true
  }

  const prepareOnce = () => {
    preparing ??= prepare().finally(() => {
      preparing = null
    })
    return preparing
  }

  const using = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      if (!ready) await prepareOnce()
      return await work()
    } catch (error) {
      if (ready) log.warn('vault.keychain-lost', { error: errorText(error) })
      ready = false
      throw error
    }
  }
  const assertUnlocked = async () => {
    if ((await keychain.get(checkAccount)) === null) throw unavailable()
  }

  await using(async () => {}).catch((error) => log.warn('vault.keychain-unavailable', { error }))

  return {
    get ready() {
      return ready
    },

    get status(): VaultStatus {
      if (!ready) {
        const { message, hint } = unavailable().reply()
        return { kind: 'keychain', message, hint }
      }
      return {
        kind: 'keychain',
        message: say('vault.keychain.message'),
        hint: replaced ? say('vault.keychain.replaced') : '',
      }
    },

    get: (name) =>
      using(async () => {
        const value = await keychain.get(account(name))
        if (value === null) await assertUnlocked()
        else if (isLearnt(name)) redactor.add(value)
        return value
      }),

    set: async (name, value) => {
      checkSecret(value)
      if (isLearnt(name)) redactor.add(value)
      await using(() => keychain.set(account(name), value))
    },

    delete: (name) =>
      using(async () => {
        await keychain.delete(account(name))
        await assertUnlocked()
      }),

    all: () =>
      using(async () => {
        const entries = await keychain.all()
        if (!entries.has(checkAccount)) throw unavailable()
        return secretsOf(entries)
      }),
  }
}

const start = 'secret/'
const account = (name: string): string => start + name

const secretsOf = (entries: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map(
    [...entries].flatMap(([name, value]) =>
      name.startsWith(start) ? [[name.slice(start.length), value] as const] : [],
    ),
  )
