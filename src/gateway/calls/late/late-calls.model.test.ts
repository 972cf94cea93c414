/** Long because it is one model: the steps, what may happen at each, and the house they are played in. */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Activity, createActivity } from '../../../activity/activity.ts'
import { Approvals } from '../../../approvals/approvals.ts'
import { silentLog } from '../../../kernel/log/log.ts'
import { createRedactor } from '../../../kernel/log/redact.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import { decide, isListed } from '../../../policy/decide.ts'
import { pinRules } from '../../../policy/pin-rules.ts'
import { reading } from '../../../policy/reading.ts'
import { riskOf } from '../../../policy/risk.ts'
import { type Database, openCallLog, openDatabase } from '../../../storage/database/database.ts'
import { type Catalog, createCatalog } from '../../offers/catalog.ts'
import { callerOf, principalOf, reads, says, serverOf, tool } from '../../testing/fixture-pipeline.ts'
import { Pipeline } from '../pipeline.ts'
import { createLateStore } from './late-store.ts'

/** FUZZ_SEQUENCES asks for more. */
const runs = Number(process.env.FUZZ_SEQUENCES ?? 400)
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'drawbridge-late-'))

type Step =
  | { do: 'call'; grant: number; n: number; leaveAfter: number | null }
  | { do: 'decide'; which: number; yes: boolean }
  | { do: 'pass'; ms: number }
  | { do: 'check'; grant: number; which: number }
  | { do: 'revoke'; grant: number }
  | { do: 'change' }
  | { do: 'restart'; clean: boolean }

const grant = fc.integer({ min: 0, max: 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      grant,
      /** 0 and 1 are done at once, 2 takes its time, 3 does too and only reads. */
      n: fc.integer({ min: 0, max: 3 }),
      leaveAfter: fc.option(fc.constantFrom(0, 10_000, 45_000)),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('decide' as const),
      which: fc.nat(5),
      yes: fc.oneof(
        { weight: 4, arbitrary: fc.constant(true) },
        { weight: 1, arbitrary: fc.constant(false) },
      ),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1_000, 39_999, 41_000, 75_000, 301_000, 599_000, 1_900_000),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('check' as const), grant, which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), grant }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('restart' as const), clean: fc.boolean() }) },
)

/** What a killed program leaves is what its files hold at that moment. */
let files = 0
const fileOf = (n: number) => join(folder, `${n}.db`)
let db: Database
let callLog: Database
let executions = 0

interface Life {
  approvals: Approvals
  activity: Activity
  catalog: Catalog
  pipeline: Pipeline
  stop(): void
}

/** What the owner said yes to and was not carried out so far; the tool as it was then. */
interface Credit {
  key: string
  version: number
}

const tally = { executed: 0, late: 0, byRetry: 0, byHandle: 0, interrupted: 0, refused: 0 }

class World {
  readonly violations: string[] = []
  credits: Credit[] = []
  version = 1
  number = 0
  life: Life
  readonly #handles: { handle: string; grant: number }[] = []
  /** Those that were told to a client as the answer to its call. */
  readonly #told = new Set<string>()

  constructor() {
    this.life = this.#begin()
  }

  #source() {
    const born = this.number
    const definitions = [
      tool('write', { description: `Version ${this.version}` }),
      tool('read', { annotations: reads, description: `Version ${this.version}` }),
    ]
    return serverOf('files', {
      tools: () => definitions,
      longest: () => 600_000,
      call: (name, args, { signal }) => {
        const key = `${args.grant}/${args.n}`
        // A process that was killed does nothing any more.
        if (born !== this.number) return new Promise<Raw>(() => {})
        if (name === 'write') this.#execute(key)
        executions += 1
        const result = says(`did ${key} #${executions}#`)
        if (Number(args.n) < 2) return Promise.resolve(result)
        return new Promise((resolve, reject) => {
          const timer = setTimeout(() => resolve(result), 70_000)
          signal.addEventListener('abort', () => {
            clearTimeout(timer)
            reject(new Error('aborted'))
          })
        })
      },
    })
  }

  #execute(key: string): void {
    tally.executed += 1
    const at = this.credits.findIndex((one) => one.key === key && one.version === this.version)
    if (at < 0) this.violations.push(`${key} ran without a yes of its own`)
    else this.credits.splice(at, 1)
  }

  #begin(): Life {
    const clock = { now: () => Date.now() }
    const parts = { db, clock, log: silentLog, redactor: createRedactor() }
    const approvals = new Approvals(parts)
    const activity = createActivity({ ...parts, db: callLog })
    const catalog = createCatalog({
      pins: { ...pinRules, newVersions: () => 'tell' },
      riskOf,
      isListed,
      toolSetting: () => ({ enabled: true }),
      log: silentLog,
    })
    catalog.setSources([this.#source()])
    const pipeline = new Pipeline({
      ...{ catalog, decide, approvals, activity, clock, log: silentLog, reading },
      onTraffic: () => {},
      lateStore: createLateStore(db),
    })
    const stop = () => {
      pipeline.stop()
      approvals.stop()
      activity.stop()
    }
    return { approvals, activity, catalog, pipeline, stop }
  }

  async restart(clean: boolean): Promise<() => void> {
    const { life, number } = this
    const before = [db, callLog]
    if (clean) {
      life.stop()
      this.number += 1
      await settled()
    } else this.number += 1
    this.credits = []
    files += 1
    for (const part of ['', '-wal', '.log', '.log-wal'])
      if (existsSync(`${fileOf(files - 1)}${part}`))
        copyFileSync(`${fileOf(files - 1)}${part}`, `${fileOf(files)}${part}`)
    db = openDatabase(fileOf(files), silentLog).db
    callLog = openCallLog(`${fileOf(files)}.log`, silentLog).db
    this.life = this.#begin()
    const old = files - 1
    return () => {
      if (!clean) life.stop()
      for (const one of before) one.close()
      for (const part of ['', '-wal', '-shm', '.log', '.log-wal'])
        rmSync(`${fileOf(old)}${part}`, { force: true })
      void number
    }
  }

  call({ grant: who, n, leaveAfter }: Extract<Step, { do: 'call' }>): void {
    const leaving = new AbortController()
    if (leaveAfter !== null) setTimeout(() => leaving.abort(), leaveAfter)
    const args = { grant: who, n }
    this.#ask(who, n === 3 ? 'files__read' : 'files__write', args, leaving.signal)
  }

  check({ grant: who, which }: Extract<Step, { do: 'check' }>): void {
    const named = this.#handles[which % (this.#handles.length || 1)]
    if (named === undefined) return
    this.#ask(who, 'drawbridge_check', { handle: named.handle }, undefined, named.grant)
  }

  #ask(who: number, name: string, args: Raw, signal?: AbortSignal, owner = who): void {
    const { number } = this
    const principal = principalOf({ access: 'ask', grantId: `g${who}` })
    const caller = callerOf(principal, signal ?? new AbortController().signal)
    const era = who === 0 ? 'modern' : 'legacy'
    const params = { name, arguments: args }
    this.life.pipeline
      .request({ caller, era, method: 'tools/call', params, key: principal.grantId, capabilities: {} })
      .then(
        (result) =>
          number === this.number &&
          // nor does it reach a client that is gone
          signal?.aborted !== true &&
          this.#heard(who, owner, name === 'drawbridge_check', result),
        (error) => this.violations.push(`${name}: ${error}`),
      )
      .catch((error) => this.violations.push(String(error)))
  }

  #heard(who: number, owner: number, isCheck: boolean, result: Raw): void {
    const text = (result.content as { text: string }[])[0]!.text
    const { 'drawbridge/handle': handle, 'drawbridge/code': code } = (result._meta ?? {}) as Record<
      string,
      string
    >
    if (handle !== undefined) this.#handles.push({ handle, grant: who })
    if (isCheck && who !== owner && code !== 'handle-unknown')
      this.violations.push(`g${who} heard of g${owner}: ${text}`)
    if (code === 'call-interrupted') tally.interrupted += 1
    if (isCheck && who !== owner) tally.refused += 1
    const [, key, id] = /^did (\d\/\d) #(\d+)#$/.exec(text) ?? []
    if (key === undefined || id === undefined) return
    if (!key.startsWith(`${who}/`)) this.violations.push(`g${who} got the result of ${key}`)
    const { rows } = callLog
      .prepare("SELECT count(*) AS rows FROM calls WHERE outcome = 'answered' AND result LIKE ?")
      .get(`%did ${key} #${id}#%`) as { rows: number }
    if (rows !== 1) this.violations.push(`${rows} rows of #${id}, which was told`)
    if (isCheck) tally.byHandle += 1
    else if (this.#told.has(id)) this.violations.push(`#${id} was told twice`)
    else {
      this.#told.add(id)
      if (this.#handles.some((one) => one.grant === who)) tally.byRetry += 1
    }
  }

  decide({ which, yes }: Extract<Step, { do: 'decide' }>): void {
    const waiting = this.life.approvals.list()
    const asked = waiting[which % (waiting.length || 1)]
    if (!asked) return
    const { seen, arguments: shown } = this.life.approvals.get(asked.id)
    const args = JSON.parse(shown)
    if (yes) this.credits.push({ key: `${args.grant}/${args.n}`, version: this.version })
    if (yes && Date.now() - asked.askedAt > 60_000) tally.late += 1
    this.life.approvals.decide(asked.id, yes ? 'once' : 'deny', seen)
  }

  revoke({ grant: who }: Extract<Step, { do: 'revoke' }>): void {
    this.life.approvals.cancelFor(`g${who}`)
    this.life.pipeline.cancelFor(`g${who}`)
    this.credits = this.credits.filter(({ key }) => !key.startsWith(`${who}/`))
  }

  change(): void {
    this.version += 1
    this.life.catalog.setSources([this.#source()])
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn += 1) await new Promise(setImmediate)
}

/** Files are copied with each restart: with all rows of thousands of sequences in them that would take most of the time. */
const playedInOne = 200
let played = 0

function openFiles(): void {
  db = openDatabase(fileOf(files), silentLog).db
  callLog = openCallLog(`${fileOf(files)}.log`, silentLog).db
}

function closeFiles(): void {
  for (const one of [db, callLog]) one.close()
  for (const part of ['', '.log']) rmSync(`${fileOf(files)}${part}`, { force: true })
}

async function play(steps: readonly Step[]): Promise<void> {
  played += 1
  if (played % playedInOne === 0) {
    closeFiles()
    files += 1
    openFiles()
  }
  db.exec('DELETE FROM approvals; DELETE FROM late_calls')
  vi.setSystemTime(1_800_000_000_000)
  const world = new World()
  const after: (() => void)[] = []
  for (const one of steps) {
    if (one.do === 'pass')
      for (let part = 0; part < 5; part += 1) {
        await vi.advanceTimersByTimeAsync(one.ms / 5)
        await settled()
      }
    else if (one.do === 'restart') after.push(await world.restart(one.clean))
    else if (one.do === 'change') world.change()
    else world[one.do](one as never)
    await settled()
    expect(world.violations).toEqual([])
  }
  world.life.stop()
  await settled()
  await vi.advanceTimersByTimeAsync(3_600_000)
  for (const end of after) end()
  expect(world.violations).toEqual([])
}

beforeAll(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
  openFiles()
})
afterAll(() => {
  vi.useRealTimers()
  closeFiles()
  rmSync(folder, { recursive: true, force: true })
})

it(`nothing runs without a yes of its own, twice, or for anybody else (${runs} sequences)`, {
  timeout: 3_600_000,
}, async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40, size: '+1' }), play), { numRuns: runs })
  console.log(JSON.stringify(tally))
  // All of it would also hold for a host that never does anything.
  for (const [what, times] of Object.entries(tally)) expect(times, what).toBeGreaterThanOrEqual(runs / 2_000)
})
