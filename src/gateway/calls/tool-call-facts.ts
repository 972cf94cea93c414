import { canonicalHash } from '../../kernel/canonical-json.ts'
import type { CallFacts } from '../../mcp/decision.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { type CatalogEntry, identityOf } from '../offers/catalog-entry.ts'
import { definitionHash, lifeOf } from '../offers/tools/tool-records.ts'
import type { ClientRequest } from './client-request.ts'

/** What an approval is bound to: this tool with exactly these arguments. SHA-256, hexadecimal. */
export const argumentsHash = (tool: string, args: Raw): string => canonicalHash({ tool, arguments: args })

type Asked = Pick<ClientRequest, 'caller' | 'key' | 'chat'>

/** What a rule may want to know of a call. Nearly all calls are decided without a hash. */
export class ToolCallFacts implements CallFacts {
  readonly #entry: CatalogEntry
  readonly #arguments: Raw
  readonly #request: Asked

  constructor(entry: CatalogEntry, args: Raw, request: Asked) {
    this.#entry = entry
    this.#arguments = args
    this.#request = request
  }

  get grantId(): string {
    return this.#request.caller.principal.grantId
  }
  get session(): string {
    return this.#request.key
  }
  get chat(): string | null {
    return this.#request.chat ?? null
  }

  get toolId(): string {
    return this.#entry.id
  }
  get source(): string {
    return lifeOf(this.#entry.source)
  }
  get identity(): string {
    return identityOf(this.#entry.source)
  }
  get definitionHash(): string {
    return definitionHash(this.#entry.definition)
  }
  get argumentsHash(): string {
    return argumentsHash(this.#entry.id, this.#arguments)
  }
}
