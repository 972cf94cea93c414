import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Catalog } from '../gateway/offers/catalog.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'

type Sources = Parameters<Catalog['setSources']>[0]

/** Tells the catalog what sources there are. */
export class SourceReader {
  readonly #catalog: Pick<Catalog, 'setSources' | 'prepare'>
  readonly #sources: () => Sources
  readonly #log: Log
  #isReading = false
  #again = false
  #stopped = false

  constructor(catalog: Pick<Catalog, 'setSources' | 'prepare'>, sources: () => Sources, log: Log) {
    this.#catalog = catalog
    this.#sources = sources
    this.#log = log
  }

  read(): void {
    this.#catalog.setSources(this.#sources())
  }

  /** The same, once what is new was looked at a little at a time: a server that was just started may list thousands. */
  async readPrepared(): Promise<void> {
    await this.#catalog.prepare(this.#sources())
    if (!this.#stopped) this.read()
  }

  /** Fifty servers that start tell of their lists within moments; one look at all of them is enough. */
  readSoon(): void {
    this.#again = true
    if (this.#stopped || this.#isReading) return
    this.#isReading = true
    void this.#readUntilSame()
      .catch((error) => this.#log.error('sources.read', { error: errorText(error) }))
      .finally(() => {
        this.#isReading = false
      })
  }

  stop(): void {
    this.#stopped = true
  }

  async #readUntilSame(): Promise<void> {
    do {
      await nextTurn()
      this.#again = false
      await this.readPrepared()
    } while (this.#again && !this.#stopped)
  }
}
