import { afterEach, expect, it } from 'vitest'
import { principal, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { rpc } from '../testing/fixture-http.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>
let gateway: Gateway
afterEach(() => gateway?.stop())

async function begin(more: Parameters<typeof startGateway>[0] = {}) {
  const files = source('files', [{ name: 'write', title: 'Write' }], async () => text('done'))
  gateway = await startGateway({ sources: [files], ...more })
  for (const id of ['a', 'b']) gateway.tokens.set(id, principal({ access: 'ask', grantId: `grant_${id}` }))
}
async function call(n: number, token = 'a', name = 'files__write'): Promise<string> {
  const { json } = await gateway.post(rpc('tools/call', { name, arguments: { n } }), {
    Authorization: `Bearer ${token}`,
  })
  return json.result?.content[0].text ?? json.error.message
}
const decline = async (n: number, token = 'a') => {
  const said = call(n, token)
  await expect.poll(() => gateway.approvals.list().length).toBe(1)
  gateway.approvals.decide(gateway.approvals.list()[0]!.id, 'deny')
  return said
}

it('a client that was refused three times does not get to ask for a while; others do, and a yes ends it', async () => {
  await begin()
  let prompts = 0
  gateway.approvals.events.on('asked', () => {
    prompts += 1
  })
  for (let n = 0; n < 3; n += 1) expect(await decline(n)).toContain('was not allowed')
  const said = await Promise.all(Array.from({ length: 200 }, (_, n) => call(n + 10)))
  expect(prompts, 'questions put to the user').toBe(3)
  for (const one of said)
    expect(one).toMatch(/its questions are not shown for now.*ask again in (?:30|29) seconds/)
  expect(await decline(1, 'b')).toContain('was not allowed')
  expect(prompts).toBe(4)
  const rows = gateway.activity.list({ limit: 500 })
  expect(rows.length, 'three and one that were asked, and twenty of the others').toBe(24)
})

it('calls that were refused fill no log: twenty in a minute, then a number', async () => {
  await begin({ requestsPerMinute: 100_000 })
  for (let n = 0; n < 300; n += 1) await call(n, 'good', `files__no_such_tool_${n}`)
  expect(await call(1, 'good')).toBe('done')
  gateway.activity.stop()
  const rows = gateway.activityAgain().list({ limit: 500 })
  const refused = rows.filter(({ decision }) => decision === 'refused')
  expect(refused).toHaveLength(21)
  expect(refused[0]).toMatchObject({
    tool: 'files__no_such_tool_299',
    error: '… and 280 more like this, which have no rows of their own.',
  })
  expect(rows.filter(({ decision }) => decision === 'allowed')).toHaveLength(1)
})

it('notifications, answers to nothing, streams and what cannot be read are limited too, beside requests', async () => {
  await begin({ requestsPerMinute: 5 })
  const send = async (body: object) => (await gateway.post(body)).status
  const headers = { Host: gateway.host, Authorization: 'Bearer good' }
  const get = async (method: string) =>
    (await gateway.send({ method, path: '/mcp', headers: { ...headers, Accept: 'text/event-stream' } }))
      .status
  const kinds: (() => Promise<number>)[] = [
    () => send({ jsonrpc: '2.0', method: 'notifications/initialized' }),
    () => send({ jsonrpc: '2.0', id: 77, result: {} }),
    () => send({ jsonrpc: '2.0', method: 5 }),
    () => get('GET'),
    () => get('DELETE'),
    async () =>
      (
        await gateway.send({
          ...{ method: 'POST', path: '/mcp', body: '{not json' },
          headers: { ...headers, 'Content-Type': 'application/json' },
        })
      ).status,
  ]
  for (const [n, kind] of kinds.entries()) {
    const token = `kind${n}`
    gateway.tokens.set('good', principal({ grantId: token }))
    const statuses: number[] = []
    for (let count = 0; count < 104; count += 1) statuses.push(await kind())
    expect(statuses.indexOf(429), `kind ${n}: ${statuses}`).toBeGreaterThanOrEqual(100)
    expect((await gateway.post(rpc('ping'))).status, 'a request').toBe(200)
  }
})
