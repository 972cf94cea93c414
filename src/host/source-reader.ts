import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Catalog } from '../gateway/offers/catalog.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { Turns } from '../kernel/turns.ts'

type Sources = Parameters<Catalog['setSources']>[0]

type Source = Sources[number]
type Lists = Required<Pick<Source, 'tools' | 'resources' | 'resourceTemplates' | 'prompts'>>

/** Another program under the same name has lists of its own. */
const keyOf = ({ slug, serverId, edition }: Source): string => `${slug} ${serverId} ${edition?.()}`

const none: [] = []

/** What a server lists at this moment. */
function listsOf(source: Source): Lists {
  const [tools, resources] = [source.tools(), source.resources?.() ?? none]
  const [resourceTemplates, prompts] = [source.resourceTemplates?.() ?? none, source.prompts?.() ?? none]
  return {
    tools: () => tools,
    resources: () => resources,
    resourceTemplates: () => resourceTemplates,
    prompts: () => prompts,
  }
}

const isSame = (one: Lists, other: Lists | undefined): boolean =>
  other !== undefined &&
  one.tools() === other.tools() &&
  one.resources() === other.resources() &&
  one.resourceTemplates() === other.resourceTemplates() &&
  one.prompts() === other.prompts()

/**
 * Tells the catalog what sources there are. Of a server it is told the lists that were looked at a little at a time, however often the
 * server changes them in the meantime: what is new comes with the next look.
 */
export class SourceReader {
  readonly #catalog: Pick<Catalog, 'setSources' | 'prepare'>
  readonly #sources: () => Sources
  readonly #log: Log
  readonly #looks = new Turns()
  #lookedAt = new Map<string, Lists>()
  /** A look that has not begun. */
  #next: Promise<void> | null = null
  #isReading = false
  #again = false
  #stopped = false

  constructor(catalog: Pick<Catalog, 'setSources' | 'prepare'>, sources: () => Sources, log: Log) {
    this.#catalog = catalog
    this.#sources = sources
    this.#log = log
  }

  read(): void {
    this.#catalog.setSources(this.#withLists(this.#lookedAt))
  }

  /**
   * The same, once what is new was looked at a little at a time: a server that was just started may list thousands. One after another, so
   * that no older look comes last; whoever asks while one waits shares it.
   */
  readPrepared(): Promise<void> {
    this.#next ??= this.#looks.take(() => {
      this.#next = null
      return this.#look()
    })
    return this.#next
  }

  /** The same, where some server lists what the catalog was not told of yet: it takes a while for everybody. */
  async readNew(): Promise<void> {
    const lists = this.#lists()
    const isTold = [...lists].every(([key, one]) => isSame(one, this.#lookedAt.get(key)))
    if (!isTold || lists.size !== this.#lookedAt.size) await this.readPrepared()
  }

  #lists(): Map<string, Lists> {
    const servers = this.#sources().filter(({ kind }) => kind === 'server')
    return new Map(servers.map((source) => [keyOf(source), listsOf(source)]))
  }

  async #look(): Promise<void> {
    const lists = this.#lists()
    const before = this.#lookedAt
    const isNew = (source: Source) => {
      const now = lists.get(keyOf(source))
      return now === undefined || !isSame(now, before.get(keyOf(source)))
    }
    await this.#catalog.prepare(this.#withLists(lists).filter(isNew))
    this.#lookedAt = lists
    if (!this.#stopped) this.read()
  }

  #withLists(lists: ReadonlyMap<string, Lists>): Source[] {
    return this.#sources().map((source) => ({ ...source, ...lists.get(keyOf(source)) }))
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
        // Asked for while the last look ended, or failed.
        if (this.#again) this.readSoon()
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
