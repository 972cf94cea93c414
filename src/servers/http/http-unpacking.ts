import * as zlib from 'node:zlib'
import { BrokenOff } from '../failures/broken-off.ts'
import type { Receiver, ResponseHeaders } from './http-exchange.ts'

type Unpacker = zlib.Gunzip | zlib.Inflate | zlib.BrotliDecompress | zlib.ZstdDecompress

/** What begins like this is packed; some say it of what is not, because something on the way unpacked it. */
const gzipMark = [0x1f, 0x8b]

/**
 * Hands on an answer unpacked (RFC 9110 §8.4). We do not ask for packed ones, and some servers and what stands before them send them all
 * the same. What comes out is limited by the receiver, as everything is. `drop` ends the exchange.
 */
export function unpacked(receiver: Receiver, encodings: string, drop: () => void): Receiver {
  // The last one was put on last.
  return encodings
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '' && one !== 'identity')
    .slice(0, 3)
    .reduce<Receiver>((to, one) => new Unpacking(to, one, drop), receiver)
}

class Unpacking implements Receiver {
  readonly #to: Receiver
  readonly #encoding: string
  readonly #drop: () => void
  /** Null: nothing came yet; `plain`: it is not packed after all. */
  #unpacker: Unpacker | 'plain' | null = null
  #over = false

  constructor(to: Receiver, encoding: string, drop: () => void) {
    this.#to = to
    this.#encoding = encoding
    this.#drop = drop
  }

  start(status: number, headers: ResponseHeaders): void {
    this.#to.start(status, headers)
  }

  data(chunk: Buffer): void {
    if (this.#over || chunk.length === 0) return
    this.#unpacker ??= this.#open(chunk)
    if (this.#unpacker === 'plain') this.#to.data(chunk)
    else this.#unpacker.write(chunk)
  }

  end(): void {
    if (this.#over) return
    if (this.#unpacker === null || this.#unpacker === 'plain') {
      this.#over = true
      this.#to.end()
    } else this.#unpacker.end()
  }

  failed(error: Error): void {
    if (this.#over) return
    this.#over = true
    if (this.#unpacker !== null && this.#unpacker !== 'plain') this.#unpacker.destroy()
    this.#to.failed(error)
  }

  #open(first: Buffer): Unpacker | 'plain' {
    const unpacker = unpackerFor(this.#encoding, first)
    if (unpacker === null || unpacker === 'plain') return 'plain'
    unpacker.on('data', (piece: Buffer) => {
      if (this.#over) return
      try {
        this.#to.data(piece)
      } catch (error) {
        // More comes out than may.
        this.failed(error as Error)
        this.#drop()
      }
    })
    unpacker.on('end', () => {
      if (this.#over) return
      this.#over = true
      this.#to.end()
    })
    unpacker.on('error', (error) => {
      this.failed(new BrokenOff(error))
      this.#drop()
    })
    return unpacker
  }
}

/** Events of a stream have to come out as they come in, not when enough has gathered. */
const flush = { flush: zlib.constants.Z_SYNC_FLUSH }

function unpackerFor(encoding: string, first: Buffer): Unpacker | 'plain' | null {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return gzipMark.every((byte, at) => first[at] === byte) ? zlib.createGunzip(flush) : 'plain'
    case 'deflate':
      if (first[0] === 0x7b || first[0] === 0x5b) return 'plain'
      // With the header of zlib (RFC 1950), as HTTP has it, or without, as some have it.
      return (first[0]! & 0x0f) === 8 ? zlib.createInflate(flush) : zlib.createInflateRaw(flush)
    case 'br':
      return zlib.createBrotliDecompress({ flush: zlib.constants.BROTLI_OPERATION_FLUSH })
    case 'zstd':
      return zlib.createZstdDecompress({ flush: zlib.constants.ZSTD_e_flush })
    default:
      return null
  }
}
