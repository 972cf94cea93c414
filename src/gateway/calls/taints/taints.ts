import { withoutHidden } from '../../../contract/agreed/visible-text.ts'
import { type Clock, nextOrder } from '../../../kernel/clock.ts'
import { errorText } from '../../../kernel/errors.ts'
import { isObject } from '../../../kernel/is-object.ts'
import type { Log } from '../../../kernel/log/log.ts'
import type { ReadBefore } from '../../../mcp/decision.ts'
import type { ClientRequest } from '../client-request.ts'
import type { Target } from '../targets.ts'
import type { TaintStore } from './taint-store.ts'

/** Readers that are remembered: most sessions are two, see `readersOf`. */
const mostReaders = 4_000
/** Of the words that say what was read, in characters. */
const longestWhat = 120
/** For the next life a reader's readings are written down once in so long, as if they were that much later. Milliseconds. */
const writeEvery = 60_000

/** What was in an answer, put into words only when somebody asks: nearly every call has it. */
export interface Reading {
  label: string
  text: string
  isCut: boolean
  /** The short name of the source, where it counts for calls to others only; empty: for all. */
  source: string
}

type Noted = Reading & Required<Pick<ReadBefore, 'at' | 'order'>> & { writtenUntil: number }

interface ReadBy {
  /** When it was last moved behind all others: at most once in `writeEvery`. */
  movedAt: number
  /** By `Reading.source`. */
  bySource: Map<string, Noted>
}

/** Who gets an answer. */
export type Reader = Pick<ClientRequest, 'key' | 'chat' | 'caller'>

/**
 * What was read last that a stranger may have written, by whom it reached. It is there in the next life, too: chats, and what was allowed
 * in them, outlive the program.
 */
export class Taints {
  readonly #deps: { clock: Clock; log: Log; store?: TaintStore | undefined }
  /** Milliseconds. */
  readonly #lasts: number
  /** By reader; who read nothing for longest comes first. */
  readonly #read = new Map<string, ReadBy>()

  constructor(deps: { clock: Clock; log: Log; store?: TaintStore | undefined }, lasts: number) {
    this.#deps = deps
    this.#lasts = lasts
    const now = deps.clock.now()
    for (const { reader, source, what, at } of deps.store?.all() ?? [])
      if (at > now - lasts)
        this.#readBy(reader, now).set(source, {
          ...{ label: what, text: '', isCut: false, source, order: 0 },
          // Written as if it were later: no later than now.
          ...{ at: Math.min(at, now), writtenUntil: at },
        })
  }

  /** When the answer is given, whenever it was made and whoever asked for it. */
  note(reader: Reader, reading: Reading): void {
    const when = { at: this.#deps.clock.now(), order: nextOrder() }
    for (const name of readersOf(reader)) this.#note(name, reading, when)
  }

  /** The latest: an answer of the owner that came before it was not given for it. */
  of(reader: Reader, { source }: Pick<Target, 'source'>): ReadBefore | null {
    let last: Noted | null = null
    for (const name of [...readersOf(reader), reader.caller.principal.grantId])
      for (const one of this.#read.get(name)?.bySource.values() ?? [])
        if (one.source !== source.slug && (last === null || isLater(one, last))) last = one
    return last !== null && last.at > this.#deps.clock.now() - this.#lasts ? inWords(last) : null
  }

  /**
   * A client that tells no chats ended its session. Some have one for each call, so that what was read in it goes on with whatever they
   * call next.
   */
  sessionEnded(grantId: string, chat: string): void {
    for (const noted of this.#read.get(chatReader(grantId, chat))?.bySource.values() ?? []) {
      const later = this.#read.get(grantId)?.bySource.get(noted.source)
      if (later === undefined || isLater(noted, later)) this.#note(grantId, noted, noted)
    }
  }

  #note(
    name: string,
    { label, text, isCut, source }: Reading,
    { at, order }: Pick<Noted, 'at' | 'order'>,
  ): void {
    const read = this.#readBy(name, at)
    const noted = { label, text, isCut, source, at, order, writtenUntil: read.get(source)?.writtenUntil ?? 0 }
    read.set(source, noted)
    if (outlives(name) && !isRecent(noted.writtenUntil, at)) this.#write(name, noted)
  }

  /** What that reader read, to be added to. */
  #readBy(name: string, now: number): Map<string, Noted> {
    const known = this.#read.get(name)
    if (known !== undefined && isRecent(known.movedAt + writeEvery, now)) return known.bySource
    const read = { movedAt: now, bySource: known?.bySource ?? new Map<string, Noted>() }
    this.#read.delete(name)
    this.#read.set(name, read)
    if (this.#read.size > mostReaders) this.#read.delete(this.#read.keys().next().value!)
    return read.bySource
  }

  #write(reader: string, noted: Noted): void {
    const { store, log } = this.#deps
    noted.writtenUntil = noted.at + writeEvery
    try {
      store?.forget(noted.at - this.#lasts)
      store?.put({ reader, source: noted.source, what: noted.label, at: noted.writtenUntil })
    } catch (error) {
      log.error('gateway.taints', { error: errorText(error) })
    }
  }
}

/**
 * What is read in a session counts for all of it, and for its chat, whose client may open another session; all that a grant does without
 * a session, in whichever era, is one: each request would be a new beginning otherwise.
 */
function readersOf({ key, chat, caller }: Reader): string[] {
  const { grantId } = caller.principal
  const session = key.startsWith(`${grantId}/session/`) ? key : grantId
  return chat ? [session, chatReader(grantId, chat)] : [session]
}

/** Whatever the clock says: it may have been set back in between. */
const isLater = (one: Noted, other: Noted): boolean =>
  one.order === other.order ? one.at > other.at : one.order > other.order

const chatReader = (grantId: string, chat: string): string => `${grantId}/chat/${chat}`

/** `until`: `writeEvery` after it was done. A clock that was set back by more does it anew. */
const isRecent = (until: number, now: number): boolean => now <= until && now >= until - writeEvery

/** Sessions are counted anew in each life of the program; their ids, by which they are chats too, are not. */
const outlives = (reader: string): boolean => !reader.includes('/session/')

/** The name, and the first text among the arguments, which mostly says where. */
export function readingOf(
  { label, arguments: args, source: { slug } }: Pick<Target, 'label' | 'arguments' | 'source'>,
  counts: 'all' | 'others',
): Reading {
  const source = counts === 'all' ? '' : slug
  const text = isObject(args) ? Object.values(args).find((value) => typeof value === 'string') : undefined
  if (typeof text !== 'string' || label.startsWith('read ')) return { label, text: '', isCut: false, source }
  if (text.length <= longestWhat) return { label, text, isCut: false, source }
  // A copy, so that a long text is not kept for the sake of its beginning.
  return { label, text: Buffer.from(text.slice(0, longestWhat)).toString(), isCut: true, source }
}

/** `fetch https://…` */
const inWords = ({ label, text, isCut, at, order }: Noted): ReadBefore => ({
  what: text === '' ? label : `${label} ${withoutHidden(text)}${isCut ? '…' : ''}`,
  at,
  order,
})
