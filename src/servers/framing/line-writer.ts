import type { Writable } from 'node:stream'

/**
 * Writes lines to a program, in order. One that may wait goes out at the end of this turn of the event loop, in one write with all that
 * came in it: each write wakes the program, which costs both of them more than the line itself.
 */
export class LineWriter {
  readonly #output: Writable
  /** What was not given to the stream yet. */
  #unsent = ''

  constructor(output: Writable) {
    this.#output = output
  }

  /** Whether the stream still takes anything. */
  get isOpen(): boolean {
    return this.#output.writable
  }

  /** What the program has not read: bytes, and characters of what waits. */
  get unread(): number {
    return this.#output.writableLength + this.#unsent.length
  }

  /** `line`: without its end. */
  write(line: string, mayWait: boolean): void {
    if (this.#unsent !== '') this.#unsent += `${line}\n`
    else if (mayWait) {
      this.#unsent = `${line}\n`
      setImmediate(() => this.flush())
    } else this.#output.write(`${line}\n`)
  }

  /** What waits goes out now. */
  flush(): void {
    const unsent = this.#unsent
    this.#unsent = ''
    if (unsent !== '' && this.isOpen) this.#output.write(unsent)
  }
}
