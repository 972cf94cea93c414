import { createSlices, myTurn } from '../../kernel/slices.ts'
import { BelievedTime } from '../../storage/believed-time.ts'
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
  // In parts: a document that is written in one go holds up everybody. A third state, partial: its parts are being written, or taken away.
  `CREATE TABLE change_parts (
     change INTEGER NOT NULL,
     -- before or after
     side TEXT NOT NULL,
     number INTEGER NOT NULL,
     bytes BLOB NOT NULL,
     UNIQUE (change, side, number)
   ) STRICT;
   INSERT INTO change_parts SELECT id, 'before', 0, before FROM changes WHERE length(before) > 0;
   INSERT INTO change_parts SELECT id, 'after', 0, after FROM changes WHERE length(after) > 0;
   -- in bytes; null where there is no file
   ALTER TABLE changes ADD COLUMN before_size INTEGER;
   ALTER TABLE changes ADD COLUMN after_size INTEGER;
   UPDATE changes SET before_size = length(before), after_size = length(after);
   ALTER TABLE changes DROP COLUMN before;
   ALTER TABLE changes DROP COLUMN after;
   DROP INDEX changes_unfinished;
   CREATE INDEX changes_by_state ON changes (state, id);`,
]

/** A change without the document. */
export interface ChangeFacts {
  id: number
  at: number
  state: 'partial' | 'intended' | 'done' | 'undone'
  /** Bytes that are kept of it. */
  size: number
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
  /** Null where there is no file, and where one is moved. */
  before_size: number | null
  after_size: number | null
}

type Side = 'before' | 'after'
/** `before` and `after` are null where there is no file, and where one is moved. */
export type ChangeRow = ChangeFacts & { [side in Side]: Uint8Array | null }
export type NewChange = Omit<ChangeRow, 'id' | 'state' | 'size' | 'before_size' | 'after_size'>

/** Bytes that are written in one go. */
const partBytes = 128_000

/** How long and how much is kept: the oldest goes first. */
export const kept = { days: 30, bytes: 200_000_000 }

const statementsOf = (db: Database) => ({
  add: db.prepare(`INSERT INTO changes (at, state, size, call, grant_id, client_name, undoes, folder, root, path, moved_to, made, temp, before_size,
      after_size) VALUES (?, 'partial', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  addPart: db.prepare('INSERT INTO change_parts (change, side, number, bytes) VALUES (?, ?, ?, ?)'),
  part: db.prepare('SELECT bytes FROM change_parts WHERE change = ? AND side = ? AND number = ?'),
  dropPart: db.prepare(
    'DELETE FROM change_parts WHERE rowid = (SELECT rowid FROM change_parts WHERE change = ? LIMIT 1)',
  ),
  state: db.prepare('UPDATE changes SET state = ? WHERE id = ?'),
  drop: db.prepare('DELETE FROM changes WHERE id = ?'),
  unfinished: db.prepare(`SELECT * FROM changes WHERE state = 'intended' ORDER BY id`),
  byCall: db.prepare(`SELECT * FROM changes WHERE call = ? AND state <> 'partial' ORDER BY id DESC LIMIT 1`),
  since:
    db.prepare(`SELECT call FROM changes WHERE grant_id = ? AND at >= ? AND at < ? AND state = 'done' AND call IS NOT NULL
    ORDER BY id DESC`),
  made: db.prepare(`SELECT made FROM changes WHERE root = ? AND made <> '[]'`),
  moved: db.prepare(`SELECT 1 FROM changes
    WHERE root = ? AND path = ? AND moved_to IS NOT NULL AND state = 'done' AND id > ? LIMIT 1`),
  old: db.prepare(
    `SELECT id, size FROM changes WHERE state IN ('done', 'undone') AND at < ? ORDER BY id LIMIT 1`,
  ),
  partial: db.prepare(`SELECT id, size FROM changes WHERE state = 'partial' ORDER BY id LIMIT 1`),
  bytes: db.prepare('SELECT total(size) AS bytes FROM changes'),
  newest: db.prepare('SELECT at FROM changes ORDER BY id DESC LIMIT 1'),
  oldest: db.prepare(`SELECT id, size FROM changes WHERE state IN ('done', 'undone') ORDER BY id LIMIT 1`),
})

/** What was changed and how it was before, written down before the file is touched. One change after another. */
export class ChangeStore {
  readonly #db: Database
  readonly #statements: ReturnType<typeof statementsOf>
  readonly #time: BelievedTime

  constructor(db: Database) {
    this.#db = db
    // A change that is not on the disk could not be taken back after a power cut. What is copied from the log into the file is copied often,
    // so that it is never much.
    db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 64')
    this.#statements = statementsOf(db)
    this.#time = new BelievedTime((this.#statements.newest.get()?.at as number | undefined) ?? null)
  }

  /** It is on the disk when this resolves; when it rejects, nothing of it counts. */
  async intend(one: NewChange): Promise<ChangeRow> {
    const { addPart, state } = this.#statements
    const batches = batchesOf(one)
    let facts: ChangeFacts | undefined
    for (const [n, batch] of batches.entries()) {
      if (n > 0) await myTurn()
      inTransaction(this.#db, () => {
        facts ??= this.#add(one)
        for (const { side, number, bytes } of batch) addPart.run(facts.id, side, number, bytes)
        if (n === batches.length - 1) state.run('intended', facts.id)
      })
    }
    return { ...facts!, ...one, state: 'intended' }
  }

  #add(one: NewChange): ChangeFacts {
    const { at, call, grant_id, client_name, undoes, folder, root, path, moved_to, made, temp, ...rest } = one
    const [before_size, after_size] = [rest.before?.length ?? null, rest.after?.length ?? null]
    const size = (before_size ?? 0) + (after_size ?? 0)
    const named = [call, grant_id, client_name, undoes, folder, root, path, moved_to, made, temp]
    const { lastInsertRowid } = this.#statements.add.run(at, size, ...named, before_size, after_size)
    return { ...one, id: Number(lastInsertRowid), state: 'partial', size, before_size, after_size }
  }

  done({ id, undoes }: ChangeFacts): void {
    inTransaction(this.#db, () => {
      this.#statements.state.run('done', id)
      if (undoes !== null) this.undone(undoes)
    })
  }

  undone(id: number): void {
    this.#statements.state.run('undone', id)
  }

  async drop({ id, size }: Pick<ChangeFacts, 'id' | 'size'>): Promise<void> {
    const { state, drop, dropPart } = this.#statements
    const dropAll = () => {
      while (dropPart.run(id).changes > 0);
      drop.run(id)
    }
    if (size > partBytes) {
      state.run('partial', id)
      while (dropPart.run(id).changes > 0) await myTurn()
    }
    inTransaction(this.#db, dropAll)
  }

  async unfinished(): Promise<ChangeRow[]> {
    const rows: ChangeRow[] = []
    for (const facts of this.#statements.unfinished.all() as unknown as ChangeFacts[])
      rows.push(await this.whole(facts))
    return rows
  }

  byCall(call: string): ChangeFacts | undefined {
    return this.#statements.byCall.get(call) as unknown as ChangeFacts | undefined
  }

  /** With the document before and after. */
  async whole(facts: ChangeFacts): Promise<ChangeRow> {
    const before = await this.#document(facts.id, 'before', facts.before_size)
    return { ...facts, before, after: await this.#document(facts.id, 'after', facts.after_size) }
  }

  async #document(id: number, side: Side, size: number | null): Promise<Uint8Array | null> {
    if (size === null) return null
    const slices = createSlices()
    const bytes = new Uint8Array(size)
    for (let at = 0, number = 0; at < size; number += 1) {
      const part = (this.#statements.part.get(id, side, number) as { bytes: Uint8Array }).bytes
      bytes.set(part, at)
      at += part.length
      await slices.pause()
    }
    return bytes
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

  /** What is too old, or with so many bytes `more` too much, and what was broken off before it counted. */
  async forget(now: number, more: number): Promise<void> {
    const { old, oldest, partial } = this.#statements
    const before = this.#time.at(now) - kept.days * 86_400_000
    for (;;) {
      const isFull = this.#bytes() + more > kept.bytes
      const one = partial.get() ?? old.get(before) ?? (isFull ? oldest.get() : undefined)
      if (one === undefined) return
      await this.drop(one as { id: number; size: number })
      await myTurn()
    }
  }

  /** Whether what was at `path` after this change was moved from there by a later one that stands. */
  wasMoved(id: number, root: string, path: string): boolean {
    return this.#statements.moved.get(root, path, id) !== undefined
  }

  #bytes(): number {
    return (this.#statements.bytes.get() as { bytes: number }).bytes
  }
}

interface Part {
  side: Side
  number: number
  bytes: Uint8Array
}

/** What is written in one go each; at least one, which may be empty. */
function batchesOf({ before, after }: Pick<NewChange, Side>): Part[][] {
  const parts = [...partsOf('before', before), ...partsOf('after', after)]
  const batches: Part[][] = [[]]
  let size = 0
  for (const part of parts) {
    if (size > 0 && size + part.bytes.length > partBytes) {
      batches.push([])
      size = 0
    }
    batches.at(-1)!.push(part)
    size += part.bytes.length
  }
  return batches
}

function partsOf(side: Side, bytes: Uint8Array | null): Part[] {
  const count = Math.ceil((bytes?.length ?? 0) / partBytes)
  return Array.from({ length: count }, (_, number) => ({
    ...{ side, number },
    bytes: bytes!.subarray(number * partBytes, (number + 1) * partBytes),
  }))
}
