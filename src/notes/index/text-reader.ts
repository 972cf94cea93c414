import { Worker } from 'node:worker_threads'
import { workerFile } from '../../system/worker-file.ts'
import type { Job, JobAnswer } from '../text/text-worker.ts'

const defaults = { longest: 20_000, idle: 10_000, memory: 160 }
/** What V8 does not count as its heap and so sets no limit to, such as a stream of a PDF that unpacks without end. In bytes. */
const mostOutside = 300_000_000
const askEvery = 100

/** Reads one file after another in a thread of its own, which ends when there is nothing to do, and with any file that takes too much. */
export class TextReader {
  readonly #limits: typeof defaults
  #worker: Worker | null = null
  #idle: NodeJS.Timeout | undefined

  /** Milliseconds: for one file, and until the thread ends by itself; megabytes that it may use. */
  constructor(limits: Partial<typeof defaults> = {}) {
    this.#limits = { ...defaults, ...limits }
  }

  /** Never throws. One at a time. */
  async read(job: Job): Promise<JobAnswer> {
    clearTimeout(this.#idle)
    const worker = this.#worker ?? this.#start()
    const answer = await answerOf(worker, job, this.#limits.longest)
    if (answer.ended) {
      this.#worker = null
      await worker.terminate()
    } else {
      this.#idle = setTimeout(() => void this.stop(), this.#limits.idle).unref()
    }
    return answer.answer
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = start(this.#limits.memory)
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = null
    })
    this.#worker = worker
    return worker
  }
}

/** Without the environment, in which there may be secrets: nothing that a file can do in there has them. */
function start(maxOldGenerationSizeMb: number): Worker {
  const worker = new Worker(workerFile(import.meta.url, '../text/text-worker.ts', 'notes-text.js'), {
    resourceLimits: { maxOldGenerationSizeMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  })
  // What it says while it is being ended, or between two files, interests nobody.
  for (const stream of [worker.stdout, worker.stderr]) stream.resume()
  return worker.on('error', () => {})
}

function answerOf(worker: Worker, job: Job, longest: number): Promise<{ answer: JobAnswer; ended: boolean }> {
  return new Promise((resolve) => {
    const answered = (answer: JobAnswer) => done(answer, false)
    const failed = (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'too-much-memory' : 'damaged'
      done({ reason, detail: String(error).slice(0, 500) }, true)
    }
    const ended = () => done({ reason: 'damaged', detail: 'thread ended' }, true)
    const outside = setInterval(async () => {
      const { external_memory: size } = await worker.getHeapStatistics().catch(() => ({ external_memory: 0 }))
      if (size > mostOutside) done({ reason: 'too-much-memory', detail: `${size} bytes` }, true)
    }, askEvery)
    const timer = setTimeout(() => done({ reason: 'too-slow', detail: `${longest} ms` }, true), longest)
    const done = (answer: JobAnswer, isOver: boolean) => {
      clearTimeout(timer)
      clearInterval(outside)
      worker.off('message', answered).off('error', failed).off('exit', ended)
      resolve({ answer, ended: isOver })
    }
    worker.on('message', answered).on('error', failed).on('exit', ended)
    worker.postMessage(job)
  })
}
