import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Redactor } from '../../kernel/log/redact.ts'
import type { Database } from '../../storage/database/database.ts'

/** Values of an earlier answer, and when the service gave them. */
export interface Known {
  values: object
  at: number
}

const most = 500
/** Milliseconds. */
const longest = 90 * 86_400_000
/** Characters of JSON. */
const largest = 200_000

const Row = z.object({ at: z.number(), value: z.string() })

/** What services last answered, also before a restart: by question, and by account, so that it goes with it. */
export class LastKnown {
  readonly #db: Database
  readonly #redactor: Redactor

  constructor({ db, redactor, now }: { db: Database; redactor: Redactor; now(): number }) {
    this.#db = db
    this.#redactor = redactor
    db.prepare('DELETE FROM connector_answers WHERE at < ?').run(now() - longest)
  }

  /** Null also when it was of another shape then. */
  get(question: string, shape: z.ZodObject): Known | null {
    const row = Row.safeParse(
      this.#db.prepare('SELECT at, value FROM connector_answers WHERE question = ?').get(hash(question)),
    )
    if (!row.success) return null
    const values = shape.safeParse(JSON.parse(row.data.value))
    return values.success ? { values: values.data, at: row.data.at } : null
  }

  set(question: string, account: string, { values, at }: Known): void {
    const value = this.#redactor.json(values)
    if (value.length > largest) return
    this.#db
      .prepare('INSERT OR REPLACE INTO connector_answers (question, account, at, value) VALUES (?, ?, ?, ?)')
      .run(hash(question), account, at, value)
    this.#db
      .prepare(
        'DELETE FROM connector_answers WHERE question IN (SELECT question FROM connector_answers ORDER BY at DESC LIMIT -1 OFFSET ?)',
      )
      .run(most)
  }

  delete(question: string): void {
    this.#db.prepare('DELETE FROM connector_answers WHERE question = ?').run(hash(question))
  }

  /** All that an account learnt: it is gone, or may be another one now. */
  forget(account: string): void {
    this.#db.prepare('DELETE FROM connector_answers WHERE account = ?').run(account)
  }
}

const hash = (question: string) => createHash('sha256').update(question).digest('hex')
