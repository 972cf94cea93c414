import { withoutHidden } from '../../contract/agreed/visible-text.ts'
import type { Clock } from '../../kernel/clock.ts'
import { isObject } from '../../kernel/is-object.ts'
import type { ReadBefore } from '../../mcp/decision.ts'
import type { ClientRequest } from './client-request.ts'
import type { Target } from './targets.ts'

const mostSessions = 2_000
/** Of the words that say what was read, in characters. */
const longestWhat = 120

/** What was read, put into words only when somebody asks: nearly every call is noted. */
interface Noted {
  label: string
  text: string
  isCut: boolean
  at: number
}

/** Of one session. */
interface Read {
  /** Counts for every call. */
  all: Noted | null
  /** Count for calls to other sources than the one that they came from, by its short name. */
  others: Map<string, Noted>
}

/** What was read last that a stranger may have written, by grant and session. In memory: a restart ends every session. */
export class Taints {
  readonly #clock: Clock
  /** Milliseconds. */
  readonly #lasts: number
  readonly #read = new Map<string, Read>()

  constructor(clock: Clock, lasts: number) {
    this.#clock = clock
    this.#lasts = lasts
  }

  note(request: ClientRequest, target: Target, counts: 'all' | 'others'): void {
    const key = sessionOf(request)
    const read = this.#read.get(key) ?? { all: null, others: new Map<string, Noted>() }
    const now = noted(target, this.#clock.now())
    if (counts === 'all') read.all = now
    else read.others.set(target.source.slug, now)
    // The last one is at the end, and who is gone longest goes first.
    this.#read.delete(key)
    this.#read.set(key, read)
    if (this.#read.size > mostSessions) this.#read.delete(this.#read.keys().next().value!)
  }

  /** The latest: an answer of the owner that came before it was not given for it. */
  of(request: ClientRequest, { source }: Target): ReadBefore | null {
    const read = this.#read.get(sessionOf(request))
    if (read === undefined) return null
    let last = read.all
    for (const [slug, one] of read.others) if (slug !== source.slug && one.at > (last?.at ?? 0)) last = one
    return last !== null && last.at > this.#clock.now() - this.#lasts ? inWords(last) : null
  }
}

/** A client without sessions has one for everything: each of its requests would be a new beginning otherwise. */
function sessionOf({ key, caller }: ClientRequest): string {
  const { grantId } = caller.principal
  return key.startsWith(`${grantId}/request/`) ? grantId : key
}

/** The name, and the first text among the arguments, which mostly says where. */
function noted({ label, arguments: args }: Target, at: number): Noted {
  const text = isObject(args) ? Object.values(args).find((value) => typeof value === 'string') : undefined
  if (typeof text !== 'string' || label.startsWith('read ')) return { label, text: '', isCut: false, at }
  if (text.length <= longestWhat) return { label, text, isCut: false, at }
  // A copy, so that a long text is not kept for the sake of its beginning.
  return { label, text: Buffer.from(text.slice(0, longestWhat)).toString(), isCut: true, at }
}

/** `fetch https://…` */
const inWords = ({ label, text, isCut, at }: Noted): ReadBefore => ({
  what: text === '' ? label : `${label} ${withoutHidden(text)}${isCut ? '…' : ''}`,
  at,
})
