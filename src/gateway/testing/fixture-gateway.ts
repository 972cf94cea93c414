/**
 * A whole gateway on loopback for tests: real listener, endpoint, pipeline, policy, approvals, activity and database.
 * Made up are the tools and who the tokens belong to.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { createActivity } from '../../activity/activity.ts'
import { Approvals } from '../../approvals/approvals.ts'
import type { Risk } from '../../contract/tools.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import type { Traffic } from '../../kernel/traffic.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { ToolDefinition, ToolSource } from '../../mcp/tool-source.ts'
import { decide, isListed } from '../../policy/decide.ts'
import { pinRules } from '../../policy/pin-rules.ts'
import { reading } from '../../policy/reading.ts'
import { riskOf } from '../../policy/risk.ts'
import { openCallLog, openDatabase } from '../../storage/database/database.ts'
import type { Patience } from '../calls/late/late-call.ts'
import { createLateStore } from '../calls/late/late-store.ts'
import { createPipeline } from '../calls/pipeline.ts'
import { createSessionWishes } from '../endpoint/sessions/session-wishes.ts'
import type { Limits } from '../listener/limits.ts'
import { createPublicListener } from '../listener/public-listener.ts'
import { createCatalog } from '../offers/catalog.ts'
import { createSubscriptions } from '../offers/resources/subscriptions.ts'
import { send, type Wanted } from './fixture-http.ts'

export type Call = Parameters<ToolSource['call']>

/** A source whose tools do what `call` says. */
export const source = (
  slug: string,
  tools: (Partial<ToolDefinition> & { name: string })[],
  call: (...args: Call) => ReturnType<ToolSource['call']>,
  more: Partial<ToolSource> = {},
): ToolSource => ({
  slug,
  name: slug[0]!.toUpperCase() + slug.slice(1),
  prefixed: true,
  kind: 'server',
  tools: () => tools.map((tool) => ({ inputSchema: { type: 'object' }, ...tool })),
  call,
  ...more,
})

export const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] })
export const reads = { readOnlyHint: true, openWorldHint: false }

export const principal = (more: Partial<Principal> = {}): Principal => ({
  grantId: 'grant_1',
  clientName: 'Test client',
  kind: 'key',
  workspace: 'default',
  access: 'everything',
  tools: null,
  scopes: null,
  ...more,
})

export async function startGateway(options: {
  sources?: ToolSource[]
  limits?: Partial<Limits>
  callTimeout?: number
  approvalWaitMs?: number
  patience?: Partial<Patience>
  workspaces?: string[]
  port?: number
  requestsPerMinute?: number
}) {
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-gateway-'))
  const { db } = openDatabase(join(dir, 'test.db'), silentLog)
  const { db: callLog } = openCallLog(join(dir, 'activity.db'), silentLog)
  const redactor = createRedactor()
  const clock = systemClock
  const log = { ...silentLog, warnings: [] as string[] }
  log.warn = (event) => void log.warnings.push(event)
  const approvals = new Approvals({ db, clock, log, redactor })
  const activity = createActivity({ db: callLog, clock, log, redactor })
  const settings = new Map<string, { enabled: boolean; risk?: Risk }>()
  const traffic: Traffic[] = []
  const onTraffic = (event: Traffic) => void traffic.push(event)
  const catalog = createCatalog({
    riskOf,
    isListed,
    pins: { ...pinRules, newVersions: () => 'tell' },
    toolSetting: (id) => settings.get(id) ?? { enabled: true },
    log,
  })
  catalog.setSources(options.sources ?? [])
  const late = {
    patience: { asked: options.approvalWaitMs ?? 5_000, ...options.patience },
    lateStore: createLateStore(db),
    principalNow: (one: Principal) => oauth.now(one),
  }
  const pipeline = createPipeline({
    catalog,
    decide,
    reading,
    approvals,
    activity,
    clock,
    log,
    onTraffic,
    ...(options.callTimeout !== undefined && { callTimeout: options.callTimeout }),
    ...late,
  })
  const tokens = new Map<string, Principal>([['good', principal()]])
  const state = {
    raised: false,
    origins: [] as string[],
    workspaces: options.workspaces ?? ['default'],
    requestsPerMinute: options.requestsPerMinute ?? null,
    localPages: [] as string[],
    served: [] as [grantId: string, kind: string, hash: string][],
  }
  const subscriptions = createSubscriptions({ catalog, decide, log })
  const sessionKey = randomBytes(32)
  const oauth = {
    handle(req: IncomingMessage, res: ServerResponse, origin: string) {
      const chunks: Buffer[] = []
      req.on('data', (chunk) => chunks.push(chunk))
      req.on('end', () =>
        res.end(JSON.stringify({ origin, url: req.url, bytes: Buffer.concat(chunks).length })),
      )
    },
    async authenticate(authorization: string | undefined) {
      const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
      if (token === undefined)
        return { ok: false as const, error: 'missing' as const, description: 'A token is needed.' }
      const known = tokens.get(token)
      if (known) return { ok: true as const, principal: known }
      return { ok: false as const, error: 'invalid_token' as const, description: 'Unknown token.' }
    },
    now: ({ grantId }: Principal) => [...tokens.values()].find((one) => one.grantId === grantId) ?? null,
    challenge: (resource: string, error?: { error: string; description: string; scope?: string }) =>
      `Bearer resource_metadata="${resource}"${error ? `, error="${error.error}"` : ''}` +
      (error?.scope === undefined
        ? ''
        : `, error_description="${error.description}", scope="${error.scope}"`),
  }
  const newListener = (port: number) =>
    createPublicListener({
      port,
      origins: () => state.origins,
      oauth,
      pipeline,
      catalog,
      subscriptions,
      sessionKey,
      sessionWishes: createSessionWishes({ db, clock, log }),
      requestsPerMinute: () => state.requestsPerMinute,
      onServed: ({ grantId }, kind, { hash }) => void state.served.push([grantId, kind, hash]),
      lastServed: (grantId, kind) =>
        state.served.findLast((one) => one[0] === grantId && one[1] === kind)?.[2],
      workspaces: () => state.workspaces,
      localPages: () => state.localPages,
      isRaised: () => state.raised,
      instance: 'instance_test',
      version: '0.0.0',
      clock,
      log,
      onTraffic,
      ...(options.limits && { limits: options.limits }),
    })
  let listener = newListener(options.port ?? 0)
  const { port } = await listener.listen()
  const host = `127.0.0.1:${port}`
  state.origins = [`http://${host}`, `http://localhost:${port}`, 'https://name.example']
  const clients: Client[] = []

  return {
    port,
    host,
    origin: `http://${host}`,
    url: `http://${host}/mcp`,
    db,
    callLog,
    catalog,
    approvals,
    activity,
    pipeline,
    /** The log as the next life reads it. */
    activityAgain: () => createActivity({ db: callLog, clock, log, redactor }),
    subscriptions,
    get listener() {
      return listener
    },
    /** Another listener in the place of the first, as after a restart of the program. */
    async restart() {
      await listener.close()
      listener = newListener(port)
      await listener.listen()
    },
    settings,
    tokens,
    /** The owner changes what a grant may do. */
    regrant(grantId: string, more: Partial<Principal>) {
      for (const [token, one] of tokens) if (one.grantId === grantId) tokens.set(token, { ...one, ...more })
      listener.toolsChanged()
    },
    traffic,
    state,
    log,
    /** A client of the SDK, connected in one era. */
    async connect(era: 'legacy' | 'modern', token = 'good', path = '/mcp') {
      const client = new Client(
        { name: 'test', version: '1' },
        { versionNegotiation: { mode: era === 'modern' ? { pin: '2026-07-28' } : 'legacy' } },
      )
      const transport = new StreamableHTTPClientTransport(new URL(`http://${host}${path}`), {
        requestInit: { headers: { Authorization: `Bearer ${token}` } },
      })
      await client.connect(transport)
      clients.push(client)
      return client
    },
    /** One JSON-RPC message by hand, in the 2025 era unless the headers say otherwise. */
    post: (body: unknown, headers: Record<string, string> = {}, path = '/mcp') =>
      send(port, {
        method: 'POST',
        path,
        headers: {
          Host: host,
          Authorization: 'Bearer good',
          'Content-Type': 'application/json',
          Accept: 'application/json, text/event-stream',
          ...headers,
        },
        body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      }),
    send: (wanted: Wanted) => send(port, { ...wanted, headers: { Host: host, ...wanted.headers } }),
    async stop() {
      await Promise.all(clients.map((client) => client.close().catch(() => {})))
      await listener.close()
      subscriptions.stop()
      pipeline.stop()
      approvals.stop()
      activity.stop()
      callLog.close()
      db.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
