import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Database } from '../../storage/database/database.ts'

/** Where rows are until a transaction takes them along. */
export interface Beside {
  /** In a transaction, before anything else of it. */
  move(): void
  /** It is committed. */
  moved(): void
}

/** Rows of one transaction: whoever writes more in one turn does not hold the thread for all of them. */
const mostTogether = 256

interface Job {
  write: () => unknown
  append: (() => unknown) | undefined
  value: unknown
  resolve(value: never): void
  reject(error: unknown): void
}

/**
 * Writes what comes in one turn of the event loop, or in two, in one transaction: a commit costs more than the rows in it. What can be
 * written is; exactly the rows that cannot are refused.
 */
export class GroupCommit {
  readonly #db: Database
  readonly #log: Log
  readonly #rolledBack: () => void
  readonly #beside: Beside | null
  readonly #begin
  readonly #commit
  #jobs: Job[] = []
  #soon: NodeJS.Immediate | undefined
  #isRefusing = false
  #isStopped = false
  /** Something was written that is not there, and whoever counts on it could not be told yet. */
  #isAdrift = false
  /** Whether anything was written since this was last set to false. */
  hasWritten = false

  /** `rolledBack`: nothing of what was written last is there. */
  constructor(db: Database, log: Log, rolledBack: () => void, beside: Beside | null = null) {
    this.#rolledBack = rolledBack
    this.#beside = beside
    this.#db = db
    this.#log = log
    this.#begin = db.prepare('BEGIN IMMEDIATE')
    this.#commit = db.prepare('COMMIT')
  }

  /**
   * Resolves with what `write` gave once that is committed; rejects when it is not, and then nothing of it is. `write` may be called
   * more than once. `append`: does the same without a transaction, for what comes alone; null: it cannot.
   */
  run<T>(write: () => T, append?: () => T | null): Promise<T> {
    if (this.#isStopped) return Promise.reject(new Error('The log is closed.'))
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ write, append, value: undefined, resolve, reject })
      if (this.#jobs.length >= mostTogether) this.#flush()
      else this.#soon ??= setImmediate(() => this.#turnEnds())
    })
  }

  /** Where several come, more are on their way. With another turn eight calls at a time are four to five in a commit, not two to three. */
  #turnEnds(): void {
    if (this.#jobs.length > 1) this.#soon = setImmediate(() => this.#flush())
    else this.#flush()
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
  }

  #flush(): void {
    clearImmediate(this.#soon)
    this.#soon = undefined
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
    try {
      if (this.#isAdrift) this.#goBack()
      if (jobs.length === 1 && isAppended(jobs[0]!)) return
      this.#begin.run()
      this.#beside?.move()
      for (const job of jobs) job.value = job.write()
      this.#commit.run()
      this.#beside?.moved()
    } catch (error) {
      this.#isAdrift = true
      // A full disk ends the transaction by itself; then there is nothing left to roll back.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      this.#goBack()
      throw error
    }
  }

  /** A disk that fails may not even be read: then before anything else is written. */
  #goBack(): void {
    this.#rolledBack()
    this.#isAdrift = false
  }

  #failed(jobs: Job[], error: unknown): void {
    if (jobs.length === 1) {
      this.#tell(error)
      jobs[0]!.reject(error)
    } else {
      // One row that cannot be written must not take the others with it.
      for (const job of jobs) this.#write([job])
    }
  }

  /** Once, until something can be written again. */
  #tell(error: unknown): void {
    if (!this.#isRefusing) this.#log.error('activity.refused', { error: errorText(error) })
    this.#isRefusing = true
  }
}

function isAppended(job: Job): boolean {
  if (job.append === undefined) return false
  job.value = job.append()
  return job.value !== null
}
