import { Worker } from 'node:worker_threads'
import { Turns } from '../../kernel/turns.ts'
import { workerFile } from '../../system/worker-file.ts'
import type { Job, Jobs, Said } from './reading-worker.ts'

const resourceLimits = { maxOldGenerationSizeMb: 160, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 }
/** For one reading. Milliseconds. */
const usualLimit = 4_000
/** For the thread to begin, which on a busy computer says nothing about what is read. */
const toBegin = 10_000

/** It cannot be read, or takes more than a reading may. `at`: the event of a calendar with which that was. */
export class NotRead extends Error {
  readonly at: number | null

  constructor(why: string, at: number | null) {
    super(why)
    this.at = at
  }
}

/** The call that a thread reads for. */
interface ReadingCall {
  readonly signal?: AbortSignal
  /** Milliseconds. */
  readonly timeLeft: number
}

/** Reads what strangers wrote, for one call: begun with the first of it, ended with the call. One reading after the other. */
export class ReadingThread {
  #worker: Worker | null = null
  readonly #turns = new Turns()
  readonly #call: ReadingCall
  readonly #limit: number
  #isEnded = false

  constructor(call: ReadingCall = { timeLeft: Number.POSITIVE_INFINITY }, limit = usualLimit) {
    this.#call = call
    this.#limit = limit
  }

  /** Throws NotRead. */
  read<K extends keyof Jobs>(kind: K, asked: Jobs[K]['asked']): Promise<Jobs[K]['found']> {
    return this.#turns.take(() => this.#read({ kind, asked } as Job)) as Promise<Jobs[K]['found']>
  }

  async #read(job: Job): Promise<unknown> {
    const { signal, timeLeft } = this.#call
    if (this.#isEnded || signal?.aborted) throw new NotRead('the call is over', null)
    this.#worker ??= start()
    const stop = () => void this.#stop()
    signal?.addEventListener('abort', stop)
    try {
      return await answerOf(this.#worker, job, Math.min(this.#limit, timeLeft))
    } catch (error) {
      await this.#stop()
      throw error
    } finally {
      signal?.removeEventListener('abort', stop)
    }
  }

  /** Nothing more is read. */
  async end(): Promise<void> {
    this.#isEnded = true
    await this.#stop()
  }

  async #stop(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }
}

/** Without the environment: nothing that is read in there has it. */
function start(): Worker {
  const worker = new Worker(workerFile(import.meta.url, './reading-worker.ts', 'connectors-reading.js'), {
    ...{ resourceLimits, env: {}, execArgv: [], stdout: true, stderr: true },
  })
  for (const stream of [worker.stdout, worker.stderr]) stream.resume()
  // Also one that comes when nobody waits for an answer any more.
  worker.on('error', () => {})
  return worker
}

/** `limit`: milliseconds, once it has begun. */
function answerOf(worker: Worker, job: Job, limit: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let at: number | null = null
    const done = (settle: () => void) => {
      clearTimeout(timer)
      // Only our own: whoever ends the thread waits for its end, too.
      worker.off('message', heard).off('exit', ended).off('error', broken)
      settle()
    }
    const failed = (why: string) => done(() => reject(new NotRead(why, at)))
    const within = (time: number) => setTimeout(() => failed(`not read within ${time} ms`), time)
    const heard = (said: Said) => {
      if (said === 'loaded') {
        clearTimeout(timer)
        timer = within(limit)
      } else if ('at' in said) at = said.at
      else if ('failed' in said) failed(said.failed)
      else done(() => resolve(said.found))
    }
    const ended = () => failed('the thread ended')
    const broken = (error: Error) => failed(String(error))
    let timer = within(toBegin)
    worker.on('message', heard).on('exit', ended).on('error', broken)
    worker.postMessage(job)
  })
}
