import type { Risk } from '../../../contract/tools.ts'
import { canonicalHash } from '../../../kernel/canonical-json.ts'
import { errorText, HostError } from '../../../kernel/errors.ts'
import type { Log } from '../../../kernel/log/log.ts'
import { type KeptDefinition, type PinnedDefinition, pinnedPart } from '../../../mcp/pinned.ts'
import type { ToolDefinition, ToolSource } from '../../../mcp/tool-source.ts'
import type { CatalogEntry } from '../catalog-entry.ts'

/** What a tool may do at worst. */
export interface Claim {
  risk: Risk
  openWorld: boolean
}

/**
 * What is remembered of one tool of one server, for as long as the server is there, also while the tool is not. `risk`, `openWorld`:
 * what it said of itself when it was accepted.
 */
export interface ToolRecord extends Claim {
  serverId: string
  /** Its name at the server. */
  name: string
  /** Given once, and never to another tool. */
  id: string
  /** Of the definition that was accepted; of one that waits, as it was first seen. */
  definitionHash: string
  /** That definition; null: it is in the store. */
  definition: PinnedDefinition | null
  /** False: an earlier version kept nothing but its hash. */
  isKept: boolean
  /** `waiting`: it is new, and the owner has not looked at it. */
  state: 'accepted' | 'waiting'
  /** The public name it was given instead of its id, and what was wanted for it then. */
  shown: { wanted: string; name: string } | null
  /** Milliseconds since 1970. */
  firstSeenAt: number
}

export interface ToolRecordStore {
  all(): ToolRecord[]
  /** All of them or, when it throws, none. */
  put(records: readonly ToolRecord[]): void
  /** Those of one server. */
  remove(serverId: string): void
  /** The definition of a record; null: it was not kept. */
  definition(serverId: string, name: string): KeptDefinition | null
}

/** Whose tools these are: one server, from when it was added until it is removed. */
export const lifeOf = (source: ToolSource): string => source.serverId ?? source.slug

/** Far more than a server offers at once; one that invents names without end gets no further ones. */
const mostOfServer = 10_000

const ranks: Record<Risk, number> = { read: 0, write: 1, destructive: 2 }

/** Whether the tool says of itself that it does less than is known of it. */
const isLess = (claim: Claim, before: Claim): boolean =>
  ranks[claim.risk] < ranks[before.risk] || (before.openWorld && !claim.openWorld)

export const worse = (one: Risk, other: Risk): Risk => (ranks[one] < ranks[other] ? other : one)

const hashes = new WeakMap<ToolDefinition, string>()

/** SHA-256, hexadecimal, of all that tells an assistant, and its owner, what a tool does. */
export function definitionHash(definition: ToolDefinition): string {
  const made = hashes.get(definition)
  if (made !== undefined) return made
  const hash = canonicalHash(pinnedPart(definition))
  hashes.set(definition, hash)
  return hash
}

interface SeenTool {
  source: ToolSource
  definition: ToolDefinition
  id: string
  claim: Claim
  /** There is something in it that its owner has to see before anybody uses it. */
  isSuspect: boolean
}

/** The records of all tools of all servers, in memory and in the store. */
export class ToolRecords {
  readonly #store: ToolRecordStore | undefined
  readonly #now: () => number
  readonly #log: Log
  readonly #byServer = new Map<string, Map<string, ToolRecord>>()
  readonly #byId = new Map<string, ToolRecord>()
  /** Who has a public name that is not its id. */
  readonly #byShown = new Map<string, ToolRecord>()

  constructor(deps: { store?: ToolRecordStore | undefined; now?: (() => number) | undefined; log: Log }) {
    this.#store = deps.store
    this.#now = deps.now ?? Date.now
    this.#log = deps.log
    for (const record of this.#store?.all() ?? []) this.#hold(record)
  }

  of(source: ToolSource, name: string): ToolRecord | undefined {
    return this.#byServer.get(lifeOf(source))?.get(name)
  }
  byId(id: string): ToolRecord | undefined {
    return this.#byId.get(id)
  }
  byShown(name: string): ToolRecord | undefined {
    return this.#byShown.get(name)
  }
  /** Nothing was ever recorded: this is the first start, or the first with records. */
  get isEmpty(): boolean {
    return this.#byId.size === 0
  }
  /** An id is never given twice, and never one that a tool is called by. */
  isTaken(name: string): boolean {
    return this.#byId.has(name) || this.#byShown.has(name)
  }
  /** Whether this name is, or may be again, that of another tool. */
  isAnothers(name: string, id: string): boolean {
    const owner = this.#byId.get(name) ?? this.#byShown.get(name)
    return owner !== undefined && owner.id !== id
  }

  /** What was seen of servers' tools: remembers the new ones, which wait for the owner unless they are the first that are seen of their server. */
  seen(tools: readonly SeenTool[]): void {
    const fresh = new Map<string, ToolRecord[]>()
    const completed: ToolRecord[] = []
    for (const tool of tools) {
      const { source, definition } = tool
      const before = this.of(source, definition.name)
      if (before === undefined) {
        const serverId = lifeOf(source)
        const some = fresh.get(serverId) ?? []
        fresh.set(serverId, some)
        some.push(this.#fresh(serverId, tool))
      } else if (!before.isKept) {
        const complete = completedRecord(before, tool)
        if (complete !== null) completed.push(complete)
      }
    }
    for (const [serverId, some] of fresh) {
      const room = mostOfServer - (this.#byServer.get(serverId)?.size ?? 0)
      if (some.length > room) this.#log.warn('catalog.too-many-new-tools', { serverId, count: some.length })
      this.#write(some.slice(0, Math.max(0, room)), true)
    }
    this.#write(completed, false)
  }

  #fresh(serverId: string, { definition, id, claim, isSuspect }: SeenTool): ToolRecord {
    return {
      serverId,
      name: definition.name,
      id,
      ...claim,
      definitionHash: definitionHash(definition),
      definition,
      isKept: true,
      state: isSuspect || this.#byServer.has(serverId) ? 'waiting' : 'accepted',
      shown: null,
      firstSeenAt: this.#now(),
    }
  }

  /** What a tool was when it was accepted; null: that is not known. */
  definitionOf({ serverId, name, definition }: ToolRecord): KeptDefinition | null {
    return definition ?? this.#store?.definition(serverId, name) ?? null
  }

  /** By what names these are offered from now on. */
  named(names: readonly { record: ToolRecord; shown: ToolRecord['shown'] }[]): void {
    const changed = names.filter(
      ({ record, shown }) => record.shown?.name !== shown?.name || record.shown?.wanted !== shown?.wanted,
    )
    // Names that are given up first, so that somebody else can have them.
    changed.sort((a, b) => Number(a.shown !== null) - Number(b.shown !== null))
    this.#write(
      changed.map(({ record, shown }) => ({ ...(this.#byId.get(record.id) ?? record), shown })),
      false,
    )
  }

  /** As `Catalog.accept`. Throws as well when it cannot be stored. */
  accept(entries: readonly CatalogEntry[], wanted: readonly { id: string; seen: string }[]): void {
    const accepted = wanted.flatMap(({ id, seen }): ToolRecord[] => {
      const entry = entries.find((one) => one.id === id)
      const record = this.#byId.get(id)
      if (!entry || (entry.review && !record)) throw toolGone(id)
      const { definition, review } = entry
      if (review?.why === 'identity') throw serverFirst(entry.source.name)
      if (definitionHash(definition) !== seen) throw toolChanged(entry.title)
      if (!review || !record) return []
      const pinned = { definitionHash: seen, definition, isKept: true }
      return [{ ...record, ...review.claim, ...pinned, state: 'accepted' }]
    })
    this.#store?.put(accepted)
    for (const record of accepted) this.#hold(record)
  }

  /** The server was removed: nothing of it is remembered. */
  forget(serverId: string): void {
    this.#store?.remove(serverId)
    for (const record of this.#byServer.get(serverId)?.values() ?? []) {
      this.#byId.delete(record.id)
      this.#giveUpName(record)
    }
    this.#byServer.delete(serverId)
  }

  /** What is new is kept only when it is stored: an id that a restart could give to another tool is none. */
  #write(records: readonly ToolRecord[], isNew: boolean): void {
    if (records.length === 0) return
    try {
      this.#store?.put(records)
    } catch (error) {
      this.#log.error('catalog.tools-not-recorded', { count: records.length, error: errorText(error) })
      if (isNew) return
    }
    for (const record of records) this.#hold(record)
  }

  #hold(record: ToolRecord): void {
    const own = this.#byServer.get(record.serverId) ?? new Map<string, ToolRecord>()
    this.#byServer.set(record.serverId, own)
    const before = own.get(record.name)
    if (before) this.#giveUpName(before)
    own.set(record.name, record)
    this.#byId.set(record.id, record)
    if (record.shown) this.#byShown.set(record.shown.name, record)
  }

  #giveUpName(record: ToolRecord): void {
    if (record.shown && this.#byShown.get(record.shown.name) === record)
      this.#byShown.delete(record.shown.name)
  }
}

/**
 * Earlier versions went along with changes and kept only a hash: what such a tool is now is what it is taken for from now on, unless it
 * says that it does less than was known of it (null).
 */
function completedRecord(before: ToolRecord, { definition, claim }: SeenTool): ToolRecord | null {
  const hash = definitionHash(definition)
  if (hash !== before.definitionHash && isLess(claim, before)) return null
  const pinned = { definitionHash: hash, definition, isKept: true }
  return before.state === 'waiting' ? { ...before, ...pinned } : { ...before, ...claim, ...pinned }
}

const serverFirst = (source: string): HostError =>
  new HostError({
    code: 'server-changed',
    says: 'server-changed-first',
    params: { source },
  })

export const toolGone = (id: string): HostError =>
  new HostError({
    code: 'tool-unknown',
    detail: id,
  })

export const toolChanged = (title: string): HostError =>
  new HostError({
    code: 'tool-changed',
    params: { title },
  })
