import type { Database } from '../storage/database.ts'

export interface GroupCommit {
  /** Resolves with what `write` returned once it is committed; rejects when it was not. */
  run<T>(write: () => T): Promise<T>
  /** Commits what is waiting; from then on everything is refused. */
  stop(): void
}

interface Job {
  write: () => unknown
  resolve(value: never): void
  reject(error: unknown): void
}

/** Collects the writes of one turn of the event loop into one transaction: a commit costs more than the rows in it. */
export function createGroupCommit(db: Database): GroupCommit {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  let jobs: Job[] = []
  let scheduled: NodeJS.Immediate | undefined
  let stopped = false

  const transact = (group: Job[]): unknown[] => {
    begin.run()
    try {
      const values = group.map((job) => job.write())
      commit.run()
      return values
    } catch (error) {
      // A full disk ends the transaction by itself; then there is nothing left to roll back.
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }

  const attempt = (group: Job[]) => {
    try {
      const values = transact(group)
      for (const [index, job] of group.entries()) job.resolve(values[index] as never)
    } catch (error) {
      if (group.length === 1) group[0]!.reject(error)
      // One row that cannot be written must not take the others with it.
      else for (const job of group) attempt([job])
    }
  }

  const flush = () => {
    clearImmediate(scheduled)
    scheduled = undefined
    const group = jobs
    jobs = []
    if (group.length > 0) attempt(group)
  }

  return {
    run<T>(write: () => T) {
      if (stopped) return Promise.reject(new Error('The log is closed.'))
      return new Promise<T>((resolve, reject) => {
        jobs.push({ write, resolve, reject })
        scheduled ??= setImmediate(flush)
      })
    },
    stop() {
      stopped = true
      flush()
    },
  }
}
