import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import type { Connection } from '../session/connection.ts'
import { Listening } from '../session/listening.ts'
import { LogLevel } from '../session/log-level.ts'

/** A running server, with what belongs to this one connection. */
export interface Running extends Connection {
  listening: Listening
  /** Null when there is nothing to set. */
  logLevel: LogLevel | null
}

/** `name`: of the server; `timeouts`: milliseconds, for what the start waits for and for other requests. */
export function asRunning(
  connection: Connection,
  capabilities: Raw,
  name: string,
  timeouts: { start: number; request: number },
  log: Log,
): Running {
  const { rpc } = connection
  rpc.requestMeta.logs = capabilities.logging !== undefined
  return Object.assign(connection, {
    listening: new Listening({
      connection,
      capabilities,
      timeout: timeouts.start,
      onProblem: (error) => log.warn('servers.listen-failed', { server: name, error: errorText(error) }),
    }),
    logLevel: capabilities.logging && !rpc.isModern ? new LogLevel(rpc, timeouts.request) : null,
  })
}

/** Connections whose sessions are forgotten: they end as soon as nothing is under way over them. */
export class Retired {
  readonly #all = new Set<Connection>()
  #looking: NodeJS.Timeout | undefined

  add(connection: Connection): void {
    this.#all.add(connection)
    this.#look()
  }

  /** Ends them now. */
  async close(): Promise<void> {
    const closing = [...this.#all].map((one) => one.close())
    this.#all.clear()
    clearTimeout(this.#looking)
    await Promise.all(closing)
  }

  #look(): void {
    clearTimeout(this.#looking)
    for (const one of this.#all)
      if (one.rpc.pendingRequests === 0) {
        this.#all.delete(one)
        void one.close()
      }
    if (this.#all.size > 0) this.#looking = setTimeout(() => this.#look(), 200)
  }
}
