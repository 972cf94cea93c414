/** A thread of its own: what a hostile file takes, time and memory, it takes of this one, which is ended then. */
import { parentPort } from 'node:worker_threads'
import type { LeftOut } from '../../contract/folders.ts'
import { type Extracted, NotRead } from './extracted.ts'
import type { Kind } from './kinds.ts'
import { readDocument } from './read-document.ts'

export interface Job {
  root: string
  path: string
  kind: Kind
}
export type JobAnswer = { found: Extracted } | { reason: LeftOut; detail: string }

const port = parentPort!
port.on('message', ({ root, path, kind }: Job) => {
  readDocument(root, path, kind).then(
    (found) => port.postMessage({ found } satisfies JobAnswer),
    (error) => port.postMessage(refusal(error)),
  )
})

function refusal(error: unknown): JobAnswer {
  const reason = error instanceof NotRead ? error.reason : 'damaged'
  return { reason, detail: String(error).slice(0, 500) }
}
