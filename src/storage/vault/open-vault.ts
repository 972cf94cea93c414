import { existsSync } from 'node:fs'
import { readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as z from 'zod'
import { say } from '../../../locales/say.ts'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Redactor } from '../../kernel/log/redact.ts'
import { writeFileAtomically } from '../atomic-file.ts'
import { asideName, asStorageError } from '../database/storage-errors.ts'
import { type FileVault, openFileVault } from './file-vault.ts'
import { createKeychain } from './keychain.ts'
import { openKeychainVault } from './keychain-vault.ts'
import { takePassphrase } from './passphrase.ts'
import type { ListedVault, Vault } from './vault.ts'

/** `vault-place.json`: where this folder's secrets are. The id keeps its keychain entries apart from other folders'. */
const Place = z.object({
  version: z.literal(1),
  id: z.string().regex(/^[a-z0-9_]{8,64}$/),
  kind: z.enum(['keychain', 'file']),
})
type Place = z.infer<typeof Place>

/**
 * The vault of a data folder: the operating system's keychain, or an encrypted file where none answers. Secrets stay
 * where they are: when the keychain that holds them does not answer, using them throws HostError `keychain-unavailable`
 * and no second vault is begun. A file vault moves into the keychain once one answers, unless the user chose the file.
 *
 * `env`: `DRAWBRIDGE_VAULT` (`keychain` or `file`) chooses; the passphrase protects the file, and is taken out of `env`. Throws HostError
 * `vault-setting` or `data-folder-unwritable`, `disk-full`.
 */
export async function openVault(deps: {
  dataDir: string
  /** Shown by the keychain as the owner of the entries. */
  service: string
  env: NodeJS.ProcessEnv
  log: Log
  redactor: Redactor
  clock: Clock
}): Promise<ListedVault> {
  const { dataDir, service, env, log, redactor, clock } = deps
  const chosen = readChoice(env.DRAWBRIDGE_VAULT)
  const passphrase = takePassphrase(env)
  const placeFile = join(dataDir, 'vault-place.json')
  const { place: known, note } = await readPlace(placeFile, log, clock.now())
  const id = known?.id ?? newId('vault')
  let kind = known?.kind
  const remember = async (next: Place['kind']) => {
    if (kind === next) return
    kind = next
    await writeFileAtomically(placeFile, `${JSON.stringify({ version: 1, id, kind })}\n`)
  }
  const openFile = () => openFileVault({ dataDir, passphrase, redactor, clock, log })

  // A passphrase given for a file that is there already means: keep using it.
  if (chosen === 'file' || (chosen === undefined && known?.kind === 'file' && passphrase)) {
    await remember('file')
    return withNote(await openFile(), note)
  }

  const keychain = createKeychain(service, id, env)
  const usedBefore = known?.kind === 'keychain'
  const inKeychain = await openKeychainVault({ keychain, usedBefore, redactor, log })
  if (!inKeychain.ready && !usedBefore && chosen !== 'keychain') {
    await remember('file')
    return withNote(await openFile(), note)
  }
  let lost = note
  if (inKeychain.ready && existsSync(join(dataDir, 'vault.json'))) {
    const file = await openFile()
    if (file.damage) lost = `${note} ${file.damage}`.trim()
    // With the keychain in use, the file is what a crash left of a move: newer entries are not overwritten.
    const moved = await move(file, inKeychain, !usedBefore, log)
    if (!moved && !usedBefore) return withNote(file, note)
    await remember('keychain')
    if (moved) await file.destroy()
    if (moved) log.info('vault.moved-to-keychain')
  }
  await remember('keychain')
  return withNote(inKeychain, lost)
}

/** The same vault with a further sentence in its hint. */
function withNote(vault: ListedVault, note: string): ListedVault {
  if (note === '') return vault
  return {
    get status() {
      const status = vault.status
      return { ...status, hint: `${note} ${status.hint}`.trim() }
    },
    get: (name) => vault.get(name),
    set: (name, value) => vault.set(name, value),
    delete: (name) => vault.delete(name),
    all: () => vault.all(),
  }
}

/** Copies everything and reads it back; false leaves the file as it is. */
async function move(from: FileVault, to: Vault, overwrite: boolean, log: Log): Promise<boolean> {
  try {
    for (const [name, value] of await from.all()) {
      if (!overwrite && (await to.get(name)) !== null) continue
      await to.set(name, value)
      if ((await to.get(name)) !== value) return false
    }
    return true
  } catch (error) {
    log.warn('vault.not-moved', { error })
    return false
  }
}

function readChoice(value: string | undefined): Place['kind'] | undefined {
  if (value === undefined || value === '') return undefined
  if (value === 'keychain' || value === 'file') return value
  throw new HostError({
    code: 'vault-setting',
    says: 'vault-setting',
    params: { value },
  })
}

async function readPlace(
  file: string,
  log: Log,
  now: number,
): Promise<{ place: Place | null; note: string }> {
  try {
    const place = Place.safeParse(JSON.parse(await readFile(file, 'utf8')))
    if (place.success) return { place: place.data, note: '' }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { place: null, note: '' }
    if (!(error instanceof SyntaxError)) throw asStorageError(error, file)
  }
  const name = asideName(file, now, existsSync)
  await rename(file, name).catch((error) => {
    throw asStorageError(error, file)
  })
  log.error('vault.place-damaged', { file, setAside: name })
  const note = say('vault.placeDamaged', { file: basename(name) })
  return { place: null, note }
}
