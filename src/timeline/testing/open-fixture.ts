import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { openTimeline } from '../../storage/database/database.ts'
import { Timeline } from '../timeline.ts'

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** A timeline over a real file in a folder of its own, or in `dir`, which stays. `clock.at` may be moved. For tests. */
export function openFixture(options: { at?: number; keepDays?: number; dir?: string | undefined } = {}) {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'timeline-'))
  const clock = { at: options.at ?? Date.parse('2026-11-28T12:00:00Z'), now: () => clock.at }
  const set = { keepDays: options.keepDays, changed: 0 }
  const redactor = createRedactor()
  const open = () =>
    new Timeline({
      ...{ clock, redactor, log: quiet },
      open: () => openTimeline(join(dir, 'timeline.db'), quiet, clock.now).db,
      keepDays: () => set.keepDays,
      changed: () => {
        set.changed += 1
      },
    })
  const fixture = {
    ...{ dir, clock, set, redactor },
    timeline: open(),
    /** As after a restart of the host. */
    reopen() {
      fixture.timeline.stop()
      fixture.timeline = open()
    },
    close() {
      fixture.timeline.stop()
      if (options.dir === undefined) rmSync(dir, { recursive: true, force: true })
    },
  }
  return fixture
}

let sent = 0
/** A CloudEvent; `minutes` before noon of 28 November 2026. */
export function cloudEvent(minutes: number, more: object = {}): object {
  sent += 1
  return {
    ...{ specversion: '1.0', id: `e${sent}`, source: 'test', type: 'com.example.deployment' },
    time: new Date(Date.parse('2026-11-28T12:00:00Z') - minutes * 60_000).toISOString(),
    ...more,
  }
}
