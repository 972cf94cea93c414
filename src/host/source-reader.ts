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

  /** Fifty servers that start tell of their lists within moments; one look at all of them is enough. */
  readSoon(): void {
    this.#again = true
    if (this.#stopped || this.#isReading) return
    this.#isReading = true
    void this.#readPrepared()
      .catch((error) => this.#log.error('sources.read', { error: errorText(error) }))
      .finally(() => {
        this.#isReading = false
      })
  }

  stop(): void {
    this.#stopped = true
  }

  async #readPrepared(): Promise<void> {
    do {
      await nextTurn()
      this.#again = false
      await this.#catalog.prepare(this.#sources())
      if (!this.#stopped) this.read()
    } while (this.#again && !this.#stopped)
  }
}
