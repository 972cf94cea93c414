/**
 * Measures the log with many rows: `node --expose-gc src/activity/testing/measure-log.ts [ROWS] [FOLDER]`. Makes them first, unless they are there,
 * which takes some minutes for a million. Everything through `Activity` itself, on a real file.
 */
import { mkdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ActivityFilter } from '../../contract/activity.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { longestHold } from '../../kernel/testing/held-thread.ts'
import { openCallLog } from '../../storage/database/database.ts'
import { createActivity } from '../activity.ts'
import { exportCost } from './export-cost.ts'

const rows = Number(process.argv[2] ?? 1_000_000)
const folder = process.argv[3] ?? join(tmpdir(), `drawbridge-log-${rows}`)
mkdirSync(folder, { recursive: true })
const file = join(folder, 'activity.db')
const { db } = openCallLog(file, silentLog)
let now = Date.now()
const activity = createActivity({
  ...{ db, clock: { now: () => now }, log: silentLog, redactor: createRedactor(), keepRows: 10 * rows },
  chain: { key: new Uint8Array(32).fill(1), head: () => null, setHead() {} },
})
const words = 'report invoice garden letter summer bridge answer window coffee planet silver market'.split(
  ' ',
)
const word = (n: number) => words[(n * 7919) % words.length]!
const tools = ['files__read', 'files__search', 'github__get_repo', 'mail__send', 'notes__write', 'web__fetch']

async function fill(from: number): Promise<void> {
  const began = Date.now() - rows * 7_000
  for (let n = from; n < rows; n += 1) {
    now = began + n * 7_000
    const tool = tools[(n * 31) % 97 < 80 ? n % 3 : n % tools.length]!
    const isChange = tool === 'mail__send' || tool === 'notes__write'
    const rare = n % 50_000 === 777 ? ` needle${n}` : ''
    const text = `${word(n)} ${word(n + 3)} ${n.toString(36)}${rare}`
    const written = activity.record(
      {
        grantId: `grant_${n % 5}`,
        clientName: n % 5 === 0 ? 'ChatGPT' : 'Claude',
        tool,
        source: tool.split('__')[0]!,
        risk: isChange ? 'write' : 'read',
        decision: n % 1_003 === 0 ? 'denied' : isChange ? 'approved' : 'allowed',
        arguments: { path: `/home/reports/${word(n + 5)}/${n}.txt`, text },
      },
      n % 211 === 0
        ? { outcome: 'failed', error: `${word(n)} was not there` }
        : { outcome: 'answered', result: { text: `${text} ${'lorem ipsum '.repeat(12)}` } },
      now,
      5,
    )
    if (n % 250 === 249) {
      await written
      if (n % 50_000 === 49_999) {
        db.exec('PRAGMA wal_checkpoint(PASSIVE)')
        activity.finishIndex()
        console.error(`${n + 1} rows`)
      }
    }
  }
  activity.finishIndex()
}

const percentile = (times: number[], share: number) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length * share)]!.toFixed(1)

async function measure(name: string, work: () => unknown, times = 20): Promise<void> {
  const taken: number[] = []
  let found: unknown
  let held = 0
  for (let n = 0; n < times; n += 1) {
    const began = performance.now()
    const longest = await longestHold(async () => {
      found = await work()
      taken.push(performance.now() - began)
    })
    held = Math.max(held, longest)
  }
  const size = Array.isArray(found) ? `${found.length} rows` : ''
  console.log(
    `${name.padEnd(56)} p50 ${percentile(taken, 0.5).padStart(7)} ms  p95 ${percentile(taken, 0.95).padStart(7)} ms  at a time ${held.toFixed(1).padStart(5)} ms  ${size}`,
  )
}

const there = (db.prepare('SELECT count(*) AS n FROM calls').get() as { n: number }).n
if (there < rows) await fill(there)
console.log(`${rows} rows, ${(statSync(file).size / 1e6).toFixed(0)} MB`)
now = Date.now()
// First: what else is done makes room that it would not have to make.
const { rows: exported, grown, took } = await exportCost(activity, 100_000)
console.log(
  `export of ${exported} rows: ${took.toFixed(0)} ms, at most + ${(grown / 1e6).toFixed(1)} MB of memory`,
)
await measure('newest page', () => activity.list({ limit: 100 }))
const middle = activity.list({ limit: 1 })[0]!
await measure('next page', () => activity.list({ limit: 100, before: middle.id }))
const searches = [
  'needle',
  'invoice',
  'needle50777',
  'garden silver',
  '{"path":"/home/report',
  'é',
  'É',
  'zq',
  'nobodyhasthis',
  're',
  'mail__send failed',
  'ChatGPT',
]
for (const search of searches)
  await measure(`search ${search}`, () => activity.search({ limit: 100, search }))
const filters: ActivityFilter[] = [
  { tool: 'mail__send' },
  { grantId: 'grant_0' },
  { outcome: 'failed' },
  { outcome: 'answered' },
  { decision: 'denied' },
  { risk: 'write', grantId: 'grant_3' },
  { decision: 'denied', tool: 'notes__write', outcome: 'failed' },
  { tool: 'nobody__has' },
  { since: now - 3_600_000_000, until: now - 3_500_000_000 },
  { since: now - 3_600_000_000, until: now - 3_000_000_000, outcome: 'failed' },
]
for (const filter of filters)
  await measure(`filter ${JSON.stringify(filter)}`, () => activity.search({ limit: 100, filter }))
await measure('filter and search', () =>
  activity.search({ limit: 100, search: 'needle', filter: { risk: 'read' } }),
)
await measure('check of the chain', () => activity.check(), 1)
activity.stop()
db.close()
