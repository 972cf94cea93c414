import type { McpSubscription } from '@modelcontextprotocol/client'
import type { Raw } from '../../mcp/tool-source.ts'
import type { Connection } from './connection.ts'

/** Before a lost stream is opened again; doubles each time. Milliseconds. */
const firstWait = 1_000
const longestWait = 60_000

interface Options {
  connection: Connection
  capabilities: Raw
  /** Milliseconds that the server may take to agree. */
  timeout: number
  onProblem(error: unknown): void
}

/**
 * Keeps a server telling us what changes, over one connection: by a `subscriptions/listen` stream that is opened anew whenever the
 * resources change (MCP 2026-07-28), or by `resources/subscribe` for each (2025-11-25, where changed lists are told anyway).
 */
export class Listening {
  readonly #options: Options
  #uris: ReadonlySet<string> = new Set()
  #told: ReadonlySet<string> | null = null
  #working: Promise<void> = Promise.resolve()
  #isWorking = false
  #stream: McpSubscription | null = null
  #hadStream = false
  #wait = firstWait
  #again: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: Options) {
    this.#options = options
  }

  /** These resources and no others are of interest. Resolves when the server knows, or would not hear of it. */
  set(uris: ReadonlySet<string>): Promise<void> {
    this.#uris = uris
    if (!this.#isWorking) this.#working = this.#work()
    return this.#working
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#again)
    void this.#stream?.close()
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    // The set may change again while the server is told.
    while (!this.#closed && this.#told !== this.#uris) {
      const uris = this.#uris
      try {
        if (this.#options.connection.rpc.isModern) await this.#listen(uris)
        else await this.#subscribe(uris)
        this.#wait = firstWait
      } catch (error) {
        if (!this.#closed) this.#options.onProblem(error)
        // A server that never agreed will not agree later.
        if (this.#hadStream) this.#later()
      }
      this.#told = uris
    }
    this.#isWorking = false
  }

  async #listen(uris: ReadonlySet<string>): Promise<void> {
    const { connection, capabilities, timeout } = this.#options
    const tells = (kind: string) => (capabilities[kind] as Raw | undefined)?.listChanged === true
    const canSubscribe = (capabilities.resources as Raw | undefined)?.subscribe === true
    const filter = {
      ...(tells('tools') && { toolsListChanged: true }),
      ...(tells('prompts') && { promptsListChanged: true }),
      ...(tells('resources') && { resourcesListChanged: true }),
      ...(canSubscribe && uris.size > 0 && { resourceSubscriptions: [...uris] }),
    }
    const before = this.#stream
    if (Object.keys(filter).length === 0) this.#stream = null
    else {
      const stream = await connection.client.listen(filter, { timeout })
      this.#stream = stream
      this.#hadStream = true
      void stream.closed.then((how) => {
        if (how === 'local' || this.#stream !== stream) return
        this.#stream = null
        this.#later()
      })
      if (this.#closed) await stream.close()
    }
    // Only now, so that nothing is missed in between.
    await before?.close()
  }

  /** The stream ended by itself. */
  #later(): void {
    if (this.#closed) return
    clearTimeout(this.#again)
    this.#again = setTimeout(() => {
      this.#told = null
      void this.set(this.#uris)
    }, this.#wait).unref()
    this.#wait = Math.min(this.#wait * 2, longestWait)
  }

  async #subscribe(uris: ReadonlySet<string>): Promise<void> {
    const { connection, capabilities, timeout, onProblem } = this.#options
    if ((capabilities.resources as Raw | undefined)?.subscribe !== true) return
    const told = this.#told ?? new Set<string>()
    const ask = (method: string, uri: string) =>
      connection.rpc.request(method, { uri }, { timeout }).catch(onProblem)
    await Promise.all([
      ...[...uris].filter((uri) => !told.has(uri)).map((uri) => ask('resources/subscribe', uri)),
      ...[...told].filter((uri) => !uris.has(uri)).map((uri) => ask('resources/unsubscribe', uri)),
    ])
  }
}
