import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Redactor } from '../../kernel/log/redact.ts'
import type { Network } from '../../net/network.ts'
import { createLogLines, type LogLines } from '../failures/log-lines.ts'
import type { AnswerBudget, AnswerBudgets } from '../framing/answer-budget.ts'
import { Health } from '../lifecycle/health.ts'
import { ServerRequests } from '../lifecycle/server-requests.ts'
import { createSource, type ServerSource } from '../lifecycle/source.ts'
import { createStartQueue } from '../lifecycle/start-queue.ts'
import { Supervisor } from '../lifecycle/supervisor.ts'
import { type Timings, usualStart } from '../lifecycle/timings.ts'
import type { FactStore } from '../lists/fact-store.ts'
import { ServerFacts } from '../lists/server-facts.ts'
import type { Connection, Hooks, Open } from '../session/connection.ts'
import type { SignIns } from '../sign-in/sign-ins.ts'
import type { Confinement } from '../stdio/confinement.ts'
import { openStdio, type StartMark } from '../stdio/stdio-connection.ts'
import { rowFingerprint } from './fingerprint.ts'
import type { Held, ServerSecrets } from './server-secrets.ts'
import type { ServerRow } from './server-store.ts'

/** Everything about one server. */
export interface Entry {
  row: ServerRow
  /** Of a draft, once the vault has said it: its values, by which it is known again. */
  held: Held | null
  lines: LogLines
  facts: ServerFacts
  health: Health
  supervisor: Supervisor
  source: ServerSource
  /** Of the process groups it has now. */
  leaders: ReadonlySet<number>
}

/** Milliseconds that its start may take without a sign of life. */
export const startLimitOf = (row: Pick<ServerRow, 'startTimeout' | 'timeout'>): number =>
  row.startTimeout ?? Math.max(usualStart, row.timeout)

/** The same mark; `leaders` has who bears it. */
function noting(leaders: Set<number>, mark: StartMark): StartMark {
  let leader: number | undefined
  return {
    variable: mark.variable,
    onPid(pid) {
      leader = pid
      leaders.add(pid)
      mark.onPid(pid)
    },
    onGone() {
      if (leader !== undefined) leaders.delete(leader)
      mark.onGone()
    },
  }
}

export interface EntryDeps {
  clock: Clock
  log: Log
  redactor: Redactor
  timings: Timings
  version: string
  env: NodeJS.ProcessEnv
  facts: FactStore
  secrets: ServerSecrets
  /** Null: servers cannot be confined. */
  confinement: Confinement | null
  /** Nothing of it is in a server's environment. */
  dataDir: string | null
  signIns: SignIns
  budgets: AnswerBudgets
  network: Network
  directories(): Promise<readonly string[]>
  /** What the processes of each are known again by. */
  newMark(): StartMark
  onChanged(): void
  onListsChanged(): void
  /** As `ServerRequests` asks. */
  asksAboutVersions(): boolean
}

/** Puts the parts of each server together. */
export class EntryMaker {
  readonly #deps: EntryDeps
  readonly #startingLine = createStartQueue()

  constructor(deps: EntryDeps) {
    this.#deps = deps
  }

  create(row: ServerRow): Entry {
    const { clock, log, timings, onChanged, onListsChanged } = this.#deps
    const lines = createLogLines(this.#deps.redactor)
    const facts = new ServerFacts(row.id, this.#deps.facts, clock)
    const health = new Health(clock)
    const leaders = new Set<number>()
    const timeout = () => timings.call ?? row.timeout
    const supervisor = new Supervisor({
      is: row,
      clock,
      log,
      timings,
      facts,
      health,
      timeout,
      startLimit: () => this.#startLimit(row),
      open: this.#opener(row, lines, leaders),
      // Servers at an address cost this computer nothing to start.
      turn: row.kind === 'stdio' ? this.#startingLine : () => Promise.resolve(() => {}),
      onChanged,
      onListsChanged,
      onLog: (message) => lines.addLogged(message),
      clean: lines.clean,
    })
    if (row.wanted === 'draft') supervisor.state = 'draft'
    const now = () => clock.now()
    const { asksAboutVersions } = this.#deps
    const requests = new ServerRequests({
      ...{ is: row, supervisor, facts, health, log, timeout, now, asksAboutVersions, clean: lines.clean },
    })
    const fingerprint = rowFingerprint(row)
    const source = createSource({ row, supervisor, facts, requests, timeout, fingerprint })
    return { row, held: null, lines, facts, health, supervisor, source, leaders }
  }

  #startLimit(row: ServerRow): number {
    return this.#deps.timings.start ?? startLimitOf(row)
  }

  /** The row is read at each start: it may have been edited since the last. */
  #opener(row: ServerRow, lines: LogLines, leaders: Set<number>): Open {
    const budget = this.#deps.budgets.budgetOf()
    return (hooks) =>
      row.kind === 'stdio'
        ? this.#openProgram(row, lines, leaders, budget, hooks)
        : this.#openAddress(row, row.kind, budget, hooks)
  }

  async #openProgram(
    row: ServerRow,
    lines: LogLines,
    leaders: Set<number>,
    budget: AnswerBudget,
    hooks: Hooks,
  ): Promise<Connection> {
    const { confinement, dataDir, env: ours, secrets, timings, version } = this.#deps
    lines.begin()
    const [env, directories] = await Promise.all([secrets.read(row, 'env'), this.#deps.directories()])
    const { id, name, args, cwd, confined } = row
    return openStdio(
      {
        id,
        name,
        command: row.command!,
        args,
        cwd,
        env,
        ours,
        directories,
        dataDir,
        confinement: confined ? (confinement ?? 'missing') : null,
        lines,
        version,
        startTimeout: this.#startLimit(row),
        downloadTimeout: timings.download,
        patience: timings,
        budget,
        mark: noting(leaders, this.#deps.newMark()),
      },
      hooks,
    )
  }

  async #openAddress(
    row: ServerRow,
    kind: 'http' | 'sse',
    budget: AnswerBudget,
    hooks: Hooks,
  ): Promise<Connection> {
    const { network, redactor, secrets, signIns, version } = this.#deps
    const headers = await secrets.read(row, 'header')
    const url = row.url!
    const spec = {
      name: row.name,
      version,
      startTimeout: this.#startLimit(row),
      budget,
      url,
      headers,
      // Anew each time: whoever carries a laptop about is in one network today and in another tomorrow.
      route: await network.route(new URL(url)),
      redact: (text: string) => redactor.text(text),
      signIn: signIns.for(row),
    }
    // Loaded when there is such a server: undici takes 4 MB of memory.
    if (kind === 'sse') return (await import('../http/sse-connection.ts')).openSse(spec, hooks)
    return (await import('../http/http-connection.ts')).openHttp(spec, hooks)
  }
}
