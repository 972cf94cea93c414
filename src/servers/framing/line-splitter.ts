import { StringDecoder } from 'node:string_decoder'
import { type HostError, isHostError } from '../../kernel/errors.ts'
import { Arriving } from './answer-budget.ts'

/** How much of an overlong line is kept from each end: enough to see which call it answered. */
const kept = 256

/** A line that was longer than allowed; its middle was never stored. */
export interface Overlong {
  head: string
  tail: string
  bytes: number
  why: HostError
}

/** Cuts a byte stream into lines. A line that is too long is dropped while it arrives, so it costs no memory. */
export class LineSplitter {
  readonly #arriving: Arriving
  readonly #onLine: (line: string) => void
  readonly #onOverlong: (line: Overlong) => void
  readonly #decoder = new StringDecoder('utf8')
  /** Of the line that is under way: made piece by piece, since to make a large one at its end takes too long for one turn. */
  #text = ''
  #head = ''
  #bytes = 0
  #overlong: { tail: Buffer; why: HostError } | null = null

  /** `limit`: bytes of a line, or what knows how many there may be now. */
  constructor(
    limit: number | Arriving,
    onLine: (line: string) => void,
    onOverlong: (line: Overlong) => void,
  ) {
    this.#arriving =
      typeof limit === 'number' ? new Arriving({ largest: () => limit, take: () => true }) : limit
    this.#onLine = onLine
    this.#onOverlong = onOverlong
  }

  push(chunk: Buffer): void {
    let from = 0
    for (;;) {
      const end = chunk.indexOf(10, from)
      // Mostly a line comes as a whole: then nothing is cut out and kept.
      if (end !== -1 && this.#bytes === 0 && end - from <= this.#arriving.largest) {
        const last = end > from && chunk[end - 1] === 13 ? end - 1 : end
        if (end > from) this.#onLine(chunk.toString('utf8', from, last))
        from = end + 1
        if (from === chunk.length) return
        continue
      }
      this.#take(end === -1 ? chunk.subarray(from) : chunk.subarray(from, end))
      if (end === -1) return
      this.end()
      from = end + 1
    }
  }

  /** Ends the line that is under way; also to be called when the stream ends. */
  end(): void {
    const overlong = this.#overlong
    const bytes = this.#bytes
    const text = this.#text + this.#decoder.end()
    const head = this.#head
    this.#text = this.#head = ''
    this.#bytes = 0
    this.#overlong = null
    this.#arriving.done()
    if (overlong) {
      const { tail, why } = overlong
      this.#onOverlong({ head, tail: tail.toString('utf8'), bytes, why })
    } else if (bytes > 0) this.#onLine(text.endsWith('\r') ? text.slice(0, -1) : text)
  }

  #take(part: Buffer): void {
    if (part.length === 0) return
    this.#bytes += part.length
    if (this.#overlong) {
      this.#overlong.tail = Buffer.concat([this.#overlong.tail, part]).subarray(-kept)
      return
    }
    const said = this.#decoder.write(part)
    if (this.#head.length < kept) this.#head = (this.#head + said.slice(0, kept)).slice(0, kept)
    this.#text += said
    try {
      this.#arriving.add(part.length)
    } catch (why) {
      if (!isHostError(why)) throw why
      // A copy, so that the rest is freed.
      this.#overlong = { tail: Buffer.from(part.subarray(-kept)), why }
      this.#text = ''
    }
  }
}

/**
 * The id of the request that an overlong answer belongs to, where it can be told: right after the opening (as
 * most libraries write it) or at the very end.
 */
export function answeredId({ head, tail }: Pick<Overlong, 'head' | 'tail'>): number | null {
  const found =
    /^\uFEFF?\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*"?(\d{1,15})"?\s*,/.exec(head) ??
    /"id"\s*:\s*"?(\d{1,15})"?\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*$/.exec(tail)
  return found ? Number(found[1]) : null
}
