/**
 * Catalog, pipeline and subscriptions over the real policy, approvals, activity and database, without a listener. Made up are
 * the sources and the clients.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createActivity } from '../../activity/activity.ts'
import { Approvals } from '../../approvals/approvals.ts'
import { Rules } from '../../approvals/rules.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import type { Traffic } from '../../kernel/traffic.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw, ToolSource } from '../../mcp/tool-source.ts'
import { decide, isListed } from '../../policy/decide.ts'
import { pinRules } from '../../policy/pin-rules.ts'
import { reading } from '../../policy/reading.ts'
import { riskOf } from '../../policy/risk.ts'
import { isTooMuch } from '../../policy/rules.ts'
import { openCallLog, openDatabase } from '../../storage/database/database.ts'
import type { Caller } from '../calls/caller.ts'
import type { ClientRequest } from '../calls/client-request.ts'
import { createLateStore } from '../calls/late/late-store.ts'
import { createPipeline } from '../calls/pipeline.ts'
import type { PipelineDeps } from '../calls/pipeline-deps.ts'
import { checkParams } from '../calls/request-params.ts'
import { createTaintStore } from '../calls/taints/taint-store.ts'
import { createCatalog } from '../offers/catalog.ts'
import { identityOf } from '../offers/catalog-entry.ts'
import { createSubscriptions } from '../offers/resources/subscriptions.ts'
import { definitionHash } from '../offers/tools/tool-records.ts'
import type { ToolSetting } from '../offers/tools/tool-settings.ts'

export const principalOf = (more: Partial<Principal> = {}): Principal => ({
  grantId: 'grant_1',
  clientName: 'Test client',
  kind: 'key',
  workspace: 'default',
  access: 'everything',
  tools: null,
  scopes: null,
  ...more,
})

export const callerOf = (principal = principalOf(), signal = new AbortController().signal): Caller => ({
  principal,
  origin: 'http://127.0.0.1:4000',
  resource: 'http://127.0.0.1:4000/mcp',
  signal,
})

/** A server that does nothing but what `more` says. */
export const serverOf = (slug: string, more: Partial<ToolSource> = {}): ToolSource => ({
  slug,
  name: slug[0]!.toUpperCase() + slug.slice(1),
  prefixed: true,
  kind: 'server',
  tools: () => [],
  call: async () => ({ content: [] }),
  ...more,
})

export const tool = (name: string, more: Raw = {}) => ({ name, inputSchema: { type: 'object' }, ...more })
export const reads = { readOnlyHint: true, openWorldHint: false }
export const says = (text: string): Raw => ({ content: [{ type: 'text', text }] })

export function makePipeline(
  sources: ToolSource[],
  options: { approvalWaitMs?: number } & Partial<
    Pick<PipelineDeps, 'callTimeout' | 'inputWaitMs' | 'patience'>
  > = {},
) {
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-pipeline-'))
  const { db } = openDatabase(join(dir, 'test.db'), silentLog)
  const { db: callLog } = openCallLog(join(dir, 'activity.db'), silentLog)
  const redactor = createRedactor()
  let ahead = 0
  const clock = { now: () => systemClock.now() + ahead }
  const warnings: unknown[] = []
  const errors: unknown[] = []
  const log = {
    ...silentLog,
    warn: (...words: unknown[]) => void warnings.push(words),
    error: (...words: unknown[]) => void errors.push(words),
  }
  const toolNow = (id: string) => {
    const entry = catalog.byId(id)
    return entry
      ? {
          definitionHash: definitionHash(entry.definition),
          identity: identityOf(entry.source),
          risk: entry.risk,
        }
      : null
  }
  const rules = new Rules({ db, clock, log, redactor, toolNow, isTooMuch })
  const approvals = new Approvals({ db, clock, log, redactor, rules })
  const activity = createActivity({ db: callLog, clock, log, redactor })
  const settings = new Map<string, ToolSetting>()
  const traffic: Traffic[] = []
  const at = { newVersions: 'tell' as 'tell' | 'ask' }
  const catalog = createCatalog({
    riskOf,
    isListed,
    pins: { ...pinRules, newVersions: () => at.newVersions },
    toolSetting: (id) => settings.get(id) ?? { enabled: true },
    log,
  })
  catalog.setSources(sources)
  const pipeline = createPipeline({
    catalog,
    decide: (facts) => decide(facts, rules),
    reading,
    approvals,
    activity,
    applyRule: rules.apply,
    ruleInRow: rules.inRow,
    clock,
    log,
    onTraffic: (event) => void traffic.push(event),
    ...(options.inputWaitMs !== undefined && { inputWaitMs: options.inputWaitMs }),
    ...(options.callTimeout !== undefined && { callTimeout: options.callTimeout }),
    patience: { asked: options.approvalWaitMs ?? 5_000, ...options.patience },
    lateStore: createLateStore(db),
    taintStore: createTaintStore(db),
    principalNow: (principal) => (made.now === undefined ? principal : made.now),
  })
  const subscriptions = createSubscriptions({ catalog, decide, log })

  const made = Object.assign(at, {
    /** The rights that every grant has by now; undefined: those it called with. */
    now: undefined as Principal | null | undefined,
    db,
    callLog,
    catalog,
    pipeline,
    subscriptions,
    approvals,
    rules,
    activity,
    redactor,
    settings,
    traffic,
    warnings,
    errors,
    /** One request, checked as the endpoint does; the client is one of 2026-07-28 that can do everything, unless `client` says otherwise. */
    async request(
      method: ClientRequest['method'],
      params: Raw,
      client: Partial<ClientRequest> = {},
      caller = callerOf(),
    ): Promise<Raw> {
      checkParams(method, params)
      return pipeline.request({
        era: 'modern',
        key: caller.principal.grantId,
        capabilities: { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} },
        ...client,
        ...{ caller, method, params },
      })
    },
    rows: () => activity.list({ limit: 50 }).map((row) => `${row.tool} ${row.decision} ${row.outcome}`),
    /** The clock goes on by so many milliseconds. */
    pass: (ms: number) => {
      ahead += ms
    },
    stop() {
      if (!db.isOpen) return
      pipeline.stop()
      subscriptions.stop()
      approvals.stop()
      rules.stop()
      activity.stop()
      callLog.close()
      db.close()
      rmSync(dir, { recursive: true, force: true })
    },
  })
  return made
}
