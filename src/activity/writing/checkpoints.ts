import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Database } from '../../storage/database/database.ts'
import type { CallTable } from '../call-table.ts'
import type { Mark } from '../chain/call-chain.ts'
import type { GroupCommit } from './group-commit.ts'

/** Milliseconds. */
const every = 5_000

/** Moves what was written from the database's log into its file, and has it written down how far the chain of rows went. */
export class Checkpoints {
  readonly #db: Database
  readonly #commit: GroupCommit
  readonly #table: CallTable
  readonly #chain: { setHead(mark: Mark): void }
  readonly #log: Log
  readonly #timer: NodeJS.Timeout

  constructor(deps: {
    db: Database
    commit: GroupCommit
    table: CallTable
    chain: { setHead(mark: Mark): void }
    log: Log
  }) {
    this.#db = deps.db
    this.#commit = deps.commit
    this.#table = deps.table
    this.#chain = deps.chain
    this.#log = deps.log
    // 16 MB; sooner where somebody asks for it, which is when no call waits.
    this.#db.exec('PRAGMA wal_autocheckpoint = 4000')
    this.#timer = setInterval(() => this.#make(), every).unref()
  }

  /** One more, after everything was written. */
  stop(): void {
    clearInterval(this.#timer)
    if (this.#db.isOpen) this.#make()
  }

  #make(): void {
    if (!this.#commit.hasWritten) return
    this.#commit.hasWritten = false
    const { chain } = this.#table
    const { head } = chain
    try {
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)')
      // Only what is on the disk: after a power cut the log must not look as if its end had been taken away.
      this.#chain.setHead(chain.mark(head))
    } catch (error) {
      this.#log.debug('activity.checkpoint', { error: errorText(error) })
    }
  }
}
