import type { Database } from '../../storage/database/database.ts'
import { inTransaction } from '../../storage/database/in-transaction.ts'

/** What assistants changed in the user's folders, a file of its own (`changes.db`): it cannot be made again. */
export const changeSteps: readonly string[] = [
  `CREATE TABLE changes (
     id INTEGER PRIMARY KEY,
     at INTEGER NOT NULL,
     -- intended: written down before the file is touched; done; undone
     state TEXT NOT NULL,
     -- bytes that are kept of it
     size INTEGER NOT NULL,
     -- its row in the log of calls; null: the owner's
     call TEXT,
     grant_id TEXT NOT NULL,
     client_name TEXT NOT NULL,
     -- the change that is taken back by this one
     undoes INTEGER,
     folder TEXT NOT NULL,
     root TEXT NOT NULL,
     path TEXT NOT NULL,
     moved_to TEXT,
     -- the folders that it needed, as JSON, and the name under which the file was prepared
     made TEXT NOT NULL,
     temp TEXT NOT NULL,
     before BLOB,
     after BLOB
   ) STRICT;
   CREATE INDEX changes_by_call ON changes (call) WHERE call IS NOT NULL;
   CREATE INDEX changes_unfinished ON changes (id) WHERE state = 'intended';
   CREATE INDEX changes_by_grant ON changes (grant_id, at);`,
]

/** `before` and `after` are null where there is no file, and where one is moved. */
export interface ChangeRow {
  id: number
  at: number
  state: 'intended' | 'done' | 'undone'
  call: string | null
  grant_id: string
  client_name: string
  undoes: number | null
  /** As assistants know it. */
  folder: string
  root: string
  path: string
  moved_to: string | null
  made: string
  temp: string
  before: Uint8Array | null
  after: Uint8Array | null
}

export type NewChange = Omit<ChangeRow, 'id' | 'state'>

/** How long and how much is kept: the oldest goes first. */
export const kept = { days: 30, bytes: 200_000_000 }

const statementsOf = (db: Database) => ({
  add: db.prepare(`INSERT INTO changes (at, state, size, call, grant_id, client_name, undoes, folder, root, path, moved_to, made, temp, before, after)
    VALUES (?, 'intended', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *`),
  state: db.prepare('UPDATE changes SET state = ? WHERE id = ?'),
  drop: db.prepare('DELETE FROM changes WHERE id = ?'),
  unfinished: db.prepare(`SELECT * FROM changes WHERE state = 'intended' ORDER BY id`),
  byCall: db.prepare('SELECT * FROM changes WHERE call = ? ORDER BY id DESC LIMIT 1'),
  since:
    db.prepare(`SELECT call FROM changes WHERE grant_id = ? AND at >= ? AND at < ? AND state = 'done' AND call IS NOT NULL
    ORDER BY id DESC`),
  made: db.prepare(`SELECT made FROM changes WHERE root = ? AND made <> '[]'`),
  moved: db.prepare(`SELECT 1 FROM changes
    WHERE root = ? AND path = ? AND moved_to IS NOT NULL AND state = 'done' AND id > ? LIMIT 1`),
  old: db.prepare(`DELETE FROM changes
    WHERE id = (SELECT id FROM changes WHERE state <> 'intended' AND at < ? ORDER BY id LIMIT 1)`),
  bytes: db.prepare('SELECT total(size) AS bytes FROM changes'),
  oldest: db.prepare(`DELETE FROM changes
    WHERE id = (SELECT id FROM changes WHERE state <> 'intended' ORDER BY id LIMIT 1)`),
})

/** What was changed and how it was before, written down before the file is touched. */
export class ChangeStore {
  readonly #db: Database
  readonly #statements: ReturnType<typeof statementsOf>

  constructor(db: Database) {
    this.#db = db
    // A change that is not on the disk could not be taken back after a power cut.
    db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    this.#statements = statementsOf(db)
  }

  /** It is on the disk when this returns. */
  intend(one: NewChange): ChangeRow {
    const size = (one.before?.length ?? 0) + (one.after?.length ?? 0)
    const { at, call, grant_id, client_name, undoes, folder, root, path, moved_to, made, temp } = one
    const named = [call, grant_id, client_name, undoes, folder, root, path, moved_to, made, temp]
    return this.#statements.add.get(at, size, ...named, one.before, one.after) as unknown as ChangeRow
  }

  done({ id, undoes }: ChangeRow): void {
    inTransaction(this.#db, () => {
      this.#statements.state.run('done', id)
      if (undoes !== null) this.undone(undoes)
    })
  }

  undone(id: number): void {
    this.#statements.state.run('undone', id)
  }

  drop({ id }: ChangeRow): void {
    this.#statements.drop.run(id)
  }

  unfinished(): ChangeRow[] {
    return this.#statements.unfinished.all() as unknown as ChangeRow[]
  }

  byCall(call: string): ChangeRow | undefined {
    return this.#statements.byCall.get(call) as unknown as ChangeRow | undefined
  }

  /** The calls of what can be taken back, newest first. `since` ≤ its time < `until`. */
  calls(grantId: string, since: number, until: number): string[] {
    return this.#statements.since.all(grantId, since, until).map(({ call }) => call as string)
  }

  /** Whether somebody made this folder while changing something. */
  isMade(root: string, dir: string): boolean {
    return this.#statements.made
      .all(root)
      .some(({ made }) => (JSON.parse(made as string) as string[]).includes(dir))
  }

  close(): void {
    this.#db.close()
  }

  /** Whether one was forgotten, because it is too old or with so many bytes `more` there is too much: then there may be others. */
  forgetOne(now: number, more: number): boolean {
    const { old, oldest } = this.#statements
    if (old.run(now - kept.days * 86_400_000).changes > 0) return true
    return this.#bytes() + more > kept.bytes && oldest.run().changes > 0
  }

  /** Whether what was at `path` after this change was moved from there by a later one that stands. */
  wasMoved(id: number, root: string, path: string): boolean {
    return this.#statements.moved.get(root, path, id) !== undefined
  }

  #bytes(): number {
    return (this.#statements.bytes.get() as { bytes: number }).bytes
  }
}
