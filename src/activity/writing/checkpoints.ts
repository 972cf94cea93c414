import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Database } from '../../storage/database/database.ts'
import type { CallTable } from '../call-table.ts'
import type { Mark } from '../chain/call-chain.ts'
import type { GroupCommit } from './group-commit.ts'

/** Milliseconds. */
const every = 5_000

interface Parts {
  db: Database
  commit: GroupCommit
  table: CallTable
  chain: { setHead(mark: Mark): void }
  log: Log
}

/** Moves what was written from the database's log into its file, and has it written down how far the chain of rows went. */
export class Checkpoints {
  readonly #parts: Parts
  readonly #timer: NodeJS.Timeout

  constructor(parts: Parts) {
    this.#parts = parts

    // 16 MB; sooner where somebody asks for it, which is when no call waits.
    this.#parts.db.exec('PRAGMA wal_autocheckpoint = 4000')
    this.#timer = setInterval(() => this.#make(), every).unref()
  }

  /** One more, after everything was written. */
  stop(): void {
    clearInterval(this.#timer)
    if (this.#parts.db.isOpen) this.#make()
  }

  #make(): void {
    const { db, commit, table, log } = this.#parts
    if (!commit.hasWritten) return
    commit.hasWritten = false
    const { chain } = table
    try {
      table.settle()
      const { head } = chain
      db.exec('PRAGMA wal_checkpoint(PASSIVE)')
      // Only what is on the disk: after a power cut the log must not look as if its end had been taken away.
      this.#parts.chain.setHead(chain.mark(head))
    } catch (error) {
      log.debug('activity.checkpoint', { error: errorText(error) })
    }
  }
}
