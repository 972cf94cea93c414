/**
 * Run by the tests and killed: clients that ask for changes without end, an owner who answers some of them late, and a source that
 * notes in a file what it did. Prints what became of each call, once that is certain.
 *
 *   node late-caller.ts FOLDER NAME [CALL …]    the calls are made again first: their clients never heard what came of them
 */
import { appendFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createActivity } from '../../activity/activity.ts'
import { Approvals } from '../../approvals/approvals.ts'
import { systemClock as clock } from '../../kernel/clock.ts'
import { silentLog as log } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { decide, isListed } from '../../policy/decide.ts'
import { pinRules } from '../../policy/pin-rules.ts'
import { reading } from '../../policy/reading.ts'
import { riskOf } from '../../policy/risk.ts'
import { openCallLog, openDatabase } from '../../storage/database/database.ts'
import { createLateStore } from '../calls/late/late-store.ts'
import { createPipeline } from '../calls/pipeline.ts'
import { createCatalog } from '../offers/catalog.ts'
import { callerOf, principalOf, says, serverOf, tool } from './fixture-pipeline.ts'

const [folder, name, ...unheard] = process.argv.slice(2) as [string, string, ...string[]]
const { db } = openDatabase(join(folder, 'd.db'), log)
const parts = { db, clock, log, redactor: createRedactor() }
const approvals = new Approvals(parts)
const activity = createActivity({ ...parts, db: openCallLog(join(folder, 'activity.db'), log).db })
const catalog = createCatalog({
  pins: { ...pinRules, newVersions: () => 'tell' },
  riskOf,
  isListed,
  toolSetting: () => ({ enabled: true }),
  log,
})
catalog.setSources([
  serverOf('files', {
    tools: () => [tool('write')],
    call: async (_name, { id }) => {
      appendFileSync(join(folder, 'executed'), `${id}\n`)
      await sleep(Math.random() * 12)
      return says(`did ${id}`)
    },
  }),
])
const pipeline = createPipeline({
  ...{ catalog, decide, approvals, activity, clock, log, reading },
  onTraffic: () => {},
  lateStore: createLateStore(db),
  patience: { asked: 8, running: 8 },
})

const say = (what: string, id: string): void => void writeSync(1, `${what} ${id}\n`)
const call = (grantId: string, tool: string, args: Raw) =>
  pipeline.request({
    ...{ caller: callerOf(principalOf({ access: 'ask', grantId })), era: 'legacy', method: 'tools/call' },
    ...{ params: { name: tool, arguments: args }, key: grantId, capabilities: {} },
  })

/** Until it is known what came of it, by the same call again or by its handle. */
async function carryOut(grantId: string, id: string): Promise<void> {
  let handle: string | undefined
  for (;;) {
    const result = await (handle !== undefined && Math.random() < 0.5
      ? call(grantId, 'drawbridge_check', { handle })
      : call(grantId, 'files__write', { id }))
    const meta = (result._meta ?? {}) as Record<string, string>
    const code = meta['drawbridge/code']
    if (code === undefined) return say('answered', id)
    if (code === 'call-interrupted' || code === 'result-gone') return say('told', id)
    handle = meta['drawbridge/handle'] ?? handle
    await sleep(2)
  }
}

async function client(grantId: string): Promise<void> {
  for (const id of unheard.filter((one) => one.startsWith(`${grantId}-`))) await carryOut(grantId, id)
  for (let n = 0; ; n += 1) {
    const id = `${grantId}-${name}-${n}`
    say('asked', id)
    await carryOut(grantId, id)
  }
}

async function owner(): Promise<void> {
  for (;;) {
    await sleep(Math.random() * 15)
    for (const { id } of approvals.list())
      if (Math.random() < 0.7) approvals.decide(id, 'once', approvals.get(id).seen)
  }
}

await Promise.all([owner(), ...['a', 'b', 'c', 'd'].map(client)])
