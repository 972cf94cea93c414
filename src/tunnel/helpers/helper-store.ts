import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { HelperDownload, HelperId } from '../../contract/helpers.ts'
import { errorText, HostError, isHostError, toErrorReply } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { HelperProcess, type HelperProgram } from '../helper-process.ts'
import { privateFolder } from '../private-folder.ts'
import type { HelperRelease, HelperReleases, ReleaseFile } from './releases.ts'

/** Milliseconds: without a byte of the file, and for a program to say its version. */
const patience = { quiet: 30_000, version: 20_000 }
/** Between two words about how far it is, milliseconds. */
const toldEvery = 250
/** Of one program: the newest, and the one before. */
const kept = 2

export interface HelperStoreDeps {
  /** Ours alone. */
  folder: string
  releases: HelperReleases
  fetch: typeof fetch
  env: NodeJS.ProcessEnv
  log: Log
  changed(downloads: HelperDownload[]): void
  /** A program is there that was not. */
  installed(id: HelperId): void
  /** `process.platform`-`process.arch`; left out: this computer's. */
  computer?: string
  quiet?: number
}

type Running = HelperDownload & { abort: AbortController }

/**
 * Programs of others that were fetched because the user said so: from the releases that Drawbridge knows, in a folder that only this user
 * can read. What lies there is compared with its checksum before each start, and run for its version before the first; the one before the
 * newest is kept, and taken where the newest does not run.
 */
export class HelperStore {
  readonly #deps: HelperStoreDeps
  readonly #computer: string
  readonly #running = new Map<HelperId, Running>()
  readonly #ends = new Map<HelperId, Promise<void>>()
  /** Paths that ran, or did not, since the start. */
  readonly #runs = new Map<string, boolean>()

  constructor(deps: HelperStoreDeps) {
    this.#deps = deps
    this.#computer = deps.computer ?? `${process.platform}-${process.arch}`
  }

  /** What could be fetched for this computer; null: nothing is known. */
  offer(id: HelperId): { version: string; bytes: number } | null {
    const release = this.#releases(id)[0]
    return release ? { version: release.version, bytes: release.files[this.#computer]!.bytes } : null
  }

  /** Whether one was fetched. */
  has(id: HelperId): boolean {
    return this.#releases(id).some((release) => existsSync(this.#pathOf(id, release)))
  }

  /** Full path of the newest one that is what it should be, and runs; null: there is none. */
  async find(id: HelperId): Promise<string | null> {
    for (const release of this.#releases(id)) {
      const path = this.#pathOf(id, release)
      if (!existsSync(path)) continue
      if (await this.#isGood(path, release)) return path
      this.#deps.log.warn('tunnel.helper-set-aside', { id, version: release.version })
    }
    return null
  }

  downloads(): HelperDownload[] {
    return [...this.#running.values()].map(({ abort: _, ...download }) => download)
  }

  /** Begins to fetch the newest. Throws HostError `helper-unknown`. Asked again while it does, nothing. */
  fetch(id: HelperId): void {
    const release = this.#releases(id)[0]
    if (!release) throw new HostError({ code: 'helper-unknown', params: { title: id } })
    if (this.#running.get(id)?.failure === null) return
    const { bytes } = release.files[this.#computer]!
    const running: Running = {
      ...{ id, title: id, version: release.version, done: 0, bytes, failure: null },
      abort: new AbortController(),
    }
    this.#running.set(id, running)
    this.#tell()
    // One that was broken off clears up first.
    const before = this.#ends.get(id) ?? Promise.resolve()
    this.#ends.set(
      id,
      before.then(() => this.#install(running, release)),
    )
  }

  /** Ends it, or forgets why it failed. */
  cancel(id: HelperId): void {
    this.#running.get(id)?.abort.abort()
    this.#running.delete(id)
    this.#tell()
  }

  async close(): Promise<void> {
    for (const { abort } of this.#running.values()) abort.abort()
    await Promise.all(this.#ends.values())
  }

  /** Newest first; those that are there for this computer. */
  #releases(id: HelperId): readonly HelperRelease[] {
    return this.#deps.releases[id].filter(({ files }) => files[this.#computer])
  }

  #pathOf(id: HelperId, { version }: HelperRelease): string {
    return join(this.#deps.folder, id, version, this.#fileName(id))
  }

  #fileName(id: HelperId): string {
    return this.#computer.startsWith('win32') ? `${id}.exe` : id
  }

  #tell(): void {
    this.#deps.changed(this.downloads())
  }

  async #isGood(path: string, release: HelperRelease): Promise<boolean> {
    const { sha256, program = sha256 } = release.files[this.#computer]!
    if ((await sumOf(path).catch(() => '')) !== program) return false
    // Only that it ran is remembered: what kept it from that may be over.
    if (!this.#runs.get(path)) this.#runs.set(path, await this.#saysItsVersion(path, release.version))
    return this.#runs.get(path)!
  }

  async #saysItsVersion(path: string, version: string): Promise<boolean> {
    const asked = { title: version, from: '', command: path, args: ['--version'] }
    const { code, out } = await this.#ask(asked, AbortSignal.timeout(patience.version)).catch(() => ({
      ...{ code: null, out: '' },
    }))
    return code === 0 && out.includes(version)
  }

  #ask(program: HelperProgram, signal: AbortSignal) {
    return HelperProcess.ask(program, this.#deps.env, signal)
  }

  /** Throws nothing. */
  async #install(running: Running, release: HelperRelease): Promise<void> {
    const { id, title, abort } = running
    try {
      await this.#put(running, release)
      if (abort.signal.aborted) return
      this.#running.delete(id)
      this.#deps.installed(id)
    } catch (cause) {
      if (abort.signal.aborted) return
      const error = isHostError(cause)
        ? cause
        : new HostError({ code: 'helper-not-kept', params: { title }, cause })
      const detail = `${error.detail ?? ''} ${errorText(error.cause ?? '').split('\n')[0]}`.trim()
      this.#deps.log.warn('tunnel.helper-not-fetched', { id, code: error.code, detail })
      const { message, hint } = toErrorReply(error)
      running.failure = { message, hint }
    }
    this.#tell()
  }

  /** Throws HostError, and whatever a disk says. */
  async #put(running: Running, release: HelperRelease): Promise<void> {
    const { id, title, abort } = running
    const file = release.files[this.#computer]!
    const home = join(this.#deps.folder, id)
    await mkdir(home, { recursive: true, mode: 0o700 })
    await chmod(this.#deps.folder, 0o700)
    const work = await privateFolder(join(home, 'new'))
    try {
      const path = join(work.path, this.#fileName(id))
      await this.#download(running, release, file, file.program ? `${path}.tgz` : path)
      if (file.program) await this.#unpack(work.path, id, `${path}.tgz`, abort.signal)
      await chmod(path, 0o700)
      abort.signal.throwIfAborted()
      if (!(await this.#isGood(path, release)))
        throw new HostError({ code: 'helper-does-not-run', params: { title } })
      abort.signal.throwIfAborted()
      const place = join(home, release.version)
      await rm(place, { recursive: true, force: true })
      await rename(work.path, place)
      this.#runs.set(this.#pathOf(id, release), true)
      await this.#forgetOld(id)
    } finally {
      this.#runs.delete(join(work.path, this.#fileName(id)))
      await work.remove()
    }
  }

  async #download(running: Running, { from }: HelperRelease, file: ReleaseFile, to: string): Promise<void> {
    const { title, abort } = running
    const quiet = new AbortController()
    const { quiet: patient = patience.quiet, fetch } = this.#deps
    const timer = setTimeout(() => quiet.abort(new Error('nothing came')), patient)
    const signal = AbortSignal.any([abort.signal, quiet.signal])
    const unreachable = (cause: unknown) =>
      new HostError({ code: 'helper-unreachable', params: { title }, cause })
    const other = (detail: string) => new HostError({ code: 'helper-other', params: { title }, detail })
    const kept = await open(to, 'wx', 0o600)
    try {
      const headers = { 'accept-encoding': 'identity' }
      const answer = await fetch(new URL(file.name, from), { headers, signal }).catch((cause) => {
        throw unreachable(cause)
      })
      if (answer.status !== 200 || answer.body === null)
        throw unreachable(new Error(`it answers ${answer.status}`))
      const sum = createHash('sha256')
      let told = 0
      const parts = answer.body[Symbol.asyncIterator]()
      for (;;) {
        const part = await parts.next().catch((cause) => {
          throw unreachable(cause)
        })
        if (part.done) break
        timer.refresh()
        running.done += part.value.byteLength
        if (running.done > file.bytes) {
          abort.signal.throwIfAborted()
          void parts.return?.()
          throw other('it is longer')
        }
        sum.update(part.value)
        await kept.write(part.value)
        if (Date.now() - told < toldEvery) continue
        told = Date.now()
        this.#tell()
      }
      const found = sum.digest('hex')
      if (found !== file.sha256) throw other(`${running.done} bytes, SHA-256 ${found}`)
    } finally {
      clearTimeout(timer)
      await kept.close()
    }
  }

  async #unpack(folder: string, id: HelperId, archive: string, signal: AbortSignal): Promise<void> {
    const tar = { title: 'tar', from: '', command: '/usr/bin/tar', args: ['-xzf', archive, '-C', folder, id] }
    const { code, err } = await this.#ask(tar, signal)
    if (code !== 0)
      throw new HostError({ code: 'helper-not-kept', params: { title: id }, detail: err.slice(0, 200) })
    await rm(archive)
  }

  /** Of those that no release names any more, and all but the newest two of the others, nothing stays. */
  async #forgetOld(id: HelperId): Promise<void> {
    const home = join(this.#deps.folder, id)
    const there = this.#releases(id).filter((release) => existsSync(this.#pathOf(id, release)))
    const stays = new Set(there.slice(0, kept).map(({ version }) => version))
    for (const name of await readdir(home))
      if (!stays.has(name) && (await stat(join(home, name))).isDirectory())
        await rm(join(home, name), { recursive: true, force: true })
  }
}

async function sumOf(path: string): Promise<string> {
  const sum = createHash('sha256')
  for await (const part of createReadStream(path)) sum.update(part as Buffer)
  return sum.digest('hex')
}
