import { type Stats, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { RequestHandler } from 'express'
import { fileFor } from './page-files.ts'

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
/** Below this a packet is sent either way. */
const smallest = 1_400

const shrink = {
  br: (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 }),
} as const
type Encoding = keyof typeof shrink

/**
 * The built scripts, styles and drawings below `dir` in the encoding that the browser likes best (RFC 9110 §12.5.3), each made
 * once and kept. Nothing of anybody's is in them, so that their sizes tell nothing. Everything else is left to the next handler.
 */
export function compressedFiles(dir: string, cacheControl: (path: string) => string): RequestHandler {
  const root = resolve(dir)
  const made = new Map<string, Promise<Buffer>>()

  const encoded = (file: string, tag: string, encoding: Encoding): Promise<Buffer> => {
    const known = made.get(tag)
    if (known) return known
    const making = readFile(file).then(shrink[encoding])
    // A file that could not be read is tried again.
    making.catch(() => made.delete(tag))
    made.set(tag, making)
    return making
  }

  return async (req, res, next) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return next()
    const file = fileFor(root, req.path)
    const type = file && types[extname(file)]
    const stats = file && type ? statsOf(file) : null
    if (!file || !type || !stats || stats.size < smallest) return next()
    // Also of the plain one, which the next handler sends: a cache must not hand it to others.
    res.vary('Accept-Encoding')
    const encoding = encodingOf(req.headers['accept-encoding'])
    if (encoding === null) return next()
    const etag = `"${stats.size.toString(16)}-${Math.round(stats.mtimeMs).toString(16)}-${encoding}"`
    try {
      const body = await encoded(file, `${file} ${etag}`, encoding)
      res.set({
        'content-type': type,
        'content-encoding': encoding,
        etag,
        'cache-control': cacheControl(file),
      })
      if (knows(req.headers['if-none-match'], etag)) return void res.status(304).end()
      res.set('content-length', String(body.length))
      res.end(req.method === 'HEAD' ? undefined : body)
    } catch (error) {
      next(error)
    }
  }
}

function statsOf(file: string): Stats | null {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats?.isFile() ? stats : null
}

/** The smaller of those that are accepted at all; null: as it is. */
function encodingOf(accepted: string | undefined): Encoding | null {
  const taken = (accepted ?? '')
    .toLowerCase()
    .split(',')
    .map((one) => one.trim().split(/\s*;\s*/))
    .filter(([, ...more]) => !more.some((part) => /^q=0(?:\.0{0,3})?$/.test(part)))
    .map(([name]) => name)
  return (['br', 'gzip'] as const).find((encoding) => taken.includes(encoding)) ?? null
}

const knows = (given: string | undefined, etag: string): boolean =>
  (given ?? '').split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
