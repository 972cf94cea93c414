import { Worker } from 'node:worker_threads'
import { HostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { workerFile } from '../system/worker-file.ts'
import type { FromIndex, IndexedFolder, IndexOptions, Question, Questions } from './index/protocol.ts'

const patienceMs = 20_000
/** Before a thread that ended, or that could not follow, is tried again: then for twice as long, up to the most. Milliseconds. */
const rests = { first: 5_000, most: 300_000, isWell: 60_000 }
const memory = { maxOldGenerationSizeMb: 256 }

interface Waiting {
  resolve(answer: unknown): void
  reject(error: unknown): void
  timer: NodeJS.Timeout
}

/** The thread of the index, as the host sees it. It is started again when it ends by itself, each time later while it does not live long. */
export class IndexClient {
  readonly #options: IndexOptions
  readonly #log: Log
  readonly #changed: () => void
  readonly #waiting = new Map<number, Waiting>()
  #folders: readonly IndexedFolder[] = []
  #worker: Worker | null = null
  readonly #rests: typeof rests
  #again: NodeJS.Timeout | undefined
  #rested = 0
  #beganAt = 0
  #isStopped = false
  #n = 0

  constructor(options: IndexOptions, log: Log, changed: () => void, howLong = rests) {
    this.#rests = howLong
    this.#options = options
    this.#log = log
    this.#changed = changed
  }

  /** From now on these are the folders. */
  setFolders(folders: readonly IndexedFolder[]): void {
    this.#folders = folders
    clearTimeout(this.#again)
    this.#again = undefined
    void this.ask('folders', folders).catch((error) => {
      this.#log.warn('folders.index', { error: String(error) })
      this.#rest()
    })
  }

  /** It ended, or could not follow, and is tried again later. */
  get isResting(): boolean {
    return this.#again !== undefined
  }

  /** Throws HostError `folders-unavailable`. */
  ask<K extends keyof Questions>(
    what: K,
    asked: Parameters<Questions[K]>[0],
  ): Promise<ReturnType<Questions[K]>> {
    // Who asks does not start it: a disk that is full is full for every question.
    if (this.#worker === null && this.isResting) return Promise.reject(unavailable('resting'))
    const worker = this.#running()
    return new Promise((resolve, reject) => {
      const n = ++this.#n
      const timer = setTimeout(() => this.#settle(n)?.reject(unavailable(`${what}-slow`)), patienceMs)
      timer.unref()
      this.#waiting.set(n, { resolve: resolve as (answer: unknown) => void, reject, timer })
      worker.postMessage({ n, what, asked } satisfies Question)
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#again)
    const worker = this.#worker
    if (!worker) return
    // A file that is being read is read anew with the next start.
    await Promise.race([
      this.ask('stop', undefined),
      new Promise((done) => setTimeout(done, 3_000).unref()),
    ]).catch(() => {})
    this.#worker = null
    await worker.terminate()
  }

  #running(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(workerFile(import.meta.url, './index/index-worker.ts', 'notes-index.js'), {
      workerData: this.#options,
      resourceLimits: memory,
      env: {},
      execArgv: [],
    })
    this.#worker = worker
    this.#beganAt = performance.now()
    worker.on('message', (message: FromIndex) => this.#heard(message))
    worker.on('error', (error) => this.#log.error('folders.index', { error: String(error) }))
    worker.on('exit', () => this.#ended(worker))
    worker.unref()
    return worker
  }

  #heard(message: FromIndex): void {
    if ('changed' in message) this.#changed()
    else if ('level' in message) this.#log[message.level](message.event, { ...message.fields })
    else if ('failed' in message) this.#settle(message.n)?.reject(unavailable(message.failed))
    else this.#settle(message.n)?.resolve(message.answer)
  }

  #settle(n: number): Waiting | undefined {
    const one = this.#waiting.get(n)
    this.#waiting.delete(n)
    clearTimeout(one?.timer)
    return one
  }

  #ended(worker: Worker): void {
    if (this.#worker !== worker) return
    this.#worker = null
    for (const n of [...this.#waiting.keys()]) this.#settle(n)?.reject(unavailable('thread-ended'))
    this.#rest()
    this.#changed()
  }

  #rest(): void {
    if (this.#isStopped || this.#again !== undefined) return
    const { first, most, isWell } = this.#rests
    const wasWell = performance.now() - this.#beganAt > isWell
    this.#rested = wasWell ? first : Math.min(most, 2 * this.#rested || first)
    this.#log.warn('folders.again', { milliseconds: this.#rested })
    this.#again = setTimeout(() => this.setFolders(this.#folders), this.#rested).unref()
  }
}

const unavailable = (detail: string) => new HostError({ code: 'folders-unavailable', detail })
