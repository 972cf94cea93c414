import { allProcesses, familyOf, type Process } from '../../system/processes.ts'
import { type Runner, runnerOf, saysFetching } from './package-runner.ts'

/** Milliseconds between looks: often at first, when mostly all is there already. */
const oftenFor = 3_000
const often = 100
const seldom = 500
/** When no runner is to be seen among the processes after this, it is none that we understand. */
const strangeAfter = 5_000

/**
 * Tells the two phases of a start apart: a package runner that fetches a program, and the program itself. The program is a child
 * of the runner, in the folder where the runner is (scripts of an installation run in the package’s), or the runner became it
 * (`pipx run`); where processes cannot be seen, and with runners that do all within themselves, what is written tells.
 */
export class RunnerWatch {
  /** Resolves when the program itself was begun: nothing is said to it before, for it would be answered when it is too late. */
  readonly begun: Promise<void>
  readonly #begin: () => void
  readonly #runner: Runner | null
  readonly #onFetching: (is: boolean) => void
  #isFetching = false
  #timer: NodeJS.Timeout | undefined
  #stopped = false
  /** The processes cannot be seen. */
  #isBlind = false
  #last = new Set<number>()
  #seen = false

  /** `onFetching` is called whenever that changes; it is taken to be false at first. */
  constructor(command: readonly string[], onFetching: (is: boolean) => void) {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.begun = promise
    this.#begin = resolve
    this.#onFetching = onFetching
    this.#runner = runnerOf(command)
    if (this.#runner !== 'child') this.#begin()
  }

  /** Its process runs. */
  started(pid: number): void {
    if (this.#runner !== 'child' || this.#stopped) return
    this.#tell(true)
    const since = performance.now()
    const look = async () => {
      const all = await allProcesses().catch(() => null)
      if (this.#stopped) return
      if (all === null) {
        // What is asked waits in the pipe.
        this.#isBlind = true
        this.#begin()
        return
      }
      const age = performance.now() - since
      this.#judge(familyOf(all, pid), age)
      this.#timer = setTimeout(look, age < oftenFor ? often : seldom)
    }
    void look()
  }

  /** A line that it wrote to standard error. */
  wrote(line: string): void {
    if (this.#runner === 'itself') this.#tell(saysFetching(line))
  }

  /** It wrote to standard output: some runners do, but none of them speaks MCP. */
  printed(isMessage: boolean): void {
    if (this.#runner === null || this.#stopped) return
    if (!isMessage && this.#runner === 'child' && !this.#isBlind) return
    this.#tell(false)
    this.stop()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#begin()
  }

  #judge(family: readonly Process[], age: number): void {
    const runners = new Map(
      family.filter(({ words }) => runnerOf(words) !== null).map((one) => [one.pid, one]),
    )
    this.#seen ||= runners.size > 0
    if (runners.size === 0) {
      if (family.length > 0 && (this.#seen || age > strangeAfter)) this.#programRuns(true)
      return
    }
    const working = family.filter((one) => {
      const runner = runners.get(one.parent)
      return runner !== undefined && !runners.has(one.pid) && isProgram(one, runner)
    })
    // Twice: some ask their interpreter something first.
    this.#programRuns(working.some(({ pid }) => this.#last.has(pid)))
    this.#last = new Set(working.map(({ pid }) => pid))
  }

  #programRuns(is: boolean): void {
    this.#tell(!is)
    if (is) this.#begin()
  }

  #tell(is: boolean): void {
    if (is === this.#isFetching || this.#stopped) return
    this.#isFetching = is
    this.#onFetching(is)
  }
}

const helpers = /(^|[\\/])(git|git-remote-\w+|ssh|tar|node-gyp)$|get_interpreter_info/
const isProgram = ({ words, folder }: Process, runner: Process): boolean =>
  words.length > 0 &&
  !words.some((word) => helpers.test(word)) &&
  (folder === null || runner.folder === null || folder === runner.folder)
