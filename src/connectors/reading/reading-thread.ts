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

/** Reads what strangers wrote, for one call: begun with the first of it, ended with the call. One reading after the other. */
export class ReadingThread {
  #worker: Worker | null = null
  readonly #turns = new Turns()
  readonly #limit: number

  constructor(limit = usualLimit) {
    this.#limit = limit
  }

  /** Throws NotRead. */
  read<K extends keyof Jobs>(kind: K, asked: Jobs[K]['asked']): Promise<Jobs[K]['found']> {
    return this.#turns.take(() => this.#read({ kind, asked } as Job)) as Promise<Jobs[K]['found']>
  }

  async #read(job: Job): Promise<unknown> {
    this.#worker ??= start()
    try {
      return await answerOf(this.#worker, job, this.#limit)
    } catch (error) {
      await this.end()
      throw error
    }
  }

  async end(): Promise<void> {
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
  return worker
}

function answerOf(worker: Worker, job: Job, limit: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let at: number | null = null
    const done = (settle: () => void) => {
      clearTimeout(timer)
      worker.removeAllListeners('message').removeAllListeners('exit')
      settle()
    }
    const failed = (why: string) => done(() => reject(new NotRead(why, at)))
    const within = (time: number) => setTimeout(() => failed(`not read within ${time} ms`), time)
    let timer = within(toBegin)
    worker.on('message', (said: Said) => {
      if (said === 'loaded') {
        clearTimeout(timer)
        timer = within(limit)
      } else if ('at' in said) at = said.at
      else if ('failed' in said) failed(said.failed)
      else done(() => resolve(said.found))
    })
    worker.on('exit', () => failed('the thread ended'))
    worker.removeAllListeners('error').on('error', (error) => failed(String(error)))
    worker.postMessage(job)
  })
}
