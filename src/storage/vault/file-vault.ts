import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { say } from '../../../locales/say.ts'
import type { VaultStatus } from '../../contract/status.ts'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Redactor } from '../../kernel/log/redact.ts'
import { Turns } from '../../kernel/turns.ts'
import { writeFileAtomically } from '../atomic-file.ts'
import { asideName, asStorageError } from '../database/storage-errors.ts'
import { checkSecret, isLearnt, type ListedVault } from './vault.ts'
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

export interface FileVault extends ListedVault {
  /** False while the file cannot be opened: a wrong passphrase, a missing key file. */
  readonly ready: boolean
  /** What was lost when a damaged file was set aside; empty otherwise. */
  readonly damage: string
  /** Removes the file and its key, once everything in it is kept elsewhere. */
  destroy(): Promise<void>
}

interface Opened {
  source: KeySource
  key: Buffer
  secrets: Map<string, string>
}

interface FileVaultDeps {
  dataDir: string
  passphrase: string | undefined
  redactor: Redactor
  clock: Clock
  log: Log
  /** For tests: scrypt takes 0.3 s by default. */
  cost?: number
}

/**
 * Secrets in `vault.json`, encrypted. The key comes from the passphrase if one is given, else from the file `vault.key`
 * beside it, which is made at the first writing. A damaged file is set aside and never overwritten; a key that does not
 * fit makes every use throw HostError `vault-locked`, and is tried again at the next one.
 */
export async function openFileVault(deps: FileVaultDeps): Promise<FileVault> {
  const vault = new EncryptedFile(deps)
  await vault.all().catch((error) => deps.log.warn('vault.locked', { error }))
  return vault
}

class EncryptedFile implements FileVault {
  readonly #deps: FileVaultDeps
  readonly #file: string
  readonly #keyFile: string
  #opened: Opened | null = null
  #problem: HostError | null = null
  #setAside: string | null = null
  readonly #turns = new Turns()

  constructor(deps: FileVaultDeps) {
    this.#deps = deps
    this.#file = join(deps.dataDir, 'vault.json')
    this.#keyFile = join(deps.dataDir, 'vault.key')
    if (deps.passphrase) deps.redactor.add(deps.passphrase)
  }

  get ready(): boolean {
    return this.#problem === null
  }

  get damage(): string {
    return damageText(this.#setAside)
  }

  get status(): VaultStatus {
    return fileStatus(this.#problem, this.#opened?.source.name === 'scrypt', this.damage)
  }

  get(name: string): Promise<string | null> {
    return this.#turns.take(async () => (await this.#open()).secrets.get(name) ?? null)
  }

  async set(name: string, value: string): Promise<void> {
    checkSecret(value)
    if (isLearnt(name)) this.#deps.redactor.add(value)
    await this.#turns.take(() => this.#change((secrets) => secrets.set(name, value)))
  }

  delete(name: string): Promise<void> {
    return this.#turns.take(async () => {
      if ((await this.#open()).secrets.has(name)) await this.#change((secrets) => secrets.delete(name))
    })
  }

  all(): Promise<ReadonlyMap<string, string>> {
    return this.#turns.take(async () => (await this.#open()).secrets)
  }

  destroy(): Promise<void> {
    return this.#turns.take(async () => {
      await rm(this.#file, { force: true })
      await rm(this.#keyFile, { force: true })
      this.#opened = null
    })
  }

  async #open(): Promise<Opened> {
    try {
      this.#opened ??= await this.#load()
      this.#problem = null
      for (const [name, value] of this.#opened.secrets) if (isLearnt(name)) this.#deps.redactor.add(value)
      return this.#opened
    } catch (error) {
      this.#problem =
        error instanceof HostError
          ? error
          : new HostError({ code: 'vault-locked', says: 'vault-unreadable', cause: error })
      throw this.#problem
    }
  }

  async #change(edit: (secrets: Map<string, string>) => void): Promise<void> {
    const now = await this.#open()
    const secrets = new Map(now.secrets)
    edit(secrets)
    // The key first: a vault without its key would be lost.
    if (now.source.name === 'key-file' && !existsSync(this.#keyFile))
      await writeFileAtomically(this.#keyFile, `${now.key.toString('base64')}\n`)
    await writeFileAtomically(this.#file, seal(secrets, now.source, now.key))
    now.secrets = secrets
  }

  async #load(): Promise<Opened> {
    const text = await readOrNull(this.#file)
    if (text === null) return this.#begin()
    try {
      const sealed = VaultFile.parse(JSON.parse(text))
      const key = await this.#keyFor(sealed)
      const loaded = { source: sealed.key, key, secrets: unseal(sealed, key) }
      const { passphrase } = this.#deps
      return passphrase && sealed.key.name === 'key-file' ? await this.#protect(loaded, passphrase) : loaded
    } catch (error) {
      if (error instanceof HostError) throw error
      await this.#putAside(this.#file, error)
      return this.#begin()
    }
  }

  async #begin(): Promise<Opened> {
    const { passphrase, cost = scryptCost } = this.#deps
    if (passphrase) {
      const source = newScrypt(cost)
      return { source, key: await stretch(passphrase, source), secrets: new Map() }
    }
    const source: KeySource = { name: 'key-file' }
    const key = await this.#readKeyFile()
    if (key) return { source, key, secrets: new Map() }
    if (existsSync(this.#keyFile))
      await this.#putAside(this.#keyFile, new Error('vault.key does not hold a key'))
    return { source, key: randomBytes(32), secrets: new Map() }
  }

  async #keyFor(sealed: VaultFile): Promise<Buffer> {
    if (sealed.key.name === 'key-file') {
      const key = await this.#readKeyFile()
      if (key && isKeyOf(sealed, key)) return key
      throw new HostError({ code: 'vault-locked', says: 'vault-key-missing' })
    }
    const { passphrase } = this.#deps
    if (!passphrase) throw new HostError({ code: 'vault-locked', says: 'vault-passphrase-missing' })
    const key = await stretch(passphrase, sealed.key)
    if (isKeyOf(sealed, key)) return key
    throw new HostError({ code: 'vault-locked', says: 'vault-passphrase-wrong' })
  }

  /** A passphrase was given since: from now on the key file opens nothing. */
  async #protect({ secrets }: Opened, passphrase: string): Promise<Opened> {
    const { cost = scryptCost, log } = this.#deps
    const source = newScrypt(cost)
    const next = { source, key: await stretch(passphrase, source), secrets }
    await writeFileAtomically(this.#file, seal(secrets, source, next.key))
    await rm(this.#keyFile, { force: true }).catch((error) => log.warn('vault.key-left', { error }))
    return next
  }

  async #readKeyFile(): Promise<Buffer | null> {
    const text = await readOrNull(this.#keyFile)
    if (text === null) return null
    const key = Buffer.from(text.trim(), 'base64')
    return key.length === 32 ? key : null
  }

  async #putAside(path: string, cause: unknown): Promise<void> {
    const { clock, log } = this.#deps
    const name = asideName(path, clock.now(), existsSync)
    await rename(path, name).catch((error) => {
      throw asStorageError(error, path)
    })
    this.#setAside = basename(name)
    log.error('vault.damaged', { path, setAside: name, error: cause })
  }
}

const readOrNull = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null
    throw asStorageError(error, path)
  })

const damageText = (setAside: string | null): string =>
  setAside === null ? '' : say('vault.damaged', { file: setAside })

function fileStatus(problem: HostError | null, passphrase: boolean, damage: string): VaultStatus {
  if (problem) return { kind: 'file', message: problem.reply().message, hint: problem.reply().hint }
  const message = say(passphrase ? 'vault.file.message' : 'vault.openFile.message')
  const hint = passphrase ? '' : say('vault.openFile.hint')
  return { kind: 'file', message: `${damage} ${message}`.trim(), hint }
}
