import { type FileHandle, open, stat } from 'node:fs/promises'
import { type Sentence, saidLater, sayTheSentence } from '../../locales/say.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Redactor } from '../kernel/log/redact.ts'
import { isProblem, type NewEvent, readCloudEvent } from './cloud-event.ts'
import type { Timeline } from './timeline.ts'

/** Milliseconds between two looks at the file. */
const lookEvery = 1_000
/** Between two parts of a file that has much that is new. */
const pause = 15
const partBytes = 64 * 1_024
const partLines = 64
/** A line may be as long as an event may be large, in UTF-8. */
const longestLine = 256 * 1_024
/** Of a line that is too long, at a time. */
const skippedBytes = 16 * longestLine
const edgeBytes = 64
const shownOfLine = 500

interface Deps {
  timeline: Timeline
  log: Log
  redactor: Redactor
  lookEvery?: number
}

/**
 * Reads what programs add to a file of the user's, one CloudEvent to a line. Where it stands is written in the transaction that stores
 * the events, so that each line is read once, whatever happens; a line that is no event is kept with what is wrong with it.
 */
export class WatchedFile {
  readonly #deps: Deps
  #path: string | null = null
  #problem: Sentence | null = null
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> = Promise.resolve()
  /** A line that is too long, and how far it was passed over already: it is not read anew with each look. */
  #skipped: (Skipped & { file: string; from: number }) | null = null
  #isStopped = false

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Null: none any more. */
  watch(path: string | null): void {
    if (path === this.#path || this.#isStopped) return
    this.#path = path
    this.#problem = null
    clearTimeout(this.#timer)
    if (path !== null) this.#lookIn(0)
  }

  state(): { path: string; problem: string | null } | null {
    const problem = this.#problem && sayTheSentence(this.#problem)
    return this.#path === null ? null : { path: this.#path, problem }
  }

  /** Resolves when nothing is read any more. */
  stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    return this.#reading
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#isStopped) return
    this.#timer = setTimeout(() => {
      this.#reading = this.#reading.then(() => this.#look())
    }, ms).unref()
  }

  async #look(): Promise<void> {
    const path = this.#path
    if (path === null || this.#isStopped) return
    let isMore = false
    try {
      isMore = await this.#readPart(path)
      this.#say(path, null)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? ''
      this.#deps.log.debug('timeline.file', { error: errorText(error) })
      this.#say(path, saidLater('timeline.file.unreadable', { isMissing: code === 'ENOENT' }))
    }
    if (path === this.#path) this.#lookIn(isMore ? pause : (this.#deps.lookEvery ?? lookEvery))
  }

  #say(path: string, problem: Sentence | null): void {
    if (path !== this.#path || (problem === null) === (this.#problem === null)) return
    this.#problem = problem
    this.#deps.timeline.tell()
  }

  /** Whether there is more to read. */
  async #readPart(path: string): Promise<boolean> {
    // Asked before it is opened: to open a pipe would wait for who writes to it.
    if (!(await stat(path)).isFile()) throw new Error('not a file')
    const file = await open(path, 'r')
    try {
      const { ino, dev, size } = await file.stat({ bigint: true })
      const { table } = this.#deps.timeline
      const which = `${dev}:${ino}`
      const known = table.watched(path)
      // Another file under the same path, or one that was begun anew.
      const isSame =
        known?.file === which && BigInt(known.place) <= size && (await endsLine(file, known.place))
      const from = isSame ? known.place : 0
      if (BigInt(from) === size) return false
      const before = this.#skipped
      const isKnown =
        isSame &&
        before?.file === which &&
        before.from === from &&
        (await partOf(file, from, edgeBytes)).equals(before.head) &&
        (await partOf(file, before.to - edgeBytes, edgeBytes)).equals(before.tail)
      const { lines, end, skipped } = await linesOf(file, from, isKnown ? before : null)
      // Written over since it was asked: read anew at the next look.
      if (!(await endsLine(file, from))) return false
      if (this.#isStopped || path !== this.#path) return false
      this.#skipped = skipped === undefined ? null : { file: which, from, ...skipped }
      if (end > from || !isSame) this.#take(path, which, lines, end)
      return BigInt(skipped?.to ?? end) < size && (skipped !== undefined || end > from)
    } finally {
      await file.close()
    }
  }

  #take(path: string, which: string, lines: readonly Line[], end: number): void {
    const { timeline, redactor } = this.#deps
    const now = timeline.now()
    const events: NewEvent[] = []
    const refused: { offset: number; line: string; problem: Sentence }[] = []
    for (const { offset, text } of lines) {
      if (text !== null && text.trim() === '') continue
      const read = text === null ? saidLater('timeline.problem.tooLarge') : readLine(text, timeline)
      if (!isProblem(read)) events.push(read)
      else refused.push({ offset, line: redactor.beginning(text ?? '', shownOfLine), problem: read })
    }
    timeline.store(events, () => {
      for (const { offset, line, problem } of refused)
        timeline.table.refuse(now, offset, line, sayTheSentence(problem))
      if (refused.length > 0) timeline.table.forgetRefused(0)
      timeline.table.setWatched(path, which, end)
    })
    if (refused.length > 0) timeline.tell()
  }
}

interface Line {
  offset: number
  /** Null: it is longer than an event may be. */
  text: string | null
}

function readLine(text: string, timeline: Timeline): NewEvent | Sentence {
  let sent: unknown
  try {
    sent = JSON.parse(text)
  } catch {
    return saidLater('timeline.problem.notJson')
  }
  return readCloudEvent(sent, { now: timeline.now(), keepDays: timeline.keepDays })
}

/** What was read so far ended with a line: where it does not now, something else was written there. */
const endsLine = async (file: FileHandle, place: number): Promise<boolean> =>
  place === 0 || (await partOf(file, place - 1, 1))[0] === 0x0a

/** How far a line that is too long was passed over, and what was read of it first and last: what was written over is another. */
interface Skipped {
  to: number
  head: Buffer
  tail: Buffer
}

interface Part {
  lines: Line[]
  end: number
  /** The line that begins at `end` is too long and has no end up to there. */
  skipped?: Skipped
}

/**
 * The whole lines from there on, as far as one part goes; what has no end yet is left for later. `skipped`: what is known of the first.
 */
async function linesOf(file: FileHandle, from: number, skipped: Skipped | null): Promise<Part> {
  if (skipped !== null) return skipLine(file, from, skipped)
  let bytes = await partOf(file, from, partBytes)
  let last = bytes.lastIndexOf(0x0a)
  if (last < 0 && bytes.length === partBytes) {
    bytes = await partOf(file, from, longestLine)
    last = bytes.lastIndexOf(0x0a)
    if (last < 0 && bytes.length === longestLine) {
      const [head, tail] = [Buffer.from(bytes.subarray(0, edgeBytes)), bytes.subarray(-edgeBytes)]
      return skipLine(file, from, { to: from + longestLine, head, tail })
    }
  }
  const lines: Line[] = []
  let begin = 0
  for (
    let at = bytes.indexOf(0x0a);
    at >= 0 && at <= last && lines.length < partLines;
    at = bytes.indexOf(0x0a, begin)
  ) {
    const text = bytes.toString('utf8', begin, at)
    lines.push({ offset: from + begin, text: begin === 0 && from === 0 ? text.replace(/^\uFEFF/, '') : text })
    begin = at + 1
  }
  return { lines, end: from + begin }
}

/** A line that is too long, passed over from `skipped` on, part by part; none while it has no end. */
async function skipLine(file: FileHandle, from: number, skipped: Skipped): Promise<Part> {
  const { head } = skipped
  let { to: at, tail } = skipped
  while (at < skipped.to + skippedBytes) {
    const bytes = await partOf(file, at, longestLine)
    const end = bytes.indexOf(0x0a)
    if (end >= 0) {
      // The file may have been written over between two reads: then these are other lines, which are read at the next look.
      const beginning = await partOf(file, from, longestLine)
      if (beginning.includes(0x0a) || !beginning.subarray(0, edgeBytes).equals(head))
        return { lines: [], end: from }
      return { lines: [{ offset: from, text: null }], end: at + end + 1 }
    }
    at += bytes.length
    tail = Buffer.concat([tail, bytes.subarray(-edgeBytes)]).subarray(-edgeBytes)
    if (bytes.length < longestLine) break
  }
  return { lines: [], end: from, skipped: { to: at, head, tail } }
}

async function partOf(file: FileHandle, from: number, most: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(most)
  let length = 0
  while (length < most) {
    const { bytesRead } = await file.read(buffer, length, most - length, from + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}
