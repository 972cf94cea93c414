import type { LoggingLevel } from '@modelcontextprotocol/client'
import { severity } from '../../mcp/log-levels.ts'
import type { RpcConnection } from './rpc-connection.ts'

/** How long nobody may have wanted so much before a server is told to say less. Milliseconds. */
const quietAfter = 60_000

/**
 * The level of logging a server of the 2025 era is set to: one for the whole connection, so it follows whoever wants most. In the
 * 2026-07-28 era every request says for itself.
 */
export class LogLevel {
  readonly #rpc: RpcConnection
  readonly #timeout: number
  #current: LoggingLevel | null = null
  #wantedAt = 0

  constructor(rpc: RpcConnection, timeout: number) {
    this.#rpc = rpc
    this.#timeout = timeout
  }

  /** Null: nothing has to be changed, as nearly always. Otherwise resolves when the server knows; never rejects. */
  want(level: LoggingLevel, now: number): Promise<void> | null {
    const less = this.#current === null ? -1 : severity(level) - severity(this.#current)
    if (less <= 0) this.#wantedAt = now
    if (less === 0 && this.#current !== null) return null
    if (less > 0 && now - this.#wantedAt < quietAfter) return null
    this.#current = level
    this.#wantedAt = now
    return this.#rpc.request('logging/setLevel', { level }, { timeout: this.#timeout }).then(
      () => {},
      () => {},
    )
  }
}
