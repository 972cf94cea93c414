import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import type { Call } from '../../contract/activity.ts'

/** `text`: what stands in the file, and goes into the row's link. */
export interface TailRow {
  call: Omit<Call, 'id'>
  text: string
}

/**
 * Rows that are complete, in a file beside the database: appending one costs a third of a transaction of its own, which is what most
 * calls that come alone would otherwise wait for longest. They move into the database with whatever is written there next, or soon by
 * themselves; until then they are here, kill -9 or not. Rows that change are never here.
 */
export class RowTail {
  readonly #file: number
  #size = 0
  #isClosed = false
  /** What is in the file and not in the database. */
  #rows: TailRow[] = []
  #characters = 0
  /** What an earlier life left, oldest first, as far as it can be read. Some of it may be in the database, too. */
  readonly left: string[]

  /** `file`: made for its owner alone. */
  constructor(file: string) {
    const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0)
    // A line that was not written to its end is none, and the next one takes its place.
    this.#size = bytes.lastIndexOf('\n') + 1
    this.left = bytes.toString('utf8', 0, this.#size).split('\n').slice(0, -1)
    // Not O_APPEND: what can only be appended to cannot be cut off on Windows (nodejs/node#3177).
    this.#file = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600)
    // Windows has no such modes.
    if (process.platform !== 'win32') fchmodSync(this.#file, 0o600)
  }

  get rows(): readonly TailRow[] {
    return this.#rows
  }
  /** Of all rows together. */
  get characters(): number {
    return this.#characters
  }

  /** It is on record when this returns; when it throws, it is not. */
  add(call: TailRow['call'], text: string): void {
    const line = `${text}\n`
    const length = Buffer.byteLength(line)
    try {
      if (writeSync(this.#file, line, this.#size) !== length)
        throw new Error('The disk took only a part of the row.')
    } catch (error) {
      ftruncateSync(this.#file, this.#size)
      throw error
    }
    this.#size += length
    this.keep(call, text)
  }

  /** One that is in the file: of an earlier life, at first. */
  keep(call: TailRow['call'], text: string): void {
    this.#characters += text.length
    this.#rows.push({ call, text })
  }

  /** All of it is in the database: those who read the file know by their places. */
  moved(): void {
    this.#rows = []
    this.#characters = 0
  }

  /** Nothing of it is needed any more. What cannot be cut off is known by its place. */
  clear(): void {
    this.moved()
    try {
      ftruncateSync(this.#file, 0)
      this.#size = 0
    } catch {}
  }

  close(): void {
    if (!this.#isClosed) closeSync(this.#file)
    this.#isClosed = true
  }
}
