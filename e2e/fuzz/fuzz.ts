/**
 * `npm run fuzz` sends two thousand mutations of what servers, authorization servers and clients say, and then fifty thousand malformed
 * messages. `-- --seed 7 --only 12` does one again, `--lane sign-in` those of one kind, `--mutations 100` and `--messages 0` fewer.
 */
import { parseArgs } from 'node:util'
import { grown, runMalformed, summary as summaryOfMalformed } from '../attacks/malformed-run.ts'
import { runFuzz, summary } from './fuzz-run.ts'

const { values } = parseArgs({
  options: {
    mutations: { type: 'string', default: '2000' },
    messages: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '20261128' },
    only: { type: 'string' },
    lane: { type: 'string' },
  },
})
const seed = Number(values.seed)
const told = (line: string) => console.log(line)
const only = values.only === undefined ? undefined : Number(values.only)
const report = await runFuzz({ count: Number(values.mutations), seed, only, lane: values.lane, told })
console.log(summary(report, seed))
let isGood = report.failures.length === 0
const count = only === undefined && values.lane === undefined ? Number(values.messages) : 0
if (count > 0) {
  const malformed = await runMalformed({ count, seed, told })
  console.log(summaryOfMalformed(malformed, seed))
  isGood &&= malformed.problems.length === 0 && grown(malformed) < 50 * 1_048_576
}
process.exit(isGood ? 0 : 1)
