import { afterEach, expect, it } from 'vitest'
import { principal, source, startGateway, text } from '../../testing/fixture-gateway.ts'
import { rpc } from '../../testing/fixture-http.ts'

let gateway: Awaited<ReturnType<typeof startGateway>>
afterEach(() => gateway?.stop())

const prefix = 'io.modelcontextprotocol/'
const tasks = { extensions: { [`${prefix}tasks`]: {} } }
const asks = { elicitation: { form: {} }, ...tasks }
const envelope = (capabilities: object) => ({
  [`${prefix}protocolVersion`]: '2026-07-28',
  [`${prefix}clientCapabilities`]: capabilities,
})

const seen: unknown[] = []
async function begin() {
  seen.length = 0
  const files = source('files', [{ name: 'write', title: 'Write' }], async (_tool, args, exchange) => {
    seen.push(exchange.capabilities)
    if (args.fails) return { content: [{ type: 'text', text: 'no room' }], isError: true }
    if (!args.asks) return text('written')
    const { content } = await exchange.ask!({
      method: 'elicitation/create',
      params: { message: 'Which?', requestedSchema: { type: 'object', properties: {} } },
    })
    return text(`written ${(content as { which: string }).which}`)
  })
  gateway = await startGateway({ sources: [files], patience: { task: 20 } })
  gateway.tokens.set('a', principal({ access: 'ask', grantId: 'grant_a' }))
  gateway.tokens.set('b', principal({ access: 'ask', grantId: 'grant_b' }))
}
const ask = (
  method: string,
  params: { name?: string; taskId?: unknown; [more: string]: unknown },
  token = 'a',
  capabilities: object = tasks,
) => {
  const name = params.name ?? params.taskId
  return gateway.post(rpc(method, { ...params, _meta: envelope(capabilities) }), {
    Authorization: `Bearer ${token}`,
    'MCP-Protocol-Version': '2026-07-28',
    'Mcp-Method': method,
    ...(typeof name === 'string' && { 'Mcp-Name': name }),
  })
}
const write = async (args: object = {}, capabilities: object = tasks): Promise<string> => {
  const { json } = await ask('tools/call', { name: 'files__write', arguments: args }, 'a', capabilities)
  expect(json.result).toMatchObject({ resultType: 'task', status: 'working', pollIntervalMs: 5_000 })
  return json.result.taskId
}
const task = async (taskId: string, token = 'a') => (await ask('tasks/get', { taskId }, token)).json
const allow = () => {
  const { id } = gateway.approvals.list()[0]!
  gateway.approvals.decide(id, 'once', gateway.approvals.get(id).seen)
}
const statusOf = (taskId: string) => expect.poll(async () => (await task(taskId)).result.status)

it('is declared where a call can be late, in the era that has it, and to no server', async () => {
  await begin()
  const declared = async (token: string) =>
    (await ask('server/discover', {}, token)).json.result.capabilities.extensions
  expect([await declared('a'), await declared('good')]).toEqual([{ [`${prefix}tasks`]: {} }, undefined])
  const { json } = await gateway.post(
    rpc('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    }),
    { Authorization: 'Bearer a' },
  )
  expect(json.result.capabilities.extensions).toBeUndefined()
  const done = ask('tools/call', { name: 'files__write', arguments: {} }, 'good')
  expect((await done).json.result).toMatchObject(text('written'))
  expect(JSON.stringify(seen)).not.toContain('tasks')
})

it('a call that waits for its owner is a task, with the result the call would have had', async () => {
  await begin()
  const id = await write()
  expect((await task(id)).result).toMatchObject({
    resultType: 'complete',
    taskId: id,
    status: 'working',
    statusMessage: expect.stringContaining('Waiting for your approval'),
    ttlMs: null,
  })
  allow()
  await statusOf(id).toBe('completed')
  const { result } = await task(id)
  expect(result.result).toMatchObject({ resultType: 'complete', ...text('written') })
  expect(result.ttlMs).toBeGreaterThanOrEqual(30 * 60_000)
  const failing = await write({ fails: true })
  allow()
  await statusOf(failing).toBe('completed')
  expect((await task(failing)).result.result.isError).toBe(true)
  const declined = await write({ n: 1 })
  gateway.approvals.decide(gateway.approvals.list()[0]!.id, 'deny')
  await statusOf(declined).toBe('completed')
  expect((await task(declined)).result.result).toMatchObject({ isError: true })
})

it('a client that takes no tasks gets none, and one of 2025 has no such methods', async () => {
  await begin()
  gateway.tokens.set('c', principal({ access: 'ask', grantId: 'grant_c' }))
  const waits = ask('tools/call', { name: 'files__write', arguments: {} }, 'c', {})
  await expect.poll(() => gateway.approvals.list().length).toBe(1)
  allow()
  expect((await waits).json.result).toMatchObject(text('written'))
  const { json } = await gateway.post(rpc('tasks/get', { taskId: 'x' }), { Authorization: 'Bearer a' })
  expect(json.error.code).toBe(-32601)
  expect((await ask('tasks/result', { taskId: 'x' })).json.error.code).toBe(-32601)
})

it('is unknown to every other grant, and every odd id is refused', async () => {
  await begin()
  const id = await write()
  for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
    expect((await ask(method, { taskId: id }, 'b')).json.error.code, method).toBe(-32602)
    for (const taskId of ['', 'x'.repeat(10_000), 7, null, { id }, undefined])
      expect((await ask(method, { taskId })).json.error.code, `${method} ${taskId}`).toBe(-32602)
  }
  expect((await ask('tasks/update', { taskId: id, inputResponses: 'x' })).json.error.code).toBe(-32602)
  const mismatch = await gateway.post(rpc('tasks/get', { taskId: id, _meta: envelope(tasks) }), {
    ...{ Authorization: 'Bearer a', 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tasks/get' },
    'Mcp-Name': 'another',
  })
  expect([mismatch.status, mismatch.json.error.code]).toEqual([400, -32020])
  expect((await task(id)).result.status, 'still there').toBe('working')
})

it('what the server asks is part of the task, and answered with tasks/update', async () => {
  await begin()
  const id = await write({ asks: true }, asks)
  allow()
  await statusOf(id).toBe('input_required')
  const { inputRequests } = (await task(id)).result
  const [[key, asked]] = Object.entries(inputRequests) as [[string, unknown]]
  expect(asked).toMatchObject({ method: 'elicitation/create', params: { message: 'Which?' } })
  await ask('tasks/update', { taskId: id, inputResponses: { other: { action: 'accept' } } })
  await statusOf(id).toBe('input_required')
  const answers = { [key]: { action: 'accept', content: { which: 'this' } } }
  expect((await ask('tasks/update', { taskId: id, inputResponses: answers })).json.result.resultType).toBe(
    'complete',
  )
  await statusOf(id).toBe('completed')
  expect((await task(id)).result.result).toMatchObject(text('written this'))
})

it('tasks/cancel takes the question back', async () => {
  await begin()
  const id = await write()
  expect((await ask('tasks/cancel', { taskId: id })).json.result).toMatchObject({ resultType: 'complete' })
  await statusOf(id).toBe('cancelled')
  expect(gateway.approvals.list()).toEqual([])
  expect(seen).toEqual([])
})
