import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import type { Call } from '../../contract/activity.ts'

/** A place in the chain: the row with this `seq` has this `link`. Before the first row: 0 and nothing. */
const Link = z.object({ seq: z.number().int(), link: z.string() })
export type Link = z.infer<typeof Link>

/** A place that only who has the key can have written down. */
export const Mark = Link.extend({ mac: z.string() })
export type Mark = z.infer<typeof Mark>

/** What a row keeps of the chain. `seal`: null for one that never changes after it was written. */
export interface Links {
  link: string
  seal: string | null
}

/**
 * The rows of the log hang together: each has the SHA-256 of its own content and the row before (`link`), so that a row that was
 * changed, added or taken away breaks what follows, and anybody can check an export. What changes while a call runs stands outside, under
 * an HMAC (`seal`); and because whoever can write the file could make all links anew, the newest and the oldest place are kept under one
 * too (`Mark`). Without a key (the vault could not be opened) nothing is sealed.
 */
export class CallChain {
  /** Not the bytes: of those Node makes a key each time, which takes seven times as long as the HMAC. */
  readonly #key: KeyObject | null
  #head: Link

  constructor(key: Uint8Array | null, head: Link) {
    this.#key = key === null ? null : createSecretKey(key)
    this.#head = head
  }

  get head(): Link {
    return this.#head
  }

  /** Also back, when rows were not written after all. */
  goTo(head: Link): void {
    this.#head = head
  }

  /** For the next row, with the seq after the head's. `text`: its `closedText`, where that is known. */
  next(call: Omit<Call, 'id'>, text?: string): Links {
    const { seq, link } = this.#head
    const isOpen = call.outcome === 'running'
    const next = sha256(link, text ?? (isOpen ? openText(seq + 1, call) : closedText(seq + 1, call)))
    this.#head = { seq: seq + 1, link: next }
    return { link: next, seal: isOpen ? this.seal(next, call) : null }
  }

  /** Of what may change, bound to its row; empty without a key. */
  seal(link: string, c: Omit<Call, 'id'>): string {
    if (this.#key === null) return ''
    return this.#mac(JSON.stringify(['row', link, ...changing(c)]))
  }

  /** Whether this is what the row said when it was written last. */
  holds(before: Link, seq: number, call: Omit<Call, 'id'>, { link, seal }: Links): boolean {
    if (seal === null) return link === sha256(before.link, closedText(seq, call))
    return (
      link === sha256(before.link, openText(seq, call)) && (seal === '' || this.isSealed(link, call, seal))
    )
  }

  /** Without a key nobody can tell that it is not. */
  isSealed(link: string, call: Omit<Call, 'id'>, seal: string): boolean {
    return this.#key === null || isSame(seal, this.seal(link, call))
  }

  /** Nobody can tell whether what may change of the row was changed. */
  isUnsealed({ seal }: Links): boolean {
    return seal === '' || (seal !== null && this.#key === null)
  }

  mark(at: Link): Mark {
    return { ...at, mac: this.#key === null ? '' : this.#mac(JSON.stringify(['place', at.seq, at.link])) }
  }

  isOurs({ mac, ...at }: Mark): boolean {
    return isSame(mac, this.mark(at).mac)
  }

  #mac(text: string): string {
    return createHmac('sha256', this.#key!).update(text).digest('base64url')
  }
}

/** What of a row stays as it was when the call came. */
const lasting = (
  seq: number,
  { at, grantId, clientName, tool, source, risk }: Omit<Call, 'id'>,
): unknown[] => [seq, at, grantId, clientName, tool, source, risk]

/** What may change while a call runs. A rule stands in it only where there is one, as rows had none once. */
function changing(c: Omit<Call, 'id'>): unknown[] {
  const fields: unknown[] = [c.arguments, c.decision, c.outcome, c.duration, c.error, c.result, c.found]
  if (c.rule !== null) fields.push(c.rule)
  return fields
}

const openText = (seq: number, c: Omit<Call, 'id'>): string => JSON.stringify(lasting(seq, c))

/** All of a row that will not change. */
export const closedText = (seq: number, c: Omit<Call, 'id'>): string =>
  JSON.stringify([...lasting(seq, c), ...changing(c)])

/** What `closedText` was made of, if this is the one with this `seq`; null if not. */
export function closedCall(wanted: number, text: string): Omit<Call, 'id'> | null {
  const [seq, at, grantId, clientName, tool, source, risk, args, ...end] = asList(text)
  if (seq !== wanted || end.length < 6) return null
  const [decision, outcome, duration, error, result, found, rule = null] = end
  const begun = { at, grantId, clientName, tool, source, risk, arguments: args }
  return { ...begun, decision, outcome, duration, error, result, found, rule } as Omit<Call, 'id'>
}

function asList(text: string): unknown[] {
  try {
    const list = JSON.parse(text)
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}

const sha256 = (before: string, text: string): string => hash('sha256', `${before}\n${text}`, 'base64url')

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
