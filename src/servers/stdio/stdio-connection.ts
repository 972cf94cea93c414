import { existsSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { HostError, isHostError } from '../../kernel/errors.ts'
import { childEnv } from '../../system/child-env.ts'
import type { StopPatience } from '../../system/process-group.ts'
import { endedWhileRunning, type StartFacts, startFailure } from '../failures/failures.ts'
import type { LogLines } from '../failures/log-lines.ts'
import type { AnswerBudget } from '../framing/answer-budget.ts'
import { type Connection, connect, type Hooks, newClient, ourInfo, timeIsUp } from '../session/connection.ts'
import { RpcConnection } from '../session/rpc-connection.ts'
import { type Confinement, contains, type Run } from './confinement.ts'
import { RunnerWatch } from './runner-watch.ts'
import { StdioTransport } from './stdio-transport.ts'

export interface StdioSpec {
  id: string
  name: string
  /** An absolute path. */
  command: string
  args: readonly string[]
  /** Null: the home folder. */
  cwd: string | null
  /** The server's own values, out of the vault. */
  env: Readonly<Record<string, string>>
  ours: NodeJS.ProcessEnv
  directories: readonly string[]
  /** Of Drawbridge: nothing of it is in the environment. */
  dataDir: string | null
  /** Null: it runs as the user. `missing`: it must not, and there is nothing to keep it in. */
  confinement: Confinement | 'missing' | null
  lines: LogLines
  version: string
  /** Milliseconds without a sign of life, to be told when that was too long. */
  startTimeout: number
  /** Milliseconds; the same for fetching. */
  downloadTimeout: number
  patience: StopPatience
  budget: AnswerBudget
  /** What its processes are known again by; see leftovers.ts. */
  mark?: StartMark
}

export interface StartMark {
  variable: { name: string; value: string }
  onPid(pid: number): void
  /** Nobody of its group is left. */
  onGone(): void
}

/** A program that prints this much and nothing of MCP within this time (ms) is something else: no need to wait on. */
const chatterLines = 50
const chatterTime = 4_000
/** The most that a timer takes. Milliseconds. */
const longestTimer = 2 ** 31 - 1

/** Starts the process and shakes hands with it. Throws HostError, with nothing left running. */
export async function openStdio(spec: StdioSpec, hooks: Hooks): Promise<Connection> {
  const first = await attempt(spec, hooks, hooks.isLegacy)
  if ('connection' in first) return first.connection
  // Some older servers end when they are asked something before `initialize`: give them a second life without it.
  const mayBeTheQuestion = !hooks.isLegacy && first.died && !hooks.signal.aborted
  if (!mayBeTheQuestion) throw first.failure
  spec.lines.forgetRun()
  // It has its time once more.
  hooks.onNews?.()
  const second = await attempt(spec, { ...hooks, isLegacy: true }, true)
  if ('connection' in second) return second.connection
  throw second.failure
}

type Attempt = { connection: Connection } | { failure: HostError; died: boolean }

/** What is started for it: the program itself, or a sandbox around it. Throws HostError `sandbox-missing` or `folder-too-wide`. */
async function runOf(spec: StdioSpec): Promise<Run> {
  const { command, args, cwd, ours, directories, dataDir, confinement, env: own } = spec
  const home = ours.HOME ?? homedir()
  const isUsable = existsSync(home) && !(dataDir !== null && contains(dataDir, home))
  const { mark } = spec
  const env = {
    ...(mark && { [mark.variable.name]: mark.variable.value }),
    ...childEnv(ours, directories, own, dataDir),
  }
  const run = { command, args, cwd: cwd ?? (isUsable ? home : tmpdir()), env }
  if (confinement === null) return run
  if (confinement === 'missing') throw noSandbox(spec.name)
  return confinement.wrap(spec.id, cwd, run, own)
}

const noSandbox = (name: string) =>
  new HostError({
    code: 'sandbox-missing',
    params: { name },
  })

async function attempt(spec: StdioSpec, hooks: Hooks, isLast: boolean): Promise<Attempt> {
  if (spec.cwd !== null && !existsSync(spec.cwd)) {
    const failure = new HostError({
      code: 'folder-gone',
      params: { name: spec.name, cwd: spec.cwd },
    })
    return { failure, died: false }
  }
  let run: Run
  try {
    run = await runOf(spec)
  } catch (failure) {
    if (!isHostError(failure)) throw failure
    return { failure, died: false }
  }
  return new Start(spec, hooks, run).connect(isLast)
}

/** One process, and the handshake with it. */
class Start {
  readonly #spec: StdioSpec
  readonly #hooks: Hooks
  readonly #watch: RunnerWatch
  readonly #transport: StdioTransport
  #isFetching = false

  constructor(spec: StdioSpec, hooks: Hooks, run: Run) {
    this.#spec = spec
    this.#hooks = hooks
    const watch = new RunnerWatch([spec.command, ...spec.args], (is) => {
      this.#isFetching = is
      hooks.onFetching?.(is)
    })
    this.#watch = watch
    const { lines, patience, budget, mark } = spec
    this.#transport = new StdioTransport({
      ...run,
      lines,
      patience,
      budget,
      onPid: mark?.onPid,
      onGone: mark?.onGone,
      watch: {
        begun: watch.begun,
        started: (pid) => watch.started(pid),
        stop: () => watch.stop(),
        printed: (isMessage) => watch.printed(isMessage),
        wrote(line) {
          watch.wrote(line)
          hooks.onNews?.()
        },
      },
    })
  }

  /** `isLast`: nothing else is tried when it fails. */
  async connect(isLast: boolean): Promise<Attempt> {
    const transport = this.#transport
    const hooks = this.#hooks
    const rpc = new RpcConnection(transport, ourInfo(this.#spec.version), hooks)
    const client = newClient(this.#spec.version, hooks)
    hooks.onStarted(() => transport.killNow())
    const chatter = this.#chatter()
    try {
      // How long it may take is for the signal to say, which knows what is going on.
      await Promise.race([connect(client, rpc, hooks, longestTimer), chatter.heard])
    } catch (cause) {
      // Before the close below, which ends the process in its own way.
      const limit = this.#isFetching ? this.#spec.downloadTimeout : this.#spec.startTimeout
      const failure = this.#explain(cause, hooks.signal.reason === timeIsUp ? limit : null)
      const { exit } = transport
      // Who waits for this start need not wait until everything is cleared away.
      if (isLast) hooks.onLost(failure)
      await rpc.close()
      return { failure, died: exit !== null }
    } finally {
      this.#watch.stop()
      chatter.stop()
    }
    client.onclose = () => hooks.onLost(endedWhileRunning(this.#facts(null)))
    const connection: Connection = {
      client,
      rpc,
      transport: 'stdio',
      explain: (error, waited) => this.#explain(error, waited),
      close: () => rpc.close(),
      killNow: () => transport.killNow(),
    }
    return { connection }
  }

  /** Rejects when it prints much and nothing of it is MCP. */
  #chatter(): { heard: Promise<never>; stop(): void } {
    const { promise, reject } = Promise.withResolvers<never>()
    const began = performance.now()
    const listening = setInterval(() => {
      const { messages, rubbish } = this.#transport
      const enough = rubbish >= chatterLines && performance.now() - began >= chatterTime
      if (enough && !this.#isFetching && messages === 0) reject(new Error('only text that is not MCP'))
    }, 500)
    return { heard: promise, stop: () => clearInterval(listening) }
  }

  #explain(error: unknown, waited: number | null): HostError {
    return startFailure(this.#facts(waited), error)
  }

  #facts(waited: number | null): StartFacts {
    const { exit, messages, rubbish } = this.#transport
    const { command, lines, name } = this.#spec
    const isFetching = this.#isFetching
    const said = lines.lastWords()
    return { name, command, exit, said, clean: lines.clean, isFetching, rubbish, messages, waited }
  }
}
