import { hash } from 'node:crypto'
import {
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
} from '@modelcontextprotocol/client'
import { say } from '../../../locales/say.ts'
import { HostError, isHostError } from '../../kernel/errors.ts'
import { shorten } from '../../kernel/shorten.ts'
import { createSlices } from '../../kernel/slices.ts'
import { nothingGiven } from '../../mcp/nulls.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { BrokenOff } from '../failures/broken-off.ts'
import { httpWords } from '../failures/http-failures.ts'
import { isSignedOut } from '../session/call.ts'
import type { ListKind } from '../session/connection.ts'
import { tooDeep } from '../session/depth.ts'
import type { RpcConnection } from '../session/rpc-connection.ts'
import { type EntryKind, mendBySchema, mendPlainly, mendSchemas } from './mend.ts'

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
const entryKinds: Record<ListName, EntryKind> = {
  tools: 'tool',
  resources: 'resource',
  resourceTemplates: 'resourceTemplate',
  prompts: 'prompt',
}
const maxPages = 500
/** Pages in a row with nothing new on them. */
const mostBarren = 20
/** Entries that are left out and named. */
const mostNamed = 50
/** Characters of one list, and of one entry, written as JSON. No model could take in that much. */
const maxSize = 2_000_000
const maxEntry = 256_000

/** The capability that a list belongs to, and what its change is announced as. */
export const kindOf = (name: ListName): ListKind => (name === 'resourceTemplates' ? 'resources' : name)

export const listNames: readonly ListName[] = ['tools', 'resources', 'resourceTemplates', 'prompts']

export const noLists: Lists = { tools: [], resources: [], resourceTemplates: [], prompts: [] }

/** What a server has and is not offered, and why, in words for people: an entry of a list, a part of a tool (`part`), or (`list`) all of a list. */
export interface LeftOut {
  kind: EntryKind | 'part' | 'list'
  name: string
  why: string
}

export interface FetchedList {
  /** An entry that is the same as before is the same object, so that nobody has to look at it again. */
  entries: readonly Raw[]
  /** Whether there was more than we take. */
  truncated: boolean
  /** Characters, as JSON. */
  size: number
  leftOut: readonly LeftOut[]
  /** The server said that it is empty, but not as the protocol does: null, or an object with nothing in it. */
  isNothing: boolean
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
 * Every page of one list, in the server's order, up to 2 MB. What is odd about an entry is mended where it is plain what was meant; an
 * entry that is of no use, nested without end, too large or comes twice is left out, and named. A server is asked only for what it says
 * it has. `before`: the last known list. Works in slices.
 */
export async function fetchList(
  rpc: RpcConnection,
  capabilities: Raw,
  name: ListName,
  options: { signal: AbortSignal; timeout: number; usable(tool: Raw): boolean; before: readonly Raw[] },
): Promise<FetchedList> {
  const reading = new Reading(name, options)
  if (!capabilities[kindOf(name)]) return reading.list()
  const cursors = new Set<unknown>()
  let barren = 0
  let cursor: unknown
  for (let page = 0; page < maxPages; page += 1) {
    let result: Raw
    try {
      result = await rpc.request(methods[name], cursor === undefined ? {} : { cursor }, options)
    } catch (error) {
      // Some have resources and know nothing of templates, or say that they have what they do not.
      if (error instanceof ProtocolError && error.code === ProtocolErrorCode.MethodNotFound) break
      // What came before is good.
      if (page > 0 && isOwnFault(error)) {
        reading.truncated = true
        break
      }
      throw error
    }
    const entries = entriesIn(result[name])
    if (!Array.isArray(entries)) {
      if (page === 0) throw noList()
      reading.truncated = true
      break
    }
    reading.isNothing = page === 0 && entries.length === 0 && isOddlyEmpty(result[name])
    const before = reading.count
    if (!(await reading.take(entries))) break
    cursor = result.nextCursor
    // Some count pages, and some say with nothing that there are no more.
    const isMore = (typeof cursor === 'string' && cursor !== '') || typeof cursor === 'number'
    if (!isMore) break
    // Some say “next” each time; one that goes round brings nothing new.
    barren = reading.count > before ? 0 : barren + 1
    if (barren >= (cursors.has(cursor) ? 1 : mostBarren)) break
    cursors.add(cursor)
    if (page === maxPages - 1) reading.truncated = true
  }
  return reading.list()
}

const isOddlyEmpty = (given: unknown): boolean => given === nothingGiven || !Array.isArray(given)

/** By name instead of in a list. */
function entriesIn(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const all = Object.entries(given)
  const isByName = all.every(
    ([, entry]) => typeof entry === 'object' && entry !== null && !Array.isArray(entry),
  )
  return isByName ? all.map(([name, entry]) => ({ name, ...(entry as Raw) })) : given
}

/** One list on its way in. */
class Reading {
  truncated = false
  isNothing = false
  readonly #name: ListName
  readonly #usable: (tool: Raw) => boolean
  readonly #before: ReadonlyMap<unknown, Raw>
  readonly #found = new Map<string, Raw>()
  /** As JSON, by key, before what is taken out of it: at most as much as the list may be. */
  readonly #came = new Map<string, string>()
  readonly #leftOut: LeftOut[] = []
  readonly #slices = createSlices()
  #size = 0
  #unnamed = 0
  #pages = 0

  constructor(name: ListName, options: { usable(tool: Raw): boolean; before: readonly Raw[] }) {
    this.#name = name
    this.#usable = options.usable
    this.#before = new Map(options.before.map((entry) => [entry[keys[name]], entry]))
  }

  /** Good entries so far. */
  get count(): number {
    return this.#found.size
  }

  /** False: it is full. */
  async take(entries: readonly unknown[]): Promise<boolean> {
    this.#pages += 1
    for (const entry of entries) {
      await this.#slices.pause()
      if (!this.#takeOne(entry)) return false
    }
    return true
  }

  list(): FetchedList {
    const leftOut =
      this.#unnamed === 0
        ? this.#leftOut
        : [
            ...this.#leftOut,
            {
              kind: entryKinds[this.#name],
              name: say('offers.leftOut.more', { count: this.#unnamed }),
              why: say('offers.leftOut.asThese'),
            },
          ]
    const { truncated, isNothing } = this
    return { entries: [...this.#found.values()], truncated, size: this.#size, leftOut, isNothing }
  }

  #takeOne(entry: unknown): boolean {
    const name = this.#name
    const kind = entryKinds[name]
    const problem = problemOf(kind, entry)
    if (problem !== null) return this.#leaveOut(entry, problem)
    const raw = entry as Raw
    if (kind === 'tool' && !this.#usable(raw)) return this.#leaveOut(raw, say('offers.leftOut.headers'))
    const odd = kind === 'tool' ? mendSchemas(raw) : []
    const key = raw[keys[name]] as string
    const text = JSON.stringify(raw)
    const twin = this.#came.get(key)
    // A page that comes twice is no loss.
    if (twin === text && this.#pages > 1) return true
    if (twin !== undefined) return this.#leaveOut(raw, say('offers.leftOut.twice'))
    if (text.length > maxEntry) {
      this.truncated = true
      return this.#leaveOut(raw, say('offers.leftOut.tooLong', { kilobytes: maxEntry / 1_000 }))
    }
    const digest = hash('sha256', text, 'base64url')
    const old = this.#before.get(key)
    const isSame = old !== undefined && digestOf(old) === digest
    const wrong = isSame ? null : mendBySchema(kind, raw)
    if (wrong !== null) return this.#leaveOut(raw, wrong)
    if (this.#size + text.length > maxSize || this.#found.size >= most[name]) {
      this.truncated = true
      return false
    }
    this.#size += text.length
    if (!isSame) digests.set(raw, digest)
    this.#came.set(key, text)
    this.#found.set(key, isSame ? old : raw)
    if (odd.length > 0)
      this.#leaveOut(raw, say('offers.leftOut.schemaParts', { parts: partsOf(odd) }), 'part')
    return true
  }

  #leaveOut(entry: unknown, why: string, kind: LeftOut['kind'] = entryKinds[this.#name]): true {
    if (this.#leftOut.length === mostNamed) this.#unnamed += 1
    else {
      const { name, uri, uriTemplate } = (typeof entry === 'object' && entry !== null ? entry : {}) as Raw
      const called = [name, uri, uriTemplate].find((one) => typeof one === 'string')
      this.#leftOut.push({
        kind,
        name: shorten(String(called ?? ''), 200),
        why: shorten(why, 300),
      })
    }
    return true
  }
}

/** The first of them, for people. */
const partsOf = (paths: readonly string[]): string =>
  `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ', …' : ''}`

function problemOf(kind: EntryKind, entry: unknown): string | null {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return say('offers.leftOut.nothing')
  if (tooDeep(entry)) return say('offers.leftOut.tooDeep')
  return mendPlainly(kind, entry as Raw)
}

/** Whether a request failed by itself and the connection is as good as before. */
export function isOwnFault(error: unknown): boolean {
  if (error instanceof SdkHttpError) return ![401, 404, 429].includes(error.status)
  if (isHostError(error)) return !isSignedOut(error)
  return (
    error instanceof ProtocolError ||
    error instanceof BrokenOff ||
    error instanceof SyntaxError ||
    (error instanceof SdkError && ownFaults.includes(error.code))
  )
}
const ownFaults: readonly string[] = [
  SdkErrorCode.RequestTimeout,
  SdkErrorCode.InvalidResult,
  SdkErrorCode.UnsupportedResultType,
  SdkErrorCode.ClientHttpUnexpectedContent,
]

/** An answer that was understood and holds no list: what we found, and not what the server said. */
const noList = (): HostError =>
  new HostError({
    code: 'odd-list',
  })

/** Why a list could not be had, with the server's own words where it said something; `clean` takes secrets out of them. */
export function whyNoList(error: unknown, timeout: number, clean: (text: string) => string): string {
  const quoted = (words: string) => (words === '' ? '' : `: “${shorten(clean(words), 200)}”`)
  if (error instanceof SdkHttpError)
    return say('lists.httpStatus', { status: error.status, said: quoted(httpWords(error)) })
  if (error instanceof ProtocolError) return say('lists.serverSaid', { said: quoted(error.message) })
  if (isHostError(error)) return error.reply().message
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout)
    return say('lists.late', { seconds: Math.round(timeout / 1_000) })
  return say('lists.unreadable')
}
