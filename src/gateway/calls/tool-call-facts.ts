import { canonicalHash } from '../../kernel/canonical-json.ts'
import type { CallFacts } from '../../mcp/decision.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import type { CatalogEntry } from '../offers/catalog-entry.ts'
import { definitionHash, lifeOf } from '../offers/tools/tool-records.ts'

/** What an approval is bound to: this tool with exactly these arguments. SHA-256, hexadecimal. */
export const argumentsHash = (tool: string, args: Raw): string => canonicalHash({ tool, arguments: args })

/** What a rule may want to know of a call. Nearly all calls are decided without a hash. */
export class ToolCallFacts implements CallFacts {
  readonly #entry: CatalogEntry
  readonly #arguments: Raw
  readonly session: string

  constructor(entry: CatalogEntry, args: Raw, session: string) {
    this.#entry = entry
    this.#arguments = args
    this.session = session
  }

  get toolId(): string {
    return this.#entry.id
  }
  get source(): string {
    return lifeOf(this.#entry.source)
  }
  get definitionHash(): string {
    return definitionHash(this.#entry.definition)
  }
  get argumentsHash(): string {
    return argumentsHash(this.#entry.id, this.#arguments)
  }
}
