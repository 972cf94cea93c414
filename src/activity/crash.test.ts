import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CallStart } from '../contract/activity.ts'
import { systemClock } from '../kernel/clock.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { type Database, openCallLog } from '../storage/database/database.ts'
import { type Activity, createActivity } from './activity.ts'
import { callId } from './call-id.ts'

let folder: string
let db: Database
let activity: Activity

const open = (at = folder) => {
  db = openCallLog(join(at, 'd.db'), silentLog).db
  activity = createActivity({ db, clock: systemClock, log: silentLog, redactor: createRedactor() })
}
const close = () => {
  if (db.isOpen) activity.stop()
  if (db.isOpen) db.close()
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-crash-'))
  open()
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true, force: true })
})

const start: CallStart = {
  grantId: 'grant_1',
  clientName: 'ChatGPT',
  tool: 'files__read',
  source: 'Files',
  risk: 'read',
  decision: 'allowed',
  arguments: { path: '/tmp/a' },
}
const interrupted = 'Drawbridge was stopped before the answer came.'

describe('after a crash', () => {
  it('calls that were running count as failed, those that waited for the user as cancelled', async () => {
    const running = await activity.begin(start)
    const waiting = await activity.begin({ ...start, decision: 'pending' })
    await activity.finish(waiting, { outcome: 'pending', error: 'Waiting.' })
    const ended = await activity.record(start, { outcome: 'answered', result: 1 })
    // What a kill leaves: the files as they are just now.
    const left = join(folder, 'left')
    mkdirSync(left)
    for (const file of ['d.db', 'd.db-wal', 'd.db-tail']) copyFileSync(join(folder, file), join(left, file))
    close()
    open(left)
    expect(activity.get(running)).toMatchObject({ outcome: 'failed', error: interrupted, duration: null })
    expect(activity.get(waiting)).toMatchObject({ outcome: 'cancelled', decision: 'pending' })
    expect(activity.get(ended)).toMatchObject({ outcome: 'answered', error: null })
    expect(activity.callsToday().get('grant_1')).toBe(3)
  })
})

/** Everything that this process writes to a file beyond so many bytes fails, as on a full disk. */
const limitFiles = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])

it.runIf(existsSync('/usr/bin/prlimit'))(
  'on a full disk nothing is acknowledged that is not kept',
  async () => {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    const told: string[] = []
    activity.events.on('added', (call) => told.push(call.id))
    const kept: string[] = []
    let refused = 0
    limitFiles(64 * 1024)
    try {
      for (let round = 0; round < 10; round += 1) {
        const calls = [9_000, 100, 12_000].map((size) =>
          activity.begin({ ...start, arguments: 'y'.repeat(size) }),
        )
        for (const result of await Promise.allSettled(calls)) {
          if (result.status === 'fulfilled') kept.push(result.value)
          else {
            refused += 1
            expect(result.reason).toMatchObject({ code: 'log-unwritable' })
          }
        }
      }
      expect(refused).toBeGreaterThan(3)
      expect(kept.length).toBeGreaterThan(3)
      expect(told).toEqual(kept)
      expect(activity.callsToday().get('grant_1')).toBe(kept.length)
      expect(activity.list({ limit: 100 }).map((call) => call.id)).toEqual([...kept].reverse())
    } finally {
      limitFiles('unlimited')
    }
    kept.push(await activity.begin(start))
    close()
    open()
    expect(activity.list({ limit: 100 }).map((call) => call.id)).toEqual([...kept].reverse())
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  },
)

/** Kills a writer after a while, again and again; what each said was in the log has to be there. */
async function killAgainAndAgain(at: string, kills: number): Promise<Map<string, string>> {
  const acknowledged = new Map<string, string>()
  for (let kill = 0; kill < kills; kill += 1) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'testing/log-writer.ts'), join(at, 'd.db')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    let text = ''
    child.stdout.on('data', (chunk) => {
      if (text === '') setTimeout(() => child.kill('SIGKILL'), Math.random() * 300)
      text += chunk
    })
    await new Promise((done) => child.on('close', done))
    for (const line of text.split('\n').slice(0, -1)) {
      const [id, state] = line.split(' ') as [string, string]
      acknowledged.set(id, state)
    }
  }
  return acknowledged
}

const kills = process.env.DRAWBRIDGE_LONG ? 300 : 60

it(`kill -9 loses no row that was acknowledged (${kills} times)`, { timeout: 600_000 }, async () => {
  close()
  const folders = [1, 2, 3, 4].map((n) => mkdtempSync(join(folder, `${n}-`)))
  const written = await Promise.all(folders.map((at) => killAgainAndAgain(at, kills / folders.length)))
  let rows = 0
  for (const [index, at] of folders.entries()) {
    const acknowledged = written[index]!
    open(at)
    const inTable = db.prepare('SELECT at, seq, outcome FROM calls').all()
    const stored = inTable.map(({ at, seq, outcome }) => ({
      id: callId(at as number, seq as number),
      outcome,
    }))
    const outcome = new Map(stored.map((row) => [row.id, String(row.outcome)]))
    const lost = [...acknowledged].filter(([id, state]) =>
      state === 'ended' ? outcome.get(id) !== 'answered' : !/answered|failed/.test(outcome.get(id) ?? ''),
    )
    expect(lost).toEqual([])
    expect(stored.length).toBe(outcome.size)
    // Each of the four clients of a writer may have had one row written of which it could not tell any more.
    const unsaid = stored.length - acknowledged.size
    expect(unsaid).toBeLessThanOrEqual((4 * kills) / folders.length)
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    rows += acknowledged.size
    close()
  }
  expect(rows).toBeGreaterThan(kills * 10)
  console.log(`${kills} kills, ${rows} rows acknowledged, none lost`)
})
