import type { Severity } from '../../contract/timeline.ts'
import type { Sum } from '../event-table.ts'
import { iso } from './event-words.ts'

const day = 86_400_000

interface Only {
  kind?: string | undefined
  environment?: string | undefined
  severity?: Severity | undefined
}

/** Adds up sums by what they are sums of. */
export class EventCounts {
  readonly #only: Only
  readonly #by = {
    kind: new Map<string, number>(),
    environment: new Map<string, number>(),
    severity: new Map<string, number>(),
    source: new Map<string, number>(),
  }
  readonly #days = new Map<number, number>()
  #events = 0

  constructor(only: Only) {
    this.#only = only
  }

  take(sum: Sum): void {
    if (sum.source !== '') {
      add(this.#by.source, sum.source, sum.events)
      return
    }
    for (const name of ['kind', 'environment', 'severity'] as const) {
      const wanted = this.#only[name]
      if (wanted !== undefined && sum[name].toLowerCase() !== wanted.toLowerCase()) return
    }
    this.#events += sum.events
    for (const name of ['kind', 'environment', 'severity'] as const)
      add(this.#by[name], sum[name], sum.events)
    add(this.#days, sum.day, sum.events)
  }

  values() {
    const isNarrow = Object.values(this.#only).some((value) => value !== undefined)
    const { kind, environment, severity, source } = this.#by
    return {
      events: this.#events,
      byKind: most(kind),
      byEnvironment: most(environment),
      bySeverity: most(severity),
      bySource: isNarrow ? null : most(source),
      byDay: [...this.#days]
        .filter(([, events]) => events > 0)
        .sort(([a], [b]) => a - b)
        .slice(-100)
        .map(([n, events]) => ({ day: iso(n * day).slice(0, 10), events })),
    }
  }
}

const add = <K>(to: Map<K, number>, name: K, events: number) =>
  void to.set(name, (to.get(name) ?? 0) + events)

const most = (counts: Map<string, number>) =>
  [...counts]
    .filter(([, events]) => events > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 20)
    .map(([name, events]) => ({ name: name === '' ? 'none' : name, events }))
