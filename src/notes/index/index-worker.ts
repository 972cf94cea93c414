/** The thread of the index: everything about the user's folders that takes time happens here, and not where calls are. */
import { parentPort, workerData } from 'node:worker_threads'
import { FoldersIndex } from './folders-index.ts'
import type { FromIndex, IndexOptions, Question } from './protocol.ts'

const port = parentPort!
const tell = (message: FromIndex) => port.postMessage(message)
const index = new FoldersIndex(workerData as IndexOptions, tell)

port.on('message', async ({ n, what, asked }: Question) => {
  try {
    const answer = await index.answer(what, asked)
    tell({ n, answer })
    if (what === 'stop') port.close()
  } catch (error) {
    tell({ n, failed: String(error) })
  }
})
