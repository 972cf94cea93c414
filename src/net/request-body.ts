import type { IncomingMessage } from 'node:http'

export type ReadBody = { ok: true; bytes: Buffer } | { ok: false; reason: 'too-large' | 'gone' }

const tooLarge = { ok: false, reason: 'too-large' } as const
const gone = { ok: false, reason: 'gone' } as const

const declaredLength = (req: IncomingMessage): number => Number(req.headers['content-length'] ?? 0)

/** The whole body, or why not. Nothing beyond `limit` bytes is kept; a declared length over it is not read at all. */
export function readBody(req: IncomingMessage, limit: number): ReadBody | Promise<ReadBody> {
  const declared = declaredLength(req)
  if (declared > limit) return tooLarge
  if (req.destroyed) return gone
  // nearly every body comes in one piece with its headers: then there is nothing to wait for
  if (req.complete || (req.readableLength > 0 && req.readableLength === declared)) {
    const bytes: Buffer = req.read() ?? Buffer.alloc(0)
    return bytes.length > limit ? tooLarge : { ok: true, bytes }
  }
  return arriving(req, limit)
}

function arriving(req: IncomingMessage, limit: number): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const end = (outcome: ReadBody) => {
      req.off('data', onData)
      resolve(outcome)
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        chunks.length = 0
        end(tooLarge)
      } else chunks.push(chunk)
    }
    req.on('data', onData)
    req.once('end', () =>
      end({ ok: true, bytes: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size) }),
    )
    req.once('error', () => end(gone))
    req.once('close', () => end(gone))
  })
}

/**
 * Watches over a body that somebody else will read. False: more than `limit` bytes are declared. Calls `onTooLarge` once,
 * when more have come all the same; from then on the reader gets nothing, not even an end it could take for a whole body.
 */
export function capBody(req: IncomingMessage, limit: number, onTooLarge: () => void): boolean {
  if (declaredLength(req) > limit) return false
  const push = req.push.bind(req)
  let size = 0
  // Between the HTTP parser and the stream, so that the reader's own flow is left alone.
  req.push = (chunk: Buffer | null, encoding) => {
    if (size > limit) return true
    size += chunk?.length ?? 0
    if (size <= limit) return push(chunk, encoding)
    onTooLarge()
    return true
  }
  return true
}
