import type { Usage } from '../contract/activity.ts'
import { dayOf } from '../contract/agreed/words/local-time.ts'
import type { Clock } from '../kernel/clock.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Traffic } from '../kernel/traffic.ts'
import type { Database } from '../storage/database/database.ts'
import { inTransaction } from '../storage/database/in-transaction.ts'

type What = keyof Usage['signIns']

/** Whoever knocks writes nothing: what was counted is written together. Milliseconds. */
const writeAfter = 5_000
const keepDays = 366

/** Null: it is no end of a sign-in. What comes before one, of a client that goes on, is counted by its end. */
function whatOf({ kind, ok }: Traffic): What | null {
  if (kind === 'token') return 'tokens'
  return kind === 'approved' || (kind === 'authorize' && !ok) ? 'signIns' : null
}

/** How many sign-ins of clients came to a good end, and how many tokens were given; by local day, in the table `sign_ins`. */
export class SignInCounts {
  readonly #db: Database
  readonly #clock: Clock
  readonly #log: Log
  readonly #sql
  /** Not written yet, by day and what. */
  readonly #counted = new Map<string, { day: string; what: What; worked: number; failed: number }>()
  #timer: NodeJS.Timeout | undefined

  constructor(db: Database, clock: Clock, log: Log) {
    this.#db = db
    this.#clock = clock
    this.#log = log
    this.#sql = {
      add: db.prepare(`INSERT INTO sign_ins (day, what, worked, failed) VALUES (?, ?, ?, ?)
        ON CONFLICT (day, what) DO UPDATE SET worked = worked + excluded.worked, failed = failed + excluded.failed`),
      forget: db.prepare('DELETE FROM sign_ins WHERE day < ?'),
      sum: db.prepare(`SELECT what, sum(worked) AS worked, sum(failed) AS failed FROM sign_ins
        WHERE day >= ? AND day <= ? GROUP BY what`),
    }
  }

  /** Of clients that are known by name: what strangers try is no sign-in. */
  note(event: Traffic): void {
    const what = whatOf(event)
    if (what === null || (event.clientName === undefined && event.grantId === undefined)) return
    const day = dayOf(event.at)
    const key = `${day} ${what}`
    const counts = this.#counted.get(key) ?? { day, what, worked: 0, failed: 0 }
    this.#counted.set(key, counts)
    counts[event.ok ? 'worked' : 'failed'] += 1
    this.#timer ??= setTimeout(() => this.#write(), writeAfter).unref()
  }

  /** Of the local days from that of `since` to that of `until`. */
  of({ since, until }: { since: number; until: number }): Usage['signIns'] {
    this.#write()
    const found: Usage['signIns'] = {
      signIns: { worked: 0, failed: 0 },
      tokens: { worked: 0, failed: 0 },
    }
    const rows = this.#sql.sum.all(dayOf(since), dayOf(until)) as unknown as {
      what: What
      worked: number
      failed: number
    }[]
    for (const { what, worked, failed } of rows) found[what] = { worked, failed }
    return found
  }

  stop(): void {
    this.#write()
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#counted.size === 0) return
    try {
      inTransaction(this.#db, () => {
        for (const { day, what, worked, failed } of this.#counted.values())
          this.#sql.add.run(day, what, worked, failed)
        this.#sql.forget.run(dayOf(this.#clock.now() - keepDays * 86_400_000))
      })
      this.#counted.clear()
    } catch (error) {
      this.#log.warn('activity.sign-ins', { error: errorText(error) })
    }
  }
}
