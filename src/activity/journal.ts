import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { crc32 } from 'node:zlib'
import { asStorageError } from '../storage/database/storage-errors.ts'

/**
 * A file of lines, each a CRC-32 in eight hexadecimal digits, a space and JSON. A line is written whole or recognised as not.
 */
export interface Journal {
  /** One system call for all lines. When it throws, none of them is in the file. */
  append(jsons: readonly string[]): void
  /** Empties the file. False when that failed; then everything is still in it. Never throws. */
  clear(): boolean
  /** Grows with each time the file was emptied. */
  readonly epoch: number
  /** Bytes. */
  readonly size: number
  close(): void
}

export interface OpenedJournal {
  journal: Journal
  /** What the lines hold, oldest first, up to the first that is torn or damaged. */
  values: unknown[]
  /** Bytes behind the last good line. They are cut off. */
  cut: number
}

/** Opens or makes the file, for its owner alone. Throws HostError `data-folder-unwritable`. */
export function openJournal(file: string): OpenedJournal {
  try {
    return open(file)
  } catch (error) {
    throw asStorageError(error, file)
  }
}

function open(file: string): OpenedJournal {
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600)
  try {
    makePrivate(fd)
    const bytes = contentOf(fd)
    const { values, good } = readLines(bytes)
    if (good < bytes.length) ftruncateSync(fd, good)
    return { journal: createJournal(fd, good), values, cut: bytes.length - good }
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function createJournal(fd: number, length: number): Journal {
  let size = length
  let epoch = 0
  /** Whether something may lie behind the last good line. */
  let isUncertain = false
  let isOpen = true

  const truncate = (to: number) => {
    isUncertain = true
    ftruncateSync(fd, to)
    size = to
    isUncertain = false
  }

  return {
    append(jsons) {
      // The number of a closed file may already belong to another one.
      if (!isOpen) throw new Error('The journal is closed.')
      // What a failed write left must be gone first: a shorter line written over it would leave its end.
      if (isUncertain) truncate(size)
      let text = ''
      for (const json of jsons) text += lineOf(json)
      const length = Buffer.byteLength(text)
      try {
        // Mostly all of it at once; only what is left of it needs bytes that can be counted.
        let done = writeSync(fd, text, size)
        const bytes = done < length ? Buffer.from(text) : null
        while (bytes !== null && done < length) done += writeSync(fd, bytes, done, length - done, size + done)
      } catch (error) {
        try {
          truncate(size)
        } catch {
          // Tried again before the next write.
        }
        throw error
      }
      size += length
    },
    clear() {
      if (!isOpen) return false
      try {
        truncate(0)
      } catch {
        return false
      }
      epoch += 1
      return true
    },
    get epoch() {
      return epoch
    },
    get size() {
      return size
    },
    close() {
      if (isOpen) closeSync(fd)
      isOpen = false
    },
  }
}

/** JSON.stringify writes no line break of its own, and escapes those in texts. */
export const lineOf = (json: string): string => `${sumOf(json)} ${json}\n`

/** In two halves: V8 makes text of a larger number many times slower. */
function sumOf(json: string | Buffer): string {
  const sum = crc32(json)
  return fourDigits(sum >>> 16) + fourDigits(sum & 0xffff)
}

const fourDigits = (half: number): string => (half + 0x1_0000).toString(16).slice(1)

/** `good`: the length of what could be read, in bytes. */
export function readLines(bytes: Buffer): { values: unknown[]; good: number } {
  const values: unknown[] = []
  let good = 0
  for (;;) {
    const end = bytes.indexOf(10, good)
    if (end < good + 9 || bytes[good + 8] !== 32) break
    const json = bytes.subarray(good + 9, end)
    if (bytes.toString('latin1', good, good + 8) !== sumOf(json)) break
    try {
      values.push(JSON.parse(json.toString()))
    } catch {
      break
    }
    good = end + 1
  }
  return { values, good }
}

function contentOf(fd: number): Buffer {
  const bytes = Buffer.alloc(fstatSync(fd).size)
  let done = 0
  while (done < bytes.length) {
    const read = readSync(fd, bytes, done, bytes.length - done, done)
    if (read === 0) break
    done += read
  }
  return bytes.subarray(0, done)
}

/** A file that belongs to somebody else keeps its mode; whether we can write it shows later. */
function makePrivate(fd: number): void {
  try {
    fchmodSync(fd, 0o600)
  } catch {}
}
