export interface GroupWrite {
  /**
   * Resolves with what `written` returned once the line is written; rejects when it was not. `line` is asked when the time
   * has come.
   */
  run<T>(line: () => string, written: () => T): Promise<T>
  /** Writes what is waiting; from then on everything is refused. */
  stop(): void
}

/** Cheaper than process.nextTick, and early enough: answers that were read together come here together. */
const nextTurn = Promise.resolve()

interface Job {
  line: () => string
  written: () => unknown
  resolve(value: never): void
  reject(error: unknown): void
}

/**
 * Collects into one write what comes before anything else is read: a write costs more than the lines in it, and the answers of a server
 * that come together are logged together. To wait for the end of the turn of the event loop would collect more and be slower.
 */
export function createGroupWrite(append: (lines: readonly string[]) => void): GroupWrite {
  let jobs: Job[] = []
  let isScheduled = false
  let stopped = false

  const attempt = (group: Job[]) => {
    try {
      append(group.map((job) => job.line()))
    } catch (error) {
      if (group.length === 1) group[0]!.reject(error)
      // One row that cannot be written must not take the others with it.
      else for (const job of group) attempt([job])
      return
    }
    for (const job of group) job.resolve(job.written() as never)
  }

  const flush = () => {
    isScheduled = false
    const group = jobs
    jobs = []
    if (group.length > 0) attempt(group)
  }

  return {
    run<T>(line: () => string, written: () => T) {
      if (stopped) return Promise.reject(new Error('The log is closed.'))
      return new Promise<T>((resolve, reject) => {
        jobs.push({ line, written, resolve, reject })
        if (isScheduled) return
        isScheduled = true
        void nextTurn.then(flush)
      })
    },
    stop() {
      stopped = true
      flush()
    },
  }
}
