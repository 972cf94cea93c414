import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Database } from '../storage/database/database.ts'
import { sqliteCode } from '../storage/database/storage-errors.ts'

/** How long rows wait while another program has the database locked, and how often that is tried. Milliseconds. */
const patience = 5_000
const retryEvery = 20
/** Rows that wait then; beyond that they are refused at once. */
const mostWaiting = 5_000
/** Rows of one transaction: whoever writes more in one turn does not hold the thread for all of them. */
const mostTogether = 256

interface Job {
  write: () => unknown
  /** When it came, by `performance.now()`. */
  at: number
  value: unknown
  resolve(value: never): void
  reject(error: unknown): void
}

/**
 * Writes what comes in one turn of the event loop in one transaction: a commit costs more than the rows in it. What can be written
 * is; exactly the rows that cannot are refused. While another program has the database locked rows wait, and the thread does not:
 * the connection must not have a busy timeout.
 */
export class GroupCommit {
  readonly #db: Database
  readonly #log: Log
  readonly #begin
  readonly #commit
  #jobs: Job[] = []
  #soon: NodeJS.Immediate | undefined
  #retry: NodeJS.Timeout | undefined
  #isRefusing = false
  #isStopped = false
  /** Whether anything was written since this was last set to false. */
  hasWritten = false

  constructor(db: Database, log: Log) {
    this.#db = db
    this.#log = log
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
  }

  /**
   * Resolves with what `write` gave once that is committed; rejects when it is not, and then nothing of it is. `write` may be called
   * more than once.
   */
  run<T>(write: () => T): Promise<T> {
    if (this.#isStopped) return Promise.reject(new Error('The log is closed.'))
    if (this.#jobs.length >= mostWaiting) return Promise.reject(locked(this.#jobs.length))
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ write, at: performance.now(), value: undefined, resolve, reject })
      if (this.#retry !== undefined) return
      if (this.#jobs.length >= mostTogether) this.#flush()
      else this.#soon ??= setImmediate(() => this.#flush())
    })
  }

  /** The same at once, with all that waits. */
  now<T>(write: () => T): Promise<T> {
    const written = this.run(write)
    this.#flush()
    return written
  }

  /** Writes what is waiting; from then on everything is refused. */
  stop(): void {
    this.#isStopped = true
    this.#flush()
    for (const job of this.#jobs) job.reject(locked(this.#jobs.length))
    this.#jobs = []
    clearTimeout(this.#retry)
  }

  #flush(): void {
    clearImmediate(this.#soon)
    clearTimeout(this.#retry)
    this.#soon = this.#retry = undefined
    const jobs = this.#jobs
    this.#jobs = []
    if (jobs.length > 0) this.#write(jobs)
  }

  #write(jobs: Job[]): void {
    try {
      this.#transact(jobs)
    } catch (error) {
      this.#failed(jobs, error)
      return
    }
    this.hasWritten = true
    if (this.#isRefusing) this.#log.info('activity.written', { rows: jobs.length })
    this.#isRefusing = false
    for (const job of jobs) job.resolve(job.value as never)
  }

  #transact(jobs: readonly Job[]): void {
    this.#begin.run()
    try {
      for (const job of jobs) job.value = job.write()
      this.#commit.run()
    } catch (error) {
      // A full disk ends the transaction by itself; then there is nothing left to roll back.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  #failed(jobs: Job[], error: unknown): void {
    if (isBusy(error)) this.#wait(jobs)
    else if (jobs.length === 1) {
      this.#tell(error)
      jobs[0]!.reject(error)
    } else {
      // One row that cannot be written must not take the others with it.
      for (const job of jobs) this.#write([job])
    }
  }

  #wait(jobs: readonly Job[]): void {
    const since = performance.now() - patience
    const all = [...jobs, ...this.#jobs]
    this.#jobs = all.filter((job) => job.at > since)
    if (this.#jobs.length < all.length) this.#tell(locked(all.length))
    for (const job of all) if (job.at <= since) job.reject(locked(all.length))
    this.#retry ??= setTimeout(() => this.#flush(), retryEvery)
  }

  /** Once, until something can be written again. */
  #tell(error: unknown): void {
    if (!this.#isRefusing) this.#log.error('activity.refused', { error: errorText(error) })
    this.#isRefusing = true
  }
}

/** SQLITE_BUSY 5, SQLITE_LOCKED 6 */
const isBusy = (error: unknown): boolean => [5, 6].includes(sqliteCode(error) ?? 0)

const locked = (rows: number): Error =>
  new Error(`Another program has the database locked; ${rows} rows wait for it.`)
