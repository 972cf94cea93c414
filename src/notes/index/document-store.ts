import { createHash } from 'node:crypto'
import type { LeftOut } from '../../contract/folders.ts'
import type { Database } from '../../storage/database/database.ts'
import { inTransaction } from '../../storage/database/in-transaction.ts'
import type { Extracted } from '../text/extracted.ts'
import { type Kind, kindOf } from '../text/kinds.ts'
import { leftOutByPath } from './left-out.ts'
import { hasParts, wordsIn } from './words.ts'

/** A file as a look into its folder found it. */
export interface Found {
  name: string
  size: number
  /** Milliseconds. */
  changedAt: number
  /** It stays out, and why; null: it is to be read. */
  reason: LeftOut | null
}

export interface Waiting {
  id: number
  folder: string
  dir: string
  name: string
  kind: Kind
  size: number
  changed_at: number
}

export interface Counts {
  documents: number
  waiting: number
  skipped: number
}

const statementsOf = (db: Database) => ({
  inDir: db.prepare(
    'SELECT id, name, size, changed_at, state, reason FROM documents WHERE folder = ? AND dir = ?',
  ),
  put: db.prepare(`INSERT INTO documents (uid, folder, dir, name, kind, size, changed_at, state, reason)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (folder, dir, name) DO UPDATE SET kind = excluded.kind, size = excluded.size, changed_at = excluded.changed_at,
      state = excluded.state, reason = excluded.reason RETURNING id`),
  waiting: db.prepare(
    `SELECT id, folder, dir, name, kind, size, changed_at FROM documents WHERE state = 'waiting' AND folder = ? ORDER BY id LIMIT 1`,
  ),
  done: db.prepare(
    `UPDATE documents SET state = 'indexed', reason = NULL, title = ?, links = ?, is_partial = ? WHERE id = ?`,
  ),
  skip: db.prepare(`UPDATE documents SET state = 'skipped', reason = ? WHERE id = ?`),
  notSkipped: db.prepare(`SELECT id, dir, name FROM documents WHERE folder = ? AND state <> 'skipped'`),
  again: db.prepare(
    `UPDATE documents SET state = 'waiting', reason = NULL WHERE state = 'skipped' AND reason = ? AND folder = ?`,
  ),
  dirs: db.prepare('SELECT DISTINCT dir FROM documents WHERE folder = ?'),
  below: db.prepare(
    `SELECT id FROM documents WHERE folder = ?1 AND (dir = ?2 OR substr(dir, 1, length(?2) + 1) = ?2 || '/')`,
  ),
  ofFolder: db.prepare('SELECT id FROM documents WHERE folder = ?'),
  folders: db.prepare('SELECT DISTINCT folder FROM documents'),
  counts: db.prepare('SELECT state, count(*) AS n FROM documents WHERE folder = ? GROUP BY state'),
  reasons: db.prepare(
    `SELECT reason, count(*) AS n FROM documents WHERE state = 'skipped' AND folder = ? GROUP BY reason ORDER BY n DESC, reason`,
  ),
  skipped: db.prepare(
    `SELECT dir, name, reason FROM documents WHERE state = 'skipped' AND folder = ?1 AND (?2 IS NULL OR reason = ?2)
     ORDER BY reason = 'not-a-document', dir, name LIMIT ?3 OFFSET ?4`,
  ),
  remove: db.prepare('DELETE FROM documents WHERE id = ?'),
  removeSections: db.prepare('DELETE FROM sections WHERE document = ?'),
  removeText: db.prepare('DELETE FROM documents_index WHERE rowid = ?'),
  putSection: db.prepare('INSERT INTO sections (document, number, label, text) VALUES (?, ?, ?, ?)'),
  putText: db.prepare(
    'INSERT INTO documents_index (rowid, title, path, headings, body) VALUES (?, ?, ?, ?, ?)',
  ),
  putWord: db.prepare('INSERT OR IGNORE INTO words (word) VALUES (?)'),
  putParts: db.prepare('INSERT INTO word_parts (word) VALUES (?)'),
})

/** What is known of the files in the user's folders, and their texts. */
export class DocumentStore {
  readonly #db: Database
  readonly #sql

  constructor(db: Database) {
    this.#db = db
    this.#sql = statementsOf(db)
  }

  /**
   * What is in a folder now, without the folders in it. What changed waits to be read; what is gone is forgotten. Says whether anything
   * is other than before.
   */
  setDir(folder: string, dir: string, found: readonly Found[]): boolean {
    const known = new Map(
      (this.#sql.inDir.all(folder, dir) as unknown as KnownRow[]).map((row) => [row.name, row]),
    )
    const changed = found.filter((one) => {
      const before = known.get(one.name)
      known.delete(one.name)
      return before === undefined || isOther(before, one)
    })
    if (changed.length === 0 && known.size === 0) return false
    inTransaction(this.#db, () => {
      for (const { id } of known.values()) this.#forget(id)
      for (const one of changed) this.#put(folder, dir, one)
    })
    return true
  }

  /** A folder in a folder is gone, with all that was below. */
  removeDir(folder: string, dir: string): void {
    this.#forgetAll(this.#sql.below.all(folder, dir))
  }

  removeFolder(folder: string): void {
    this.#forgetAll(this.#sql.ofFolder.all(folder))
  }

  /** Forgets all other folders, also those that were removed while nobody looked. Says whether there were any. */
  keepOnly(folders: Pick<ReadonlySet<string>, 'has'>): boolean {
    const gone = (this.#sql.folders.all() as { folder: string }[]).filter(
      ({ folder }) => !folders.has(folder),
    )
    for (const { folder } of gone) this.removeFolder(folder)
    return gone.length > 0
  }

  /** What was forgotten is in no index of words and in no free page of the file any more. */
  purge(): void {
    this.#db.exec(`INSERT INTO documents_index (documents_index) VALUES ('optimize');
      DELETE FROM word_parts WHERE word NOT IN (SELECT term FROM documents_words);
      DELETE FROM words WHERE word NOT IN (SELECT term FROM documents_words);
      INSERT INTO word_parts (word_parts) VALUES ('optimize');
      VACUUM; PRAGMA wal_checkpoint(TRUNCATE)`)
  }

  dirs(folder: string): string[] {
    return (this.#sql.dirs.all(folder) as { dir: string }[]).map(({ dir }) => dir)
  }

  nextWaiting(folder: string): Waiting | undefined {
    return this.#sql.waiting.get(folder) as unknown as Waiting | undefined
  }

  /** Files that took too long are tried again with the next start: it may have been the computer. */
  tryAgain(folder: string): void {
    this.#sql.again.run('too-slow', folder)
  }

  /** What stays out from now on, before anybody looks into the folder again, which may be paused or away. */
  leaveOut(folder: string, excludes: readonly string[]): void {
    for (const { id, dir, name } of this.#sql.notSkipped.all(folder) as unknown as Waiting[]) {
      const reason = leftOutByPath(dir === '' ? name : `${dir}/${name}`, excludes)
      if (reason !== null) this.skip(id, reason)
    }
  }

  skip(id: number, reason: LeftOut): void {
    inTransaction(this.#db, () => {
      this.#dropText(id)
      this.#sql.skip.run(reason, id)
    })
  }

  index({ id, dir, name }: Waiting, found: Extracted): void {
    const { title, headings, links, sections, isPartial } = found
    const path = dir === '' ? name : `${dir}/${name}`
    const body = sections.map(({ text }) => text).join('\n')
    inTransaction(this.#db, () => {
      this.#dropText(id)
      for (const [number, { label, text }] of sections.entries())
        this.#sql.putSection.run(id, number, label, text)
      this.#sql.putText.run(id, title, path, headings.join('\n'), body)
      for (const word of wordsIn(`${title}\n${path}\n${body}`))
        if (hasParts(word) && this.#sql.putWord.run(word).changes === 1) this.#sql.putParts.run(word)
      this.#sql.done.run(title, JSON.stringify(links), isPartial ? 1 : 0, id)
    })
  }

  counts(folder: string): Counts {
    const rows = this.#sql.counts.all(folder) as { state: string; n: number }[]
    const of = (state: string) => rows.find((row) => row.state === state)?.n ?? 0
    return { documents: of('indexed'), waiting: of('waiting'), skipped: of('skipped') }
  }

  skipped(folder: string, reason: string | null, limit: number, offset: number) {
    const rows = this.#sql.skipped.all(folder, reason, limit, offset) as unknown as SkippedRow[]
    return {
      reasons: this.#sql.reasons.all(folder) as { reason: LeftOut; n: number }[],
      items: rows.map(({ dir, name, reason }) => ({ path: dir === '' ? name : `${dir}/${name}`, reason })),
    }
  }

  #put(folder: string, dir: string, { name, size, changedAt, reason }: Found): void {
    const path = dir === '' ? name : `${dir}/${name}`
    const state = reason === null ? 'waiting' : 'skipped'
    const row = this.#sql.put.get(
      ...[uidOf(folder, path), folder, dir, name, kindOf(name), size, changedAt, state, reason],
    )
    if (reason !== null) this.#dropText((row as { id: number }).id)
  }

  #forgetAll(rows: unknown[]): void {
    // In batches, so that who searches meanwhile need not wait for all of it.
    const ids = (rows as { id: number }[]).map(({ id }) => id)
    for (let at = 0; at < ids.length; at += 200)
      inTransaction(this.#db, () => {
        for (const id of ids.slice(at, at + 200)) this.#forget(id)
      })
  }

  #forget(id: number): void {
    this.#dropText(id)
    this.#sql.remove.run(id)
  }

  #dropText(id: number): void {
    this.#sql.removeSections.run(id)
    this.#sql.removeText.run(id)
  }
}

interface KnownRow {
  id: number
  name: string
  size: number
  changed_at: number
  state: string
  reason: LeftOut | null
}
interface SkippedRow {
  dir: string
  name: string
  reason: LeftOut
}

/** What reading a file said against it holds until the file is another; what a look at it said, until the look says otherwise. */
function isOther(before: KnownRow, now: Found): boolean {
  if (before.size !== now.size || before.changed_at !== now.changedAt) return true
  if (now.reason !== null) return before.reason !== now.reason
  return before.state === 'skipped' && !saidByReading.has(before.reason!)
}
const saidByReading: ReadonlySet<LeftOut> = new Set([
  'damaged',
  'too-slow',
  'too-much-memory',
  'unreadable',
  'secret',
  'link',
  'device',
  'too-large',
])

/** 96 bits of the hash: nobody's index is large enough for two of the same. */
const uidOf = (folder: string, path: string): string =>
  createHash('sha256').update(`${folder}\0${path}`).digest('base64url').slice(0, 16)
