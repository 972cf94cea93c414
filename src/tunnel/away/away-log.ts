import * as z from 'zod'
import { Away } from '../../contract/status.ts'
import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Settings } from '../../storage/settings.ts'

const setting = 'tunnel.away'
const mostKept = 200
const keptFor = 30 * 86_400_000
/** A call waits longer than that, so that nobody misses anything. Milliseconds. */
const shortest = 10_000

/** When assistants could not reach this computer although they should have: asleep, or offline. Kept over restarts for a month. */
export class AwayLog {
  readonly #settings: Settings
  readonly #clock: Clock
  readonly #log: Log
  #spells: Away[]

  constructor({ settings, clock, log }: { settings: Settings; clock: Clock; log: Log }) {
    this.#settings = settings
    this.#clock = clock
    this.#log = log
    this.#spells = settings.get(setting, z.array(Away)) ?? []
    // One that had not ended when Drawbridge did: nobody could come before now.
    for (const why of ['asleep', 'offline'] as const) this.end(why, clock.now())
  }

  begin(why: Away['why'], from: number): void {
    if (this.#open(why)) return
    this.#spells = [...this.#spells, { why, from, until: null }]
    this.#keep()
  }

  end(why: Away['why'], until: number): void {
    const open = this.#open(why)
    if (open === undefined) return
    this.#spells = this.#spells.filter((spell) => spell !== open)
    this.add({ why, from: open.from, until })
  }

  /** One that is over. Heard of twice, by the system and by the clock, it is still one. */
  add({ why, from, until }: { why: Away['why']; from: number; until: number }): void {
    const same = (spell: Away) =>
      spell.why === why && spell.from <= until && (spell.until ?? Number.POSITIVE_INFINITY) >= from
    const all = [...this.#spells.filter(same), { why, from, until }]
    const one = {
      why,
      from: Math.min(...all.map((spell) => spell.from)),
      until: Math.max(...all.map((spell) => spell.until ?? until)),
    }
    const others = this.#spells.filter((spell) => !same(spell))
    if (one.until - one.from >= shortest) {
      others.push(one)
      this.#log.info('tunnel.away', one)
    }
    this.#spells = others.sort((a, b) => a.from - b.from)
    this.#keep()
  }

  /** What ended after `since`, or has not ended, oldest first. */
  list(since: number): Away[] {
    return this.#spells.filter(({ until }) => until === null || until > since)
  }

  #open(why: Away['why']): Away | undefined {
    return this.#spells.find((spell) => spell.why === why && spell.until === null)
  }

  #keep(): void {
    const since = this.#clock.now() - keptFor
    this.#spells = this.list(since).slice(-mostKept)
    try {
      this.#settings.set(setting, this.#spells)
    } catch (error) {
      this.#log.warn('tunnel.away-not-kept', { error: errorText(error) })
    }
  }
}
