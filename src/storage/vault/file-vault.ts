import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { VaultStatus } from '../../contract/status.ts'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Redactor } from '../../kernel/redact.ts'
import { writeFileAtomically } from '../atomic-file.ts'
import { asideName, asStorageError } from '../database/storage-errors.ts'
import { checkSecret, isLearnt, type Vault } from './vault.ts'
import {
  isKeyOf,
  type KeySource,
  newScrypt,
  scryptCost,
  seal,
  stretch,
  unseal,
  VaultFile,
} from './vault-cipher.ts'

export interface FileVault extends Vault {
  /** False while the file cannot be opened: a wrong passphrase, a missing key file. */
  readonly ready: boolean
  /** What was lost when a damaged file was set aside; empty otherwise. */
  readonly damage: string
  all(): Promise<ReadonlyMap<string, string>>
  /** Removes the file and its key, once everything in it is kept elsewhere. */
  destroy(): Promise<void>
}

interface Opened {
  source: KeySource
  key: Buffer
  secrets: Map<string, string>
}

/**
 * Secrets in `vault.json`, encrypted. The key comes from the passphrase if one is given, else from the file `vault.key`
 * beside it, which is made at the first writing. A damaged file is set aside and never overwritten; a key that does not
 * fit makes every use throw HostError `vault-locked`, and is tried again at the next one.
 */
export async function openFileVault(deps: {
  dataDir: string
  passphrase: string | undefined
  redactor: Redactor
  clock: Clock
  log: Log
  /** For tests: scrypt takes 0.3 s by default. */
  cost?: number
}): Promise<FileVault> {
  const { dataDir, passphrase, redactor, clock, log, cost = scryptCost } = deps
  const file = join(dataDir, 'vault.json')
  const keyFile = join(dataDir, 'vault.key')
  let opened: Opened | null = null
  let problem: HostError | null = null
  let setAside: string | null = null
  let turn: Promise<unknown> = Promise.resolve()
  if (passphrase) redactor.add(passphrase)

  const readKeyFile = async (): Promise<Buffer | null> => {
    const text = await readFile(keyFile, 'utf8').catch((error) => {
      if (error.code === 'ENOENT') return null
      throw asStorageError(error, keyFile)
    })
    if (text === null) return null
    const key = Buffer.from(text.trim(), 'base64')
    return key.length === 32 ? key : null
  }

  const putAside = async (path: string, cause: unknown) => {
    const name = asideName(path, clock.now(), existsSync)
    await rename(path, name).catch((error) => {
      throw asStorageError(error, path)
    })
    setAside = basename(name)
    log.error('vault.damaged', { path, setAside: name, error: cause })
  }

  const begin = async (): Promise<Opened> => {
    const source: KeySource = passphrase ? newScrypt(cost) : { name: 'key-file' }
    if (source.name === 'scrypt')
      return { source, key: await stretch(passphrase!, source), secrets: new Map() }
    const key = await readKeyFile()
    if (key) return { source, key, secrets: new Map() }
    if (existsSync(keyFile)) await putAside(keyFile, new Error('vault.key does not hold a key'))
    return { source, key: randomBytes(32), secrets: new Map() }
  }

  const keyFor = async (sealed: VaultFile): Promise<Buffer> => {
    if (sealed.key.name === 'key-file') {
      const key = await readKeyFile()
      if (key && isKeyOf(sealed, key)) return key
      throw locked('vault.key, the key to your secrets, is missing from the data folder or does not fit.')
    }
    if (!passphrase) throw locked('Your secrets are protected by a passphrase, and none was given.')
    const key = await stretch(passphrase, sealed.key)
    if (isKeyOf(sealed, key)) return key
    throw locked('The passphrase does not fit your secrets.')
  }

  const load = async (): Promise<Opened> => {
    const text = await readFile(file, 'utf8').catch((error) => {
      if (error.code === 'ENOENT') return null
      throw asStorageError(error, file)
    })
    if (text === null) return begin()
    try {
      const sealed = VaultFile.parse(JSON.parse(text))
      const key = await keyFor(sealed)
      const loaded = { source: sealed.key, key, secrets: unseal(sealed, key) }
      return passphrase && sealed.key.name === 'key-file' ? await protect(loaded) : loaded
    } catch (error) {
      if (error instanceof HostError) throw error
      await putAside(file, error)
      return begin()
    }
  }

  /** A passphrase was given since: from now on the key file opens nothing. */
  const protect = async ({ secrets }: Opened): Promise<Opened> => {
    const source = newScrypt(cost) as KeySource & { name: 'scrypt' }
    const next = { source, key: await stretch(passphrase!, source), secrets }
    await writeFileAtomically(file, seal(secrets, source, next.key))
    await rm(keyFile, { force: true }).catch((error) => log.warn('vault.key-left', { error }))
    return next
  }

  const open = async (): Promise<Opened> => {
    try {
      opened ??= await load()
      problem = null
      for (const [name, value] of opened.secrets) if (isLearnt(name)) redactor.add(value)
      return opened
    } catch (error) {
      problem =
        error instanceof HostError ? error : locked('The file with your secrets cannot be read.', error)
      throw problem
    }
  }

  const change = async (edit: (secrets: Map<string, string>) => void) => {
    const now = await open()
    const secrets = new Map(now.secrets)
    edit(secrets)
    // The key first: a vault without its key would be lost.
    if (now.source.name === 'key-file' && !existsSync(keyFile))
      await writeFileAtomically(keyFile, `${now.key.toString('base64')}\n`)
    await writeFileAtomically(file, seal(secrets, now.source, now.key))
    now.secrets = secrets
  }

  const inTurn = <T>(use: () => Promise<T>): Promise<T> => {
    const result = turn.then(use)
    turn = result.catch(() => {})
    return result
  }

  await inTurn(open).catch((error) => log.warn('vault.locked', { error }))

  return {
    get ready() {
      return problem === null
    },

    get damage() {
      return damageText(setAside)
    },

    get status(): VaultStatus {
      return fileStatus(problem, opened?.source.name === 'scrypt', damageText(setAside))
    },

    get: (name) => inTurn(async () => (await open()).secrets.get(name) ?? null),

    set: async (name, value) => {
      checkSecret(value)
      if (isLearnt(name)) redactor.add(value)
      await inTurn(() => change((secrets) => secrets.set(name, value)))
    },

    delete: (name) =>
      inTurn(async () => {
        if ((await open()).secrets.has(name)) await change((secrets) => secrets.delete(name))
      }),

    all: () => inTurn(async () => (await open()).secrets),

    destroy: () =>
      inTurn(async () => {
        await rm(file, { force: true })
        await rm(keyFile, { force: true })
        opened = null
      }),
  }
}

const locked = (message: string, cause?: unknown): HostError =>
  new HostError({
    code: 'vault-locked',
    message,
    hint: 'Start Drawbridge with the right DRAWBRIDGE_PASSPHRASE, or put vault.key back from a backup. To begin anew, move vault.json away.',
    cause,
  })

const damageText = (setAside: string | null): string =>
  setAside === null
    ? ''
    : `The file with your secrets was damaged and set aside as ${setAside}: enter the secrets again, or put back a backup.`

function fileStatus(problem: HostError | null, passphrase: boolean, damage: string): VaultStatus {
  if (problem) return { kind: 'file', message: problem.message, hint: problem.hint }
  const message = passphrase
    ? 'Secrets are kept in an encrypted file in the data folder, protected by your passphrase.'
    : 'No keychain answered, so secrets are kept in an encrypted file in the data folder. Its key lies beside it: whoever can read the folder can read them.'
  const hint = passphrase
    ? ''
    : 'Safer: unlock or install a keychain (on Linux GNOME Keyring or KWallet), or start Drawbridge with a passphrase of yours in the variable DRAWBRIDGE_PASSPHRASE.'
  return { kind: 'file', message: `${damage} ${message}`.trim(), hint }
}
