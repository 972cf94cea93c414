/** Run by the tests and killed: writes calls without end and prints each row once it was acknowledged. */
import { writeSync } from 'node:fs'
import type { CallStart } from '../../contract/activity.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { openCallLog } from '../../storage/database/database.ts'
import { createActivity } from '../activity.ts'

const { db } = openCallLog(process.argv[2]!, silentLog)
const activity = createActivity({ db, clock: systemClock, log: silentLog, redactor: createRedactor() })

const call = (name: string): CallStart => ({
  ...{ grantId: name, clientName: name, tool: 'echo', source: 'test' },
  ...{ risk: 'read', decision: 'allowed', arguments: { text: 'x'.repeat(300) } },
})
/** Each is written as it begins and again as it ends, as changes are. */
const change = async (name: string) => {
  for (;;) {
    const id = await activity.begin(call(name))
    writeSync(1, `${id} begun\n`)
    await activity.finish(id, { outcome: 'answered', result: 'y' })
    writeSync(1, `${id} ended\n`)
  }
}
/** In one row, when it is over. */
const read = async (name: string) => {
  for (;;) writeSync(1, `${await activity.record(call(name), { outcome: 'answered', result: 'y' })} ended\n`)
}
/** Now and then one alone: no transaction takes its rows along. */
const isQuiet = Math.random() < 0.5
await Promise.all(isQuiet ? [read('c')] : [...['a', 'b'].map(change), ...['c', 'd'].map(read)])
