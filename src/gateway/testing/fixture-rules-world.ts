/**
 * The real policy, rules, approvals, log and pipeline on a database that lives on while they are closed or killed. Made up are the
 * clock, the server behind them, which says what reached it, and the two clients.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createActivity } from '../../activity/activity.ts'
import { Approvals } from '../../approvals/approvals.ts'
import { Rules } from '../../approvals/rules.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { decide, isListed } from '../../policy/decide.ts'
import { pinRules } from '../../policy/pin-rules.ts'
import { reading } from '../../policy/reading.ts'
import { riskOf } from '../../policy/risk.ts'
import { isTooMuch } from '../../policy/rules.ts'
import { openCallLog, openDatabase } from '../../storage/database/database.ts'
import { createPipeline } from '../calls/pipeline.ts'
import { createCatalog } from '../offers/catalog.ts'
import { identityOf } from '../offers/catalog-entry.ts'
import { definitionHash } from '../offers/tools/tool-records.ts'
import { callerOf, principalOf, says, serverOf, tool } from './fixture-pipeline.ts'

/** A call as the server gets it: whose, from which chat, of which tool as it is then. */
export interface Executed {
  grant: string
  chat: string | null
  tool: string
  arguments: string
  version: number
  identity: number
}

export const toolNames = ['send', 'drop'] as const

export class RulesWorld {
  readonly clock = { now: () => Date.now() }
  readonly #redactor = createRedactor()
  readonly #dir = mkdtempSync(join(tmpdir(), 'drawbridge-rules-'))
  readonly db = openDatabase(join(this.#dir, 'd.db'), silentLog).db
  readonly #callLog = openCallLog(join(this.#dir, 'activity.db'), silentLog).db
  readonly activity = createActivity({
    ...{ db: this.#callLog, clock: this.clock, log: silentLog, redactor: this.#redactor, keepRows: 2_000 },
  })
  readonly #onExecuted: (call: Executed) => void
  /** Of each tool's definition, and of what runs. */
  versions: Record<string, number> = {}
  identity = 0
  catalog!: ReturnType<typeof createCatalog>
  rules!: Rules
  approvals!: Approvals
  pipeline!: ReturnType<typeof createPipeline>

  constructor(onExecuted: (call: Executed) => void) {
    this.#onExecuted = onExecuted
  }

  /** Nothing was ever answered. */
  begin(): void {
    this.db.exec('DELETE FROM approvals; DELETE FROM rules')
    this.versions = { send: 0, drop: 0 }
    this.identity = 0
    this.open()
  }

  open(): void {
    const { db, clock } = this
    const common = { db, clock, log: silentLog, redactor: this.#redactor }
    this.catalog = createCatalog({
      ...{ riskOf, isListed, log: silentLog, toolSetting: () => ({ enabled: true }) },
      pins: { ...pinRules, newVersions: () => 'tell' },
    })
    const toolNow = (id: string) => {
      const entry = this.catalog.byId(id)
      if (entry === undefined) return null
      return {
        ...{ definitionHash: definitionHash(entry.definition), identity: identityOf(entry.source) },
        risk: entry.risk,
      }
    }
    const rules = new Rules({ ...common, toolNow, isTooMuch })
    this.rules = rules
    this.approvals = new Approvals({ ...common, rules })
    this.catalog.onChanged(() => rules.review())
    this.offer()
    this.pipeline = createPipeline({
      ...{ catalog: this.catalog, approvals: this.approvals, activity: this.activity, clock },
      ...{ decide: (facts) => decide(facts, rules), applyRule: rules.apply, log: silentLog },
      onTraffic: () => {},
      reading,
    })
  }

  /** Its tools as they are now; the catalog reads them anew. */
  offer(): void {
    const definitions = toolNames.map((name) =>
      tool(name, {
        description: `version ${this.versions[name]}`,
        annotations: { destructiveHint: name === 'drop', openWorldHint: false },
      }),
    )
    const identity = this.identity
    const source = serverOf('s', {
      tools: () => definitions,
      edition: () => identity,
      identity: () => ({ command: 'program', origin: null, version: '1', fingerprint: `${identity}` }),
      call: async (name, args, { client }) => {
        const [grant, chat] = client.split('/')
        this.#onExecuted({
          ...{ grant: grant!, chat: chat || null, tool: name, arguments: JSON.stringify(args) },
          ...{ version: this.versions[name]!, identity },
        })
        return says('done')
      },
    })
    this.catalog.setSources([source])
  }

  call(grantId: string, chat: string | null, name: string, args: Raw): Promise<Raw> {
    const caller = callerOf(principalOf({ grantId, access: 'ask' }))
    return this.pipeline.request({
      ...{ era: 'legacy', method: 'tools/call', capabilities: {}, caller, chat },
      key: `${grantId}/${chat ?? ''}`,
      params: { name: `s__${name}`, arguments: args },
    })
  }

  stop(): void {
    this.pipeline.stop()
    this.approvals.stop()
    this.rules.stop()
  }

  /** What follows from what was just done has happened: a row of the log may wait two turns for others, and a call writes two. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 8; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
  }

  close(): void {
    this.activity.stop()
    this.db.close()
  }
}
