/** What is sent to a server a second time within one call is asked about once more before. */
import { createServer, type ServerResponse } from 'node:http'
import { afterEach, expect, it, vi } from 'vitest'
import type { ApprovalChoice } from '../contract/approvals.ts'
import { callerOf, makePipeline, principalOf } from '../gateway/testing/fixture-pipeline.ts'
import type { Raw } from '../mcp/tool-source.ts'
import type { Servers } from '../servers/registry/interface.ts'
import { closeAll, setUp, sourceOf } from '../servers/testing/setup.ts'

let house: ReturnType<typeof makePipeline>
const ends: (() => void)[] = []
afterEach(async () => {
  house.stop()
  await closeAll()
  for (const end of ends.splice(0)) end()
})

type On = (message: Raw, response: ServerResponse) => void
const json = (response: ServerResponse, body: Raw, status = 200) =>
  response
    .writeHead(status, { 'content-type': 'application/json', 'mcp-session-id': session })
    .end(JSON.stringify({ jsonrpc: '2.0', ...body }))
const done = ({ id }: Raw, response: ServerResponse, result: Raw) =>
  json(response, { id, result: { resultType: 'complete', ...result } })

/** Of the session of 2025-11-25; another is forgotten. */
let session = 'one'

/** A server at an address that speaks one revision, in the catalog with what it lists. */
async function begin(revision: '2025-11-25' | '2026-07-28', on: On, version = () => '1'): Promise<Servers> {
  const web = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const message = JSON.parse(body) as Raw
    const { id, method } = message
    const is = { capabilities: { tools: {} }, serverInfo: { name: 'n', version: version() } }
    if (method === 'initialize')
      return void json(response, { id, result: { protocolVersion: '2025-11-25', ...is } })
    if (method === 'server/discover' && revision === '2026-07-28')
      return void done(message, response, {
        ...{ supportedVersions: [revision], ttlMs: 0, cacheScope: 'private', ...is },
      })
    if (method === 'server/discover')
      return void json(response, { id: null, error: { code: -32000, message: 'no' } }, 400)
    if (id === undefined) return void response.writeHead(202).end()
    const isKnown = revision === '2026-07-28' || request.headers['mcp-session-id'] === session
    if (!isKnown)
      return void json(response, { id, error: { code: -32001, message: 'Session not found' } }, 404)
    on(message, response)
  })
  await new Promise<void>((ready) => web.listen(0, '127.0.0.1', ready))
  ends.push(() => {
    web.closeAllConnections()
    web.close()
  })
  const { servers } = setUp()
  const url = `http://127.0.0.1:${(web.address() as { port: number }).port}/mcp`
  await servers.add({ kind: 'http', name: 'Web', url, headers: {}, timeout: 20_000 })
  house = makePipeline([sourceOf(servers, 'web')])
  servers.events.on('lists.changed', () => house.catalog.setSources([sourceOf(servers, 'web')]))
  return servers
}

const call = (access: 'ask' | 'everything') =>
  house.request(
    'tools/call',
    { name: 'web__write', arguments: { n: 1 } },
    {},
    callerOf(principalOf({ access })),
  )
async function say(choice: ApprovalChoice): Promise<void> {
  await vi.waitFor(() => expect(house.approvals.list()).toHaveLength(1))
  const { id } = house.approvals.list()[0]!
  house.approvals.decide(id, choice, house.approvals.get(id).seen)
}

it.each(['rule', 'off', 'changed'] as const)(
  'not where its lists are fetched anew because headers did not fit (−32020), and meanwhile: %s',
  async (what) => {
    const ran: Raw[] = []
    let refuses = false
    let version = 1
    const fetching = Promise.withResolvers<void>()
    const fetched = Promise.withResolvers<void>()
    await begin('2026-07-28', async (message, response) => {
      if (message.method === 'tools/list') {
        if (refuses || ran.length > 1) fetching.resolve()
        if (refuses) await fetched.promise
        const tools = [{ name: 'write', description: `Version ${version}`, inputSchema: { type: 'object' } }]
        return void done(message, response, { ttlMs: 0, cacheScope: 'private', tools })
      }
      if (refuses && ran.length === 0) {
        ran.push({ refused: message.id })
        return void json(
          response,
          { id: message.id, error: { code: -32020, message: 'Header mismatch' } },
          400,
        )
      }
      ran.push(message)
      done(message, response, { content: [{ type: 'text', text: 'done' }] })
    })
    if (what !== 'off') {
      const first = call('ask')
      await say('exact')
      await first
    }
    ran.length = 0
    refuses = true
    const answer = call(what === 'off' ? 'everything' : 'ask')
    await fetching.promise
    if (what === 'rule') for (const rule of house.rules.list()) house.rules.revoke(rule.id)
    else if (what === 'off') {
      house.settings.set(house.catalog.all()[0]!.id, { enabled: false })
      house.catalog.refresh()
    } else version = 2
    fetched.resolve()
    expect(await answer).toMatchObject({ isError: true })
    expect(ran).toHaveLength(1)
  },
)

it('not what its owner calls a change and its server a read, where the server may have begun', async () => {
  let count = 0
  await begin('2025-11-25', (message, response) => {
    const tools = [{ name: 'write', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }]
    if (message.method === 'tools/list') return void done(message, response, { tools })
    count += 1
    // Its proxy lost the session on the way back.
    if (count === 1) return void response.writeHead(502).end('session not found')
    done(message, response, { content: [{ type: 'text', text: 'done' }] })
  })
  house.settings.set(house.catalog.all()[0]!.id, { enabled: true, risk: 'destructive' })
  house.catalog.refresh()
  const answer = call('ask')
  await say('once')
  expect(await answer).toMatchObject({ isError: true })
  expect(count).toBe(1)
})

it.each(['_meta', 'version'])(
  'but what is the same runs over a new session, whatever else its server says anew: %s',
  async (what) => {
    let count = 0
    let listed = 0
    await begin(
      '2025-11-25',
      (message, response) => {
        listed += 1
        const _meta = what === '_meta' ? { listed } : {}
        if (message.method === 'tools/list')
          return void done(message, response, {
            tools: [{ name: 'write', inputSchema: { type: 'object' }, _meta }],
          })
        count += 1
        done(message, response, { content: [{ type: 'text', text: 'done' }] })
      },
      () => (what === 'version' ? `1.0.${listed}` : '1'),
    )
    for (let n = 1; n <= 3; n += 1) {
      session = `session ${n}`
      expect(await call('everything')).not.toHaveProperty('isError')
      expect(count).toBe(n)
    }
  },
)

it('and a server that wants no sign-in goes on when its owner signs out of it', async () => {
  const tools = [{ name: 'write', inputSchema: { type: 'object' } }]
  const servers = await begin('2025-11-25', (message, response) =>
    message.method === 'tools/list'
      ? done(message, response, { tools })
      : done(message, response, { content: [{ type: 'text', text: 'done' }] }),
  )
  await servers.signOut(servers.list()[0]!.id)
  const again = async () => (await call('everything')).isError !== true
  await vi.waitFor(async () => expect(await again()).toBe(true), { timeout: 5_000 })
  expect(servers.list()[0]!.state).toBe('running')
})
