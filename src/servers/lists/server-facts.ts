import { isDeepStrictEqual } from 'node:util'
import { say } from '../../../locales/say.ts'
import type { Clock } from '../../kernel/clock.ts'
import { isObject } from '../../kernel/is-object.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import type { Connection } from '../session/connection.ts'
import type { Fact, FactStore } from './fact-store.ts'
import { type FetchedList, type LeftOut, type ListName, type Lists, listNames, noLists } from './lists.ts'

/** How long "older kind" is believed about a server, which may have been updated since. Milliseconds. */
const legacyFor = 24 * 60 * 60_000
/** A list that changes all the time is written down this often. Milliseconds. */
const writeEvery = 10_000

interface Protocol {
  version: string
  transport: Connection['transport']
}

/**
 * What is known of one server. It outlives the connection and Drawbridge itself, so that clients do not see tools vanish
 * while a server is down or just starting.
 */
export class ServerFacts {
  readonly #id: string
  readonly #store: FactStore
  readonly #clock: Clock
  #protocol: Protocol | null = null
  #protocolSince: number | null = null
  #capabilities: Raw = {}
  #instructions: string | null = null
  #version: string | null = null
  #lists: Lists = noLists
  readonly #truncated = new Set<ListName>()
  readonly #leftOut = new Map<ListName, readonly LeftOut[]>()
  readonly #sizes = new Map<ListName, number>()
  readonly #unwritten = new Set<ListName>()
  #wroteAt = Number.NEGATIVE_INFINITY
  #writing: NodeJS.Timeout | undefined

  constructor(id: string, store: FactStore, clock: Clock) {
    this.#id = id
    this.#store = store
    this.#clock = clock
    const facts = store.of(id)
    const protocol = facts.get('protocol')
    if (isProtocol(protocol?.value)) {
      this.#protocol = protocol.value
      this.#protocolSince = protocol.at
    }
    const { capabilities, instructions, version } = Object.fromEntries(facts) as Record<string, Fact>
    if (isObject(capabilities?.value)) this.#capabilities = capabilities.value
    if (typeof instructions?.value === 'string') this.#instructions = instructions.value
    if (typeof version?.value === 'string') this.#version = version.value
    for (const name of listNames) {
      const list = facts.get(name)?.value
      if (Array.isArray(list)) this.#lists = { ...this.#lists, [name]: list.filter(isObject) }
    }
  }

  get protocol(): string | null {
    return this.#protocol?.version ?? null
  }

  get transport(): Connection['transport'] | null {
    return this.#protocol?.transport ?? null
  }

  /** When the protocol was found out. */
  get protocolSince(): number | null {
    return this.#protocolSince
  }

  get capabilities(): Raw {
    return this.#capabilities
  }

  /** Empty: it says nothing of itself. Null: that is not known. */
  get instructions(): string | null {
    return this.#instructions
  }

  /** What it calls itself, and which version of that; null: it has not said so since it became what it is. */
  get version(): string | null {
    return this.#version
  }

  /** Another program stands in its place. */
  forgetIntroduction(): void {
    this.#version = null
    this.#instructions = null
    this.#keep('version', null)
    this.#keep('instructions', null)
  }

  get lists(): Lists {
    return this.#lists
  }

  tool(name: string): Raw | undefined {
    return this.#lists.tools.find((tool) => tool.name === name)
  }

  /** Whether it was of the older kind not long ago, so that it need not be asked again. */
  isLegacy(): boolean {
    return this.#isFresh() && this.#protocol!.version < '2026-07-28'
  }

  /** Whether it spoke the older kind with two addresses not long ago. */
  isSse(): boolean {
    return this.#isFresh() && this.#protocol!.transport === 'sse'
  }

  /** Next time the protocol is found out anew. */
  doubt(): void {
    this.#protocolSince = null
  }

  /** Notes what a fresh connection says; `asked`: whether the protocol was found out, or taken for granted. True: news. */
  learn(connection: Connection, asked: boolean): boolean {
    const { client, rpc, transport } = connection
    const protocol: Protocol = { version: rpc.protocol ?? 'unknown', transport }
    const isNew = !isDeepStrictEqual(protocol, this.#protocol)
    if (asked || isNew || this.#protocolSince === null) {
      this.#protocol = protocol
      const now = this.#clock.now()
      this.#protocolSince = now
      this.#keep('protocol', protocol, now)
    }
    const capabilities = (client.getServerCapabilities() ?? {}) as Raw
    const instructions = client.getInstructions() ?? ''
    const version = versionOf(client.getServerVersion()) ?? this.#version
    const isOther = version !== this.#version
    if (isOther) {
      this.#version = version
      this.#keep('version', version)
    }
    const news =
      !isDeepStrictEqual(capabilities, this.#capabilities) || instructions !== this.#instructions || isNew
    if (news) {
      this.#capabilities = capabilities
      this.#instructions = instructions
      this.#keep('capabilities', capabilities)
      this.#keep('instructions', instructions)
    }
    return news || isOther
  }

  /** The lists of which there was more than we take. */
  get truncatedLists(): readonly ListName[] {
    return [...this.#truncated]
  }

  /** What it has and is not offered, and why. */
  get leftOut(): readonly LeftOut[] {
    return listNames.flatMap((name) => this.#leftOut.get(name) ?? [])
  }

  /** A list could not be had: what was known of it stays. */
  missed(name: ListName, why: string): void {
    this.#leftOut.set(name, [{ kind: 'list', name, why }])
  }

  /** The lists that could not be had the last time. */
  get missedLists(): readonly ListName[] {
    return listNames.filter((name) => this.#leftOut.get(name)?.[0]?.kind === 'list')
  }

  /** Characters of all lists as JSON, as far as they were fetched. */
  get size(): number {
    return [...this.#sizes.values()].reduce((sum, size) => sum + size, 0)
  }

  /** True: it is another list than before. Entries that are the same are the same objects. */
  keep(name: ListName, { entries, truncated, size, leftOut, isNothing }: FetchedList): boolean {
    const had = this.#lists[name].length
    // It may well mean that it has none any more, and the owner is told what became of them.
    if (isNothing && had > 0) this.missed(name, say('lists.nothing', { count: had }))
    else if (!isNothing) this.#leftOut.set(name, leftOut)
    this.#sizes.set(name, size)
    const wasTruncated = this.#truncated.has(name)
    if (truncated) this.#truncated.add(name)
    else this.#truncated.delete(name)
    const before = this.#lists[name]
    const isSame = entries.length === before.length && entries.every((entry, at) => entry === before[at])
    if (isSame) return wasTruncated !== truncated
    this.#lists = { ...this.#lists, [name]: entries }
    this.#unwritten.add(name)
    this.#writeSoon()
    return true
  }

  /** Writes down what waits for it. */
  flush(): void {
    clearTimeout(this.#writing)
    this.#writing = undefined
    if (this.#unwritten.size > 0) this.#wroteAt = performance.now()
    for (const name of this.#unwritten) this.#keep(name, this.#lists[name])
    this.#unwritten.clear()
  }

  #writeSoon(): void {
    const wait = this.#wroteAt + writeEvery - performance.now()
    // All lists of one start are written together.
    if (wait <= 0) queueMicrotask(() => this.flush())
    else this.#writing ??= setTimeout(() => this.flush(), wait).unref()
  }

  #isFresh(): boolean {
    const since = this.#protocolSince
    if (this.#protocol === null || since === null) return false
    const age = this.#clock.now() - since
    return age >= 0 && age < legacyFor
  }

  #keep(name: string, value: unknown, at = this.#clock.now()): void {
    this.#store.keep(this.#id, name, { value, at })
  }
}

/** Of a name and a version as long as they make sense. */
const versionOf = (info: { name?: unknown; version?: unknown } | undefined): string | null =>
  info === undefined ? null : `${String(info.name)} ${String(info.version)}`.slice(0, 300)

const isProtocol = (value: unknown): value is Protocol =>
  isObject(value) &&
  typeof value.version === 'string' &&
  ['stdio', 'streamable-http', 'sse'].includes(value.transport as string)
