import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { isUnwritable } from './database/storage-errors.ts'

const bytes = 1_000_000
/** Left to everybody else on the disk before any of it is kept for this, in times of it. */
const leave = 20

/** What must be written also where the disk takes nothing more: that somebody's access has ended. */
export interface LastWrites {
  /** Does it; where there is no room, again with room that was kept for this. Throws what it throws then. */
  write<T>(work: () => T): T
  /** Nothing is left to be written. */
  done(): void
}

/** Without any room kept. */
export const noReserve: LastWrites = { write: (work) => work(), done() {} }

/**
 * Room on the disk, kept as a file of noise, which is given up when an end of access finds none: in memory alone it would be over with the next
 * start, and who had been put out would be back. Where even that does not help, the file gets another name, which takes no room, and the
 * next start knows (`lost`).
 */
export class Reserve implements LastWrites {
  readonly #folder: string
  readonly #file: string
  readonly #marker: string
  readonly #log: Log
  #lost: boolean

  constructor(dataDir: string, log: Log) {
    this.#folder = dataDir
    this.#file = join(dataDir, 'reserve')
    this.#marker = join(dataDir, 'reserve.unwritten')
    this.#log = log
    this.#lost = existsSync(this.#marker)
    this.#fill()
  }

  /** An end of access may have been forgotten: nobody is to get in before the owner has looked. */
  get lost(): boolean {
    return this.#lost
  }

  /** That is kept elsewhere now. */
  seenTo(): void {
    this.#lost = false
    this.done()
  }

  write<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (!isUnwritable(error)) throw error
      this.#quietly('reserve.used', () => truncateSync(this.#file, 0))
      try {
        return work()
      } catch (again) {
        this.#quietly('reserve.unwritten', () => this.#mark())
        throw again
      }
    }
  }

  done(): void {
    if (!this.#lost) this.#quietly(null, () => rmSync(this.#marker, { force: true }))
    this.#fill()
  }

  #mark(): void {
    if (existsSync(this.#file)) renameSync(this.#file, this.#marker)
    else writeFileSync(this.#marker, '', { mode: 0o600 })
  }

  /** Noise, so that no file system keeps it as nothing. */
  #fill(): void {
    this.#quietly(null, () => {
      if (statSync(this.#file, { throwIfNoEntry: false })?.size === bytes) return
      const { bavail, bsize } = statfsSync(this.#folder)
      if (bavail * bsize > leave * bytes) writeFileSync(this.#file, randomBytes(bytes), { mode: 0o600 })
    })
  }

  #quietly(event: string | null, act: () => void): void {
    try {
      act()
      if (event !== null) this.#log.warn(event)
    } catch (error) {
      this.#log.warn(event ?? 'reserve.none', { error: errorText(error).split('\n')[0] })
    }
  }
}
