import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Redactor } from '../../kernel/redact.ts'
import type { Network } from '../../net/network.ts'
import { createLogLines, type LogLines } from '../failures/log-lines.ts'
import type { AnswerBudgets } from '../framing/answer-budget.ts'
import { Health } from '../lifecycle/health.ts'
import { ServerRequests } from '../lifecycle/server-requests.ts'
import { createSource, type ServerSource } from '../lifecycle/source.ts'
import { createStartQueue } from '../lifecycle/start-queue.ts'
import { Supervisor } from '../lifecycle/supervisor.ts'
import { type Timings, usualStart } from '../lifecycle/timings.ts'
import type { FactStore } from '../lists/fact-store.ts'
import { ServerFacts } from '../lists/server-facts.ts'
import type { Open } from '../session/connection.ts'
import type { SignIns } from '../sign-in/sign-ins.ts'
import type { Confinement } from '../stdio/confinement.ts'
import { openStdio, type StartMark } from '../stdio/stdio-connection.ts'
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
}

/** Milliseconds that its start may take without a sign of life. */
export const startLimitOf = (row: Pick<ServerRow, 'startTimeout' | 'timeout'>): number =>
  row.startTimeout ?? Math.max(usualStart, row.timeout)

/** Returns what puts the parts of one server together. */
export function createEntries(deps: {
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
}): (row: ServerRow) => Entry {
  const { clock, log, timings, version, secrets } = deps
  const startingLine = createStartQueue()
  const startLimit = (row: ServerRow) => timings.start ?? startLimitOf(row)
  // The row is read at each start: it may have been edited since the last.
  const opener = (row: ServerRow, lines: LogLines): Open => {
    const budget = deps.budgets.budgetOf()
    return async (hooks) => {
      const common = { name: row.name, version, startTimeout: startLimit(row), budget }
      if (row.kind === 'stdio') {
        lines.begin()
        const [env, directories] = await Promise.all([secrets.read(row, 'env'), deps.directories()])
        const { id, args, cwd, confined } = row
        const { env: ours, dataDir } = deps
        return openStdio(
          {
            ...common,
            ...{ id, args, cwd, env, ours, directories, lines, dataDir, patience: timings },
            ...{ mark: deps.newMark(), downloadTimeout: timings.download },
            command: row.command!,
            confinement: confined ? (deps.confinement ?? 'missing') : null,
          },
          hooks,
        )
      }
      const headers = await secrets.read(row, 'header')
      // Anew each time: whoever carries a laptop about is in one network today and in another tomorrow.
      const route = await deps.network.route(new URL(row.url!))
      const redact = (text: string) => deps.redactor.text(text)
      const spec = { ...common, url: row.url!, headers, route, redact, signIn: deps.signIns.for(row) }
      // Loaded when there is such a server: undici takes 4 MB of memory.
      if (row.kind === 'sse') return (await import('../http/sse-connection.ts')).openSse(spec, hooks)
      return (await import('../http/http-connection.ts')).openHttp(spec, hooks)
    }
  }
  return (row) => {
    const lines = createLogLines(deps.redactor)
    const facts = new ServerFacts(row.id, deps.facts, clock)
    const health = new Health(clock)
    const timeout = () => timings.call ?? row.timeout
    const supervisor = new Supervisor({
      ...{ clock, log, timings, facts, health, timeout },
      startLimit: () => startLimit(row),
      is: row,
      open: opener(row, lines),
      // Servers at an address cost this computer nothing to start.
      turn: row.kind === 'stdio' ? startingLine : () => Promise.resolve(() => {}),
      onChanged: deps.onChanged,
      onListsChanged: deps.onListsChanged,
      onLog: (message) => lines.addLogged(message),
    })
    if (row.wanted === 'draft') supervisor.state = 'draft'
    const requests = new ServerRequests({
      ...{ is: row, supervisor, facts, health, log, timeout },
      now: () => clock.now(),
    })
    const source = createSource({ row, supervisor, facts, requests, timeout })
    return { row, held: null, lines, facts, health, supervisor, source }
  }
}
