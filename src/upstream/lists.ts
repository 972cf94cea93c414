import { hash } from 'node:crypto'
import { ProtocolError } from '@modelcontextprotocol/client'
import { createSlices } from '../kernel/slices.ts'
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
export const methods: Record<ListName, string> = {
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
/** Characters of one list, and of one entry, written as JSON. No model could take in that much. */
const maxSize = 2_000_000
const maxEntry = 256_000

/** The capability that a list belongs to, and what its change is announced as. */
export const kindOf = (name: ListName): ListKind => (name === 'resourceTemplates' ? 'resources' : name)

export const listNames: readonly ListName[] = ['tools', 'resources', 'resourceTemplates', 'prompts']

export const noLists: Lists = { tools: [], resources: [], resourceTemplates: [], prompts: [] }

export interface FetchedList {
  /** An entry that is the same as before is the same object, so that nobody has to look at it again. */
  entries: readonly Raw[]
  /** Whether there was more than we take. */
  cut: boolean
  /** Characters, as JSON. */
  size: number
}

/** Of entries as JSON, by object: entries are never changed. SHA-256, base64url. */
const digests = new WeakMap<Raw, string>()
const digestOf = (entry: Raw): string => {
  let digest = digests.get(entry)
  if (digest === undefined) {
    digest = hash('sha256', JSON.stringify(entry), 'base64url')
    digests.set(entry, digest)
  }
  return digest
}

/**
 * Every page of one list, in the server's order and with every field as sent, up to 2 MB. An entry that is broken, nested without end,
 * too large or comes twice is left out. A server is asked only for what it says it has. `before`: the last known list. Works in slices.
 */
export async function fetchList(
  wire: Wire,
  capabilities: Raw,
  name: ListName,
  options: { signal: AbortSignal; timeout: number; usable(tool: Raw): boolean; before: readonly Raw[] },
): Promise<FetchedList> {
  if (!capabilities[kindOf(name)]) return { entries: [], cut: false, size: 0 }
  const slices = createSlices()
  const before = new Map(options.before.map((entry) => [entry[keys[name]], entry]))
  let cut = false
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
      await slices.pause()
      const text = JSON.stringify(entry)
      if (text.length > maxEntry) {
        cut = true
        continue
      }
      size += text.length
      if (size > maxSize || found.size >= most[name]) return { entries: [...found.values()], cut: true, size }
      const digest = hash('sha256', text, 'base64url')
      const old = before.get(key)
      if (old && digestOf(old) === digest) found.set(key, old)
      else {
        digests.set(entry, digest)
        found.set(key, entry)
      }
    }
    cursor = result.nextCursor
    // A cursor that comes back would go round for ever.
    if (typeof cursor !== 'string' || cursors.has(cursor)) break
    cursors.add(cursor)
  }
  return { entries: [...found.values()], cut, size }
}

function isWhole(entry: unknown, name: ListName): entry is Raw {
  if (typeof entry !== 'object' || entry === null || tooDeep(entry)) return false
  const raw = entry as Raw
  if (typeof raw[keys[name]] !== 'string' || typeof raw.name !== 'string') return false
  return name !== 'tools' || (typeof raw.inputSchema === 'object' && raw.inputSchema !== null)
}
