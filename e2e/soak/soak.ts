/** `npm run soak` runs two minutes; `npm run soak -- --minutes 5` five. */
import { parseArgs } from 'node:util'
import { runSoak, summary } from './soak-run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    clients: { type: 'string', default: '50' },
  },
})
const report = await runSoak({
  seconds: Number(values.minutes) * 60,
  clients: Number(values.clients),
  told: (line) => console.log(line),
})
console.log(summary(report))
process.exit(report.lost.length + report.mixed.length + report.troubles.length === 0 ? 0 : 1)
