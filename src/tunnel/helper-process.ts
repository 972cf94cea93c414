import { homedir } from 'node:os'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { say } from '../../locales/say.ts'
import { isHostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { childEnv } from '../system/child-env.ts'
import { type ProcessGroup, startGroup } from '../system/process-group.ts'
import { resolveCommand } from '../system/resolve-command.ts'
import { searchPath } from '../system/search-path.ts'
import { TunnelFailure } from './tunnel-failure.ts'

/** The program that a provider needs, as it is started. */
export interface HelperProgram {
  /** As people know it. */
  title: string
  /** Where people get it. */
  from: string
  /** Looked for where programs are, or a full path. */
  command: string
  /** Never a secret: everybody on this computer can read them. */
  args: readonly string[]
  /** Besides what every program is given. Secrets belong here. */
  env?: Readonly<Record<string, string>>
}

const keptLines = 20
const longestLine = 2_000
const patience = { afterEnd: 500, afterTerm: 3_000 }

/** A program that holds an address open, and ends with us. What it writes is logged, redacted. */
export class HelperProcess {
  readonly #title: string
  readonly #group: ProcessGroup
  readonly #lines: string[] = []
  readonly #listeners = new Set<(line: string) => void>()
  readonly #ends = new Set<(why: TunnelFailure) => void>()
  #failure: TunnelFailure | null = null
  #closed = false

  private constructor(title: string, group: ProcessGroup, log: Log) {
    this.#title = title
    this.#group = group
    const { stdin, stdout, stderr } = group.child
    stdin?.on('error', () => {})
    stdin?.end()
    for (const stream of [stdout, stderr]) if (stream) this.#read(stream, log)
    group.child.once('error', (error) => this.#end(error.message))
    // When what it wrote last has been read.
    group.child.once('close', (code, signal) => this.#end(`ended with ${signal ?? code}`))
  }

  /** Throws TunnelFailure `tunnel-helper-missing`. */
  static async start(program: HelperProgram, env: NodeJS.ProcessEnv, log: Log): Promise<HelperProcess> {
    const directories = await searchPath(env)
    const home = homedir()
    try {
      const command = resolveCommand(program.command, directories, { home, cwd: null })
      const own = childEnv(env, directories, program.env ?? {})
      const group = startGroup(command, program.args, { env: own, cwd: home, patience })
      return new HelperProcess(program.title, group, log)
    } catch (cause) {
      if (!isHostError(cause)) throw cause
      throw new TunnelFailure({
        code: 'tunnel-helper-missing',
        params: { title: program.title },
        action: { label: say('tunnel.getHelper', { title: program.title }), url: program.from },
        cause,
      })
    }
  }

  /** The first thing that is found in a line it writes. Throws TunnelFailure when it ends before, and what the signal says. */
  said<T>(find: (line: string) => T | undefined, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#listeners.delete(look)
        this.#ends.delete(fail)
        signal.removeEventListener('abort', abort)
        act()
      }
      const look = (line: string) => {
        const found = find(line)
        if (found !== undefined) settle(() => resolve(found))
      }
      const fail = (why: TunnelFailure) => settle(() => reject(why))
      const abort = () => settle(() => reject(signal.reason))
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, { once: true })
      this.#listeners.add(look)
      this.onExit(fail)
      for (const line of [...this.#lines]) if (this.#listeners.has(look)) look(line)
    })
  }

  /** It ended by itself; not after `close()`. */
  onExit(listen: (why: TunnelFailure) => void): void {
    if (this.#failure) listen(this.#failure)
    else this.#ends.add(listen)
  }

  /** Resolves when it, and whatever it started, is gone. */
  close(): Promise<void> {
    this.#closed = true
    this.#ends.clear()
    return this.#group.stop()
  }

  #read(stream: Readable, log: Log): void {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (whole) => {
      const line = whole.slice(0, longestLine)
      log.info('tunnel.helper', { program: this.#title, line })
      this.#lines.push(line)
      if (this.#lines.length > keptLines) this.#lines.shift()
      for (const look of this.#listeners) look(line)
    })
  }

  #end(how: string): void {
    if (this.#failure || this.#closed) return
    this.#failure = new TunnelFailure({
      code: 'tunnel-refused',
      says: 'tunnel-helper-stopped',
      params: { title: this.#title },
      detail: `${how}: ${this.#lines.slice(-3).join(' | ')}`,
    })
    for (const listen of [...this.#ends]) listen(this.#failure)
  }
}
