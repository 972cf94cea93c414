import { ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import type { ServerKind } from '../../contract/servers.ts'
import type { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { isRateLimited } from '../failures/failures.ts'
import { kindOf, listNames, methods } from '../lists/lists.ts'
import type { ServerFacts } from '../lists/server-facts.ts'
import { requestFailure } from '../session/call.ts'
import type { Health } from './health.ts'
import type { Running } from './running.ts'

interface Parts {
  is: { readonly name: string; readonly kind: ServerKind }
  facts: ServerFacts
  health: Health
  log: Log
  /** Milliseconds. */
  timeout(): number
  /** Takes secrets out of what the server said. */
  clean(text: string): string
}

/** Asks one server for signs of life, and counts the silences. */
export class HealthCheck {
  readonly #parts: Parts
  /** Looks in a row that came to nothing. */
  #silences = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** It is started anew. */
  begin(): void {
    this.#silences = 0
  }

  /** The answer is in its health. Returns why the connection is of no use any more, if it is not. `isCurrent`: whether it still is the one in use. */
  async look(running: Running, isCurrent: () => boolean): Promise<HostError | null> {
    const { health, log } = this.#parts
    const { kind, name } = this.#parts.is
    const timeout = this.#parts.timeout()
    try {
      await this.#signOfLife(running, timeout)
      health.checked(true)
      this.#silences = 0
      return null
    } catch (error) {
      const { failure, lost } = requestFailure(error, {
        name,
        timeout,
        isHttp: kind !== 'stdio',
        signal: never,
        clean: this.#parts.clean,
        explain: (cause) => running.explain(cause, null),
      })
      health.checked(false)
      if (!isCurrent()) return null
      health.failed(failure.message)
      log.warn('servers.no-sign-of-life', { server: name, code: failure.code, error })
      this.#silences += 1
      // Whoever is at work on something may have no time for an answer; a program may have been held, as in a computer that sleeps.
      const enough = running.rpc.pendingRequests === 0 && this.#silences >= (kind === 'stdio' ? 2 : 1)
      return lost || enough ? failure : null
    }
  }

  /** Also a refusal is one, or that there were too many questions. Some servers pass over a ping, so one list may be asked for instead. */
  async #signOfLife({ rpc, explain }: Running, timeout: number): Promise<void> {
    const isSign = (error: unknown) => error instanceof ProtocolError || isRateLimited(explain(error, null))
    const list = listNames.find((name) => this.#parts.facts.capabilities[kindOf(name)])
    const ask = (method: string) =>
      rpc.request(method, {}, { timeout }).catch((error: unknown) => {
        if (!isSign(error)) throw error
      })
    try {
      await ask(rpc.isModern ? 'server/discover' : 'ping')
    } catch (error) {
      if (list === undefined || !isSilence(error)) throw error
      await ask(methods[list])
    }
  }
}

const never = new AbortController().signal

const isSilence = (error: unknown) => error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout
