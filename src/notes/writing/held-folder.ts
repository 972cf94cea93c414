import { constants } from 'node:fs'
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  opendir,
  readlink,
  realpath,
  rename,
  rm,
} from 'node:fs/promises'
import { join } from 'node:path'

const isLinux = process.platform === 'linux'
const noLink = constants.O_NOFOLLOW ?? 0
const asFolder = constants.O_RDONLY | noLink | (constants.O_DIRECTORY ?? 0)
const asFile = constants.O_RDONLY | noLink | (constants.O_NONBLOCK ?? 0)

/** It is reached over a link, is no plain file, or was put elsewhere meanwhile. */
export class NotPlain extends Error {}

/**
 * A folder below a root, without a link on the way to it. On Linux it is held open, so that what is done in it is done there whatever is put
 * in its place (what openat(2) is for, by way of proc_pid_fd(5)); elsewhere it is asked where it is before and after.
 */
export class HeldFolder {
  readonly #path: string
  readonly #handle: FileHandle | null

  private constructor(path: string, handle: FileHandle | null) {
    this.#path = path
    this.#handle = handle
  }

  /** `dir` is within `root`, with `/`; `''` for itself. `make`: what is missing. Throws NotPlain, or ENOENT. */
  static async open(root: string, dir: string, make = false): Promise<HeldFolder> {
    let held = await HeldFolder.#hold(root, root)
    let path = root
    for (const name of dir === '' ? [] : dir.split('/')) {
      const at = held.at(name)
      path = join(path, name)
      try {
        if (make) await mkdir(at).catch(unless('EEXIST'))
        const next = await HeldFolder.#hold(at, path)
        await held.close()
        held = next
      } catch (error) {
        await held.close()
        throw error
      }
    }
    return held
  }

  static async #hold(at: string, path: string): Promise<HeldFolder> {
    const handle = process.platform === 'win32' ? null : await open(at, asFolder).catch(asNotPlain)
    const held = new HeldFolder(path, handle)
    if (await held.isInPlace()) return held
    await held.close()
    // Gone, or another than it was.
    await lstat(path)
    throw new NotPlain(path)
  }

  at(name: string): string {
    return isLinux ? `/proc/self/fd/${this.#handle!.fd}/${name}` : join(this.#path, name)
  }

  async isInPlace(): Promise<boolean> {
    const where = isLinux ? readlink(`/proc/self/fd/${this.#handle!.fd}`) : realpath(this.#path)
    return (await where.catch(() => null)) === this.#path
  }

  /** Null: there is nothing of this name. Throws NotPlain, also for what is larger than `most` bytes. */
  async read(name: string, most: number): Promise<Buffer | null> {
    const handle = await open(this.at(name), asFile).catch((error) =>
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : asNotPlain(error),
    )
    if (handle === null) return null
    try {
      const facts = await handle.stat()
      if (!facts.isFile() || facts.size > most) throw new NotPlain(name)
      // One of another case is the same file to some systems, and another to what is left out.
      if (!isLinux && (await realpath(this.at(name))) !== join(this.#path, name)) throw new NotPlain(name)
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  }

  /** What may take the place of a file, all of it on the disk; with the rights of `like`, if that is there. */
  async prepare(temp: string, bytes: Uint8Array, like: string): Promise<void> {
    const mode = await lstat(this.at(like)).catch(() => null)
    // Its owner let nobody write it.
    if (mode && (mode.mode & 0o222) === 0) throw new NotPlain(like)
    const handle = await open(this.at(temp), 'wx', mode ? mode.mode & 0o777 : 0o666)
    try {
      if (mode) await handle.chmod(mode.mode & 0o777)
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  replace(temp: string, name: string): Promise<void> {
    return rename(this.at(temp), this.at(name))
  }

  /** Never over what is there. Throws EEXIST. */
  async put(from: string, to: HeldFolder, name: string): Promise<void> {
    try {
      await link(this.at(from), to.at(name))
    } catch (error) {
      // Some file systems know no second name of a file.
      if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK'].includes(codeOf(error))) throw error
      if (await to.facts(name)) throw Object.assign(new Error(name), { code: 'EEXIST' })
      return rename(this.at(from), to.at(name))
    }
    await this.remove(from)
  }

  remove(name: string): Promise<void> {
    return rm(this.at(name), { force: true })
  }

  /** Null: there is nothing of this name. */
  facts(name: string) {
    return lstat(this.at(name)).catch(unless('ENOENT'))
  }

  /** What is in it, unsorted. */
  entries() {
    return opendir(this.at(''))
  }

  /** What was renamed in it is so after a power cut, too. */
  async sync(): Promise<void> {
    await this.#handle?.sync().catch(() => {})
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }
}

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException)?.code ?? ''

const unless =
  (code: string) =>
  (error: unknown): null => {
    if (codeOf(error) === code) return null
    throw error
  }

function asNotPlain(error: unknown): never {
  if (['ELOOP', 'ENOTDIR', 'ENXIO', 'EISDIR'].includes(codeOf(error))) throw new NotPlain(String(error))
  throw error
}
