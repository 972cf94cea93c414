/** `npm run fuzz` sends fifty thousand malformed messages; `-- --messages 1000 --seed 7` others. */
import { parseArgs } from 'node:util'
import { grown, runMalformed, summary } from './malformed-run.ts'

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '20261121' },
  },
})
const seed = Number(values.seed)
const report = await runMalformed({
  count: Number(values.messages),
  seed,
  told: (line) => console.log(line),
})
console.log(summary(report, seed))
process.exit(report.problems.length === 0 && grown(report) < 50 * 1_048_576 ? 0 : 1)
