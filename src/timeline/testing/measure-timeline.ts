/**
 * How long the tools take over a million events, and what the events take:
 *
 *   node src/timeline/testing/measure-timeline.ts [--events 1000000] [--rounds 40]
 *
 * Ends with an error when a tool's p95 is over 100 ms.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
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
  },
})
const count = Number(values.events)
const f = openFixture({ at: Date.now() })
const began = performance.now()
const longest = await fill(f.timeline, count, f.clock.at - 89 * 86_400_000, f.clock.at)
const each = ((performance.now() - began) / count) * 1_000
console.log(
  `${count} events: ${each.toFixed(0)} µs each; the longest 64 sent together took ${longest.toFixed(0)} ms of the processor`,
)
console.log(`${(statSync(join(f.dir, 'timeline.db')).size / 1e6).toFixed(0)} MB on disk`)
const source = createTimelineSource(f.timeline, noServices)
await measureTools(source, f.clock.at, 2)
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const measured = await measureTools(source, f.clock.at, Number(values.rounds))
delay.disable()
for (const { name, median, p95, processor } of measured)
  console.log(
    `${name.padEnd(60)} median ${median.toFixed(1).padStart(6)} ms, p95 ${p95.toFixed(1).padStart(6)} ms, processor ${processor.toFixed(1).padStart(5)} ms`,
  )
console.log(
  `longest turn ${(delay.max / 1e6).toFixed(0)} ms, p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms; ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
)
const worst = Math.max(...measured.map(({ p95 }) => p95))
f.close()
if (worst > 100) {
  console.error(`over 100 ms: ${worst.toFixed(0)} ms`)
  process.exitCode = 1
}
