import { homedir } from 'node:os'
import type { Readable } from 'node:stream'
import { say } from '../../locales/say.ts'
import type { HelperId } from '../contract/helpers.ts'
import { isHostError } from '../kernel/errors.ts'
import { forLog, type Log } from '../kernel/log/log.ts'
import { childEnv } from '../system/child-env.ts'
import { type ProcessGroup, startGroup } from '../system/process-group.ts'
import { resolveCommand } from '../system/resolve-command.ts'
import { searchPath } from '../system/search-path.ts'
import { type Action, TunnelFailure } from './tunnel-failure.ts'

/** A program that a provider needs. */
export interface ProgramFile {
  /** As people know it. */
  title: string
  /** Where people get it. */
  from: string
  /** Looked for where programs are, or a full path. */
  command: string
  /** Full paths where else it may be. */
  places?: readonly string[]
  /** Drawbridge can fetch it. */
  id?: HelperId
}

/** Those that were fetched, and can be. */
export interface Fetched {
  find(id: HelperId): Promise<string | null>
  offer(id: HelperId): { bytes: number } | null
}

/** The same as it is started. */
export interface HelperProgram extends ProgramFile {
  /** Never a secret: everybody on this computer can read them. */
  args: readonly string[]
  /** Besides what every program is given. Secrets belong here. */
  env?: Readonly<Record<string, string>>
  /** Variables of ours that it is given too. */
  inherits?: readonly string[]
  /** Lines that nobody has to read later, or may. */
  chatter?: RegExp
  /** Full path of where it starts; left out: the user's own folder. */
  cwd?: string
}

const keptLines = 20
/** Of what a program answers, in letters. */
const mostAsked = 4_000_000
const patience = { afterEnd: 20, afterTerm: 3_000 }
/**
 * Ends the group when our end of the pipe is closed, which the system does however we ended: a program that is left behind would hold the
 * address, and lead it to whoever has our port next.
 */
const withUs = `
exec 3<&0
"$@" 3<&- </dev/null & held=$!
(read -r end; kill 0) <&3 >/dev/null 2>&1 & watch=$!
trap 'told=1' TERM
exec 3<&- >/dev/null 2>&1
wait $held; code=$?
if [ "$told" ]; then wait $held; code=$?; fi
kill -9 $watch; wait $watch
exit $code`

/** Null: it is nowhere on this computer. */
export const findProgram = async (program: ProgramFile, env: NodeJS.ProcessEnv): Promise<string | null> =>
  findIn(program, await searchPath(env))

function findIn(program: ProgramFile, directories: readonly string[]): string | null {
  for (const command of [program.command, ...(program.places ?? [])]) {
    try {
      return resolveCommand(command, directories, { home: homedir(), cwd: null })
    } catch (cause) {
      if (!isHostError(cause)) throw cause
    }
  }
  return null
}

/** What to press where a program is missing, or too old. */
export function gettingIt({ id, title, from }: ProgramFile, fetched: Fetched | undefined): Action {
  const offer = id && fetched?.offer(id)
  const label = say(offer ? 'tunnel.fetchHelper' : 'tunnel.getHelper', { title })
  return { label, url: from, ...(offer && { fetches: id }) }
}

async function startProgram(
  program: HelperProgram,
  env: NodeJS.ProcessEnv,
  isHeld: boolean,
  fetched: Fetched | undefined,
): Promise<ProcessGroup> {
  const directories = await searchPath(env)
  // What was fetched was wanted because nothing else would do.
  const command = (program.id && (await fetched?.find(program.id))) || findIn(program, directories)
  if (command === null) {
    const { title } = program
    const action = gettingIt(program, fetched)
    const params = { title }
    throw action.fetches
      ? new TunnelFailure({ code: 'tunnel-helper-missing', says: 'tunnel-helper-to-fetch', params, action })
      : new TunnelFailure({ code: 'tunnel-helper-missing', params, action })
  }
  const inherited = (program.inherits ?? []).flatMap((name) =>
    env[name] === undefined ? [] : [[name, env[name]] as const],
  )
  const own = childEnv(env, directories, { ...Object.fromEntries(inherited), ...program.env })
  const [first, args] =
    isHeld && process.platform !== 'win32'
      ? ['/bin/sh', ['-c', withUs, 'sh', command, ...program.args]]
      : [command, program.args]
  return startGroup(first, args, { env: own, cwd: program.cwd ?? homedir(), patience })
}

async function allOf(stream: Readable | null): Promise<string> {
  let text = ''
  stream?.setEncoding('utf8')
  try {
    for await (const part of stream ?? []) if (text.length < mostAsked) text += part
  } catch {
    // cut off with its program
  }
  return text
}

/** A program that holds an address open, and ends with us. What it writes is logged, redacted. */
export class HelperProcess {
  readonly #title: string
  readonly #group: ProcessGroup
  readonly #lines: string[] = []
  readonly #listeners = new Set<(line: string) => void>()
  readonly #ends = new Set<(why: TunnelFailure) => void>()
  #failure: TunnelFailure | null = null
  #closed = false

  private constructor({ title, chatter }: HelperProgram, group: ProcessGroup, log: Log) {
    this.#title = title
    this.#group = group
    const { stdin, stdout, stderr } = group.child
    stdin?.on('error', () => {})
    if (process.platform === 'win32') stdin?.end()
    for (const stream of [stdout, stderr]) if (stream) this.#read(stream, log, chatter)
    group.child.once('error', (error) => this.#end(error.message))
    // When what it wrote last has been read.
    group.child.once('close', (code, signal) => this.#end(`ended with ${signal ?? code}`))
  }

  /** Throws TunnelFailure `tunnel-helper-missing`. */
  static async start(
    program: HelperProgram,
    env: NodeJS.ProcessEnv,
    log: Log,
    fetched?: Fetched,
  ): Promise<HelperProcess> {
    return new HelperProcess(program, await startProgram(program, env, true, fetched), log)
  }

  /** Runs one to its end. Throws TunnelFailure `tunnel-helper-missing`, and what the signal says. */
  static async ask(
    program: HelperProgram,
    env: NodeJS.ProcessEnv,
    signal: AbortSignal,
    fetched?: Fetched,
  ): Promise<{ code: number | null; out: string; err: string }> {
    const { child, stop } = await startProgram(program, env, false, fetched)
    child.stdin?.on('error', () => {})
    child.stdin?.end()
    const abort = () => void stop()
    signal.addEventListener('abort', abort, { once: true })
    // While it was started.
    if (signal.aborted) abort()
    try {
      const ended = new Promise<number | null>((resolve) => {
        child.once('error', () => resolve(null))
        child.once('close', resolve)
      })
      const [out, err, code] = await Promise.all([allOf(child.stdout), allOf(child.stderr), ended])
      signal.throwIfAborted()
      return { code, out, err }
    } finally {
      signal.removeEventListener('abort', abort)
      await stop()
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

  /** Each line it writes from now on. */
  onLine(listen: (line: string) => void): void {
    this.#listeners.add(listen)
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
    this.#listeners.clear()
    return this.#group.stop()
  }

  #read(stream: Readable, log: Log, chatter: RegExp | undefined): void {
    const take = (line: string) => {
      if (!chatter?.test(line)) log.info('tunnel.helper', { program: this.#title, line })
      this.#lines.push(line)
      if (this.#lines.length > keptLines) this.#lines.shift()
      for (const look of this.#listeners) look(line)
    }
    let rest = ''
    stream.setEncoding('utf8').on('data', (part: string) => {
      const lines = (rest + part).split(/\r?\n/).map(forLog)
      rest = lines.pop()!
      for (const line of lines) take(line)
    })
    stream.on('end', () => rest !== '' && take(rest))
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
