/**
 * How long the tools take over a million events, and what the events take:
 *
 *   node src/timeline/testing/measure-timeline.ts [--events 1000000] [--rounds 40] [--folder FOLDER]
 *
 * Ends with an error when a tool's p95 is over 100 ms, or holds the thread for more than 20. A folder keeps the events for the next time.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { noServices } from '../services.ts'
import { createTimelineSource } from '../source.ts'
import { fill } from './many-events.ts'
import { measureTools } from './measure-tools.ts'
import { openFixture } from './open-fixture.ts'

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '40' },
    folder: { type: 'string' },
  },
})
const count = Number(values.events)
const { folder } = values
const isThere = folder !== undefined && existsSync(join(folder, 'timeline.db'))
if (folder !== undefined) mkdirSync(folder, { recursive: true })
const f = openFixture({ at: Date.now(), dir: folder })
if (isThere) f.clock.at = (await f.timeline.list({ limit: 1 }))[0]!.at + 1
else {
  const began = performance.now()
  const longest = await fill(f.timeline, count, f.clock.at - 89 * 86_400_000, f.clock.at)
  const each = ((performance.now() - began) / count) * 1_000
  console.log(
    `${count} events: ${each.toFixed(0)} µs each; the longest 64 sent together took ${longest.toFixed(0)} ms of the processor`,
  )
}
console.log(`${(statSync(join(f.dir, 'timeline.db')).size / 1e6).toFixed(0)} MB on disk`)
const source = createTimelineSource(f.timeline, noServices)
await measureTools(source, f.clock.at, 2)
const measured = await measureTools(source, f.clock.at, Number(values.rounds))
for (const { name, median, p95, processor, held } of measured)
  console.log(
    `${name.padEnd(60)} median ${median.toFixed(1).padStart(6)} ms, p95 ${p95.toFixed(1).padStart(6)} ms, processor ${processor.toFixed(1).padStart(5)} ms, at a time ${held.toFixed(1).padStart(5)} ms`,
  )
console.log(`${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`)
f.close()
const over = measured.filter(({ p95, held }) => p95 > 100 || held > 20)
for (const { name, p95, held } of over)
  console.error(`over 100 ms, or 20 at a time: ${name}: ${p95.toFixed(0)} ms, ${held.toFixed(0)} at a time`)
if (over.length > 0) process.exitCode = 1
