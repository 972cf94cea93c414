/** Run by the tests and killed: writes calls without end and prints each row once it was acknowledged. */
import { writeSync } from 'node:fs'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { openCallLog } from '../../storage/database/database.ts'
import { createActivity } from '../activity.ts'

const { db } = openCallLog(process.argv[2]!, silentLog)
const activity = createActivity({ db, clock: systemClock, log: silentLog, redactor: createRedactor() })

const client = async (name: string) => {
  for (;;) {
    const id = await activity.begin({
      grantId: name,
      clientName: name,
      tool: 'echo',
      source: 'test',
      risk: 'read',
      decision: 'allowed',
      arguments: { text: 'x'.repeat(300) },
    })
    writeSync(1, `${id} begun\n`)
    await activity.finish(id, { outcome: 'answered', result: 'y' })
    writeSync(1, `${id} ended\n`)
  }
}
await Promise.all(['a', 'b', 'c', 'd'].map(client))
