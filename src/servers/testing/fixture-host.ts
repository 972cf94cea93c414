// A host that is to be killed: starts one server over the database in the folder given first, says so, and goes on.
// Arguments: FOLDER COMMAND ARG…
import { join } from 'node:path'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { openDatabase } from '../../storage/database/database.ts'
import { createServers } from '../registry/servers.ts'

const [dir, command, ...args] = process.argv.slice(2)
const servers = createServers({
  db: openDatabase(join(dir!, 'test.db'), silentLog).db,
  vault: {
    status: { kind: 'file', message: '', hint: '' },
    get: async () => null,
    set: async () => {},
    delete: async () => {},
  },
  ...{ clock: systemClock, log: silentLog, redactor: createRedactor(), env: process.env },
})
const server = await servers.add({
  kind: 'stdio',
  name: 'Left',
  command: command!,
  args,
  env: {},
  timeout: 30_000,
})
process.stdout.write(`${server.state}\n`)
