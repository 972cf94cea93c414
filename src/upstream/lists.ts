import { ProtocolError } from '@modelcontextprotocol/client'
import type { ListKind } from './connection.ts'
import { tooDeep } from './depth.ts'
import type { Raw } from './exchange.ts'
import type { Wire } from './wire.ts'

export type ListName = 'tools' | 'resources' | 'resourceTemplates' | 'prompts'
export type Lists = Record<ListName, readonly Raw[]>

/** Nobody offers more in earnest, and no client could use them. */
const most: Record<ListName, number> = {
  tools: 2_000,
  resources: 5_000,
  resourceTemplates: 1_000,
  prompts: 1_000,
}
const methods: Record<ListName, string> = {
  tools: 'tools/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
  prompts: 'prompts/list',
}
/** What tells the entries apart. */
const keys: Record<ListName, string> = {
  tools: 'name',
  resources: 'uri',
  resourceTemplates: 'uriTemplate',
  prompts: 'name',
}
const maxPages = 500
/** Characters of one list, written as JSON. */
const maxSize = 16_000_000

/** The capability that a list belongs to, and what its change is announced as. */
export const kindOf = (name: ListName): ListKind => (name === 'resourceTemplates' ? 'resources' : name)

export const listNames: readonly ListName[] = ['tools', 'resources', 'resourceTemplates', 'prompts']

export const noLists: Lists = { tools: [], resources: [], resourceTemplates: [], prompts: [] }

/**
 * Every page of one list, in the server's order and with every field as sent. An entry that is broken, nested without end or comes
 * twice is left out. A server is asked only for what it says it has.
 */
export async function fetchList(
  wire: Wire,
  capabilities: Raw,
  name: ListName,
  options: { signal: AbortSignal; timeout: number; usable(tool: Raw): boolean },
): Promise<readonly Raw[]> {
  if (!capabilities[kindOf(name)]) return []
  const found = new Map<string, Raw>()
  const cursors = new Set<unknown>()
  let size = 0
  let cursor: unknown
  for (let page = 0; page < maxPages; page += 1) {
    let result: Raw
    try {
      result = await wire.request(methods[name], cursor === undefined ? {} : { cursor }, options)
    } catch (error) {
      // Some have resources and know nothing of templates; without its tools a server is of no use.
      if (error instanceof ProtocolError && name !== 'tools') break
      throw error
    }
    const entries: unknown = result[name]
    if (!Array.isArray(entries)) throw new ProtocolError(-32603, `${methods[name]}: the answer has no list`)
    for (const entry of entries) {
      if (!isWhole(entry, name) || (name === 'tools' && !options.usable(entry))) continue
      const key = entry[keys[name]] as string
      if (found.has(key)) continue
      size += JSON.stringify(entry).length
      if (size > maxSize || found.size >= most[name]) return [...found.values()]
      found.set(key, entry)
    }
    cursor = result.nextCursor
    // A cursor that comes back would go round for ever.
    if (typeof cursor !== 'string' || cursors.has(cursor)) break
    cursors.add(cursor)
  }
  return [...found.values()]
}

function isWhole(entry: unknown, name: ListName): entry is Raw {
  if (typeof entry !== 'object' || entry === null || tooDeep(entry)) return false
  const raw = entry as Raw
  if (typeof raw[keys[name]] !== 'string' || typeof raw.name !== 'string') return false
  return name !== 'tools' || (typeof raw.inputSchema === 'object' && raw.inputSchema !== null)
}
