import type { CatalogEntry } from '../catalog-entry.ts'
import type { KeptNames } from '../kept-names.ts'
import { lifeOf } from './tool-records.ts'

/**
 * The public names that tools had before, and those that connectors' tools are called by elsewhere: apps that keep an old list, and people
 * who follow another guide, go on calling by them. The same tool is meant by its id, so that nothing may be done by such a name that may
 * not be done by its own.
 */
export class FormerNames {
  readonly #kept: KeptNames
  /** Old name, then the id. */
  #ids = new Map<string, string>()
  /** Likewise. What servers say of themselves counts for nothing here. */
  #elsewhere: ReadonlyMap<string, string> = new Map()

  constructor(kept: KeptNames) {
    this.#kept = kept
    this.read()
  }

  /** What is kept, and nothing else: those of a removed server are gone. */
  read(): void {
    this.#ids = new Map([...this.#kept.all('former-tool')].map(({ name, publicName }) => [name, publicName]))
  }

  /** Remembers what is called otherwise now than at the last look. */
  look(before: ReadonlyMap<string, { id: string; publicName: string }>, now: readonly CatalogEntry[]): void {
    for (const { id, publicName, source } of now) {
      const was = before.get(id)?.publicName
      if (was === undefined || was === publicName) continue
      this.#ids.set(was, id)
      this.#kept.keep(lifeOf(source), 'former-tool', was, id)
    }
    this.#elsewhere = new Map(
      now
        .filter(({ source }) => source.kind === 'connector')
        .flatMap(({ id, definition }) => (definition.alsoCalled ?? []).map((name) => [name, id] as const)),
    )
  }

  /** The id of the tool that was called so, or is elsewhere. */
  idOf(name: string): string | undefined {
    return this.#ids.get(name) ?? this.#elsewhere.get(name)
  }
}
