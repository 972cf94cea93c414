import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { Grant } from '../src/contract/access.ts'
import type { ApprovalChoice, ApprovalDetails } from '../src/contract/approvals.ts'
import type { Server } from '../src/contract/servers.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

/** Answers that hold for longer, with a real client at the real address. */
let at: InProcess
let token: string
let grant: Grant
/** Every question that was put, and what is answered to it. */
let asked: ApprovalDetails[] = []
let answers: (ApprovalChoice | 'deny')[] = []
const clients: Client[] = []

beforeAll(async () => {
  at = await startInProcess({ notes: true })
  at.host.on((name, payload) => {
    if (name !== 'approvals.asked') return
    const { id } = payload as { id: string }
    void at.ask('approvals.get', { id }).then(async (details) => {
      asked.push(details)
      const decision = answers.shift()
      if (decision === undefined) return
      await (decision === 'deny' || decision === 'never'
        ? at.ask('approvals.decide', { id, decision })
        : at.ask('approvals.decide', { id, decision, seen: details.seen }))
    })
  })
}, 60_000)
afterAll(() => at?.stop())
beforeEach(async () => {
  ;({ token, grant } = await at.ask('keys.create', { name: 'assistant', access: 'ask' }))
  asked = []
  answers = []
})
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  await at.ask('grants.revoke', { id: grant.id })
})

/** Raising the bridge cuts every connection; one that was about to be used again is found out about a moment later. */
async function raiseAndLower() {
  await at.ask('bridge.raise')
  await at.ask('bridge.lower')
  await vi.waitFor(async () => expect((await fetch(`${at.local}/health`)).ok).toBe(true), 5_000)
}

async function connect(more: { meta?: Record<string, unknown> } = {}) {
  const client = new Client({ name: 'fixture-assistant', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL(at.host.mcpUrl), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  })
  await client.connect(transport)
  clients.push(client)
  const write = async (text: string) => {
    const result = await client.callTool({
      ...{ name: 'notes__add_note', arguments: { text } },
      ...(more.meta && { _meta: more.meta }),
    })
    return { text: JSON.stringify(result.content), isError: result.isError === true }
  }
  return { client, transport, write }
}
const twenty = Array.from({ length: 20 }, (_, number) => `note ${number}.`)
const rows = async () =>
  (await at.ask('activity.list', { limit: 100 })).filter((row) => row.grantId === grant.id)
const ran = async () => (await rows()).filter((row) => row.outcome === 'answered').length

it('twenty writes in one chat ask once; the next chat asks anew, and so does this one when it has ended', async () => {
  const one = await connect()
  answers = ['chat']
  for (const text of twenty) expect((await one.write(text)).isError, text).toBe(false)
  expect(asked).toHaveLength(1)
  expect(await ran()).toBe(20)
  const [rule] = await at.ask('rules.list')
  expect(rule).toMatchObject({ uses: 19, inChat: true, state: 'active', tool: 'notes__add_note' })
  expect(rule!.lastUsedFor).toMatchObject({
    call: (await rows())[0]!.id,
    line: 'notes__add_note {"text":"note 19."}',
  })
  const two = await connect()
  answers = ['deny']
  expect((await two.write('elsewhere')).text).toContain('was not allowed')
  expect(asked).toHaveLength(2)
  await one.transport.terminateSession()
  await vi.waitFor(async () => expect(await at.ask('rules.list')).toEqual([]))
})

it('twenty writes at once, in one chat, ask no more than the owner answers', async () => {
  const { write } = await connect({ meta: { 'openai/session': 'v1/abc' } })
  const all = Promise.all(twenty.map(write))
  await vi.waitFor(() => expect(asked).toHaveLength(20), 10_000)
  const [first] = asked
  expect(first!.choices).toContain('chat')
  await at.ask('approvals.decide', { id: first!.id, decision: 'chat', seen: first!.seen })
  expect((await all).every(({ isError }) => !isError)).toBe(true)
  expect(await at.ask('approvals.list')).toEqual([])
  expect(await ran()).toBe(20)
})

it('twenty writes under a rule ask nothing, whatever the chat; none does once it is revoked', async () => {
  const { write } = await connect({ meta: { 'openai/session': 'v1/abc' } })
  answers = ['tool']
  await write('first')
  asked = []
  const other = await connect({ meta: { 'openai/session': 'v1/other' } })
  for (const text of twenty) expect((await other.write(text)).isError, text).toBe(false)
  expect(asked).toEqual([])
  const [rule] = await at.ask('rules.list')
  expect(rule).toMatchObject({ uses: 20, until: null })
  expect((await rows())[0]!.decision).toBe('allowed')
  await at.ask('rules.revoke', { id: rule!.id })
  answers = ['deny']
  expect((await other.write('again')).isError).toBe(true)
  expect(asked).toHaveLength(1)
  // What let them through is told after it was revoked, too.
  const was = {
    id: rule!.id,
    effect: 'allow',
    clientName: 'assistant',
    tool: 'notes__add_note',
    since: rule!.since,
  }
  const told = (await rows()).map(({ rule }) => rule)
  expect(told).toEqual([null, ...twenty.map(() => expect.objectContaining(was)), null])
  const { text } = await at.ask('activity.export', { format: 'csv', filter: { grantId: grant.id } })
  expect(text.match(new RegExp(rule!.id, 'g'))).toHaveLength(20)
})

it('a rule is told under the name that its owner gave the client since', async () => {
  answers = ['tool']
  await (await connect()).write('one')
  await at.ask('grants.update', { id: grant.id, name: 'helper' })
  expect(await at.ask('rules.list')).toMatchObject([{ clientName: 'helper', grantId: grant.id }])
})

it('exactly this is exactly this', async () => {
  const { write } = await connect()
  answers = ['exact']
  await write('the same')
  expect((await write('the same')).isError).toBe(false)
  expect(asked).toHaveLength(1)
  answers = ['deny']
  expect((await write('the same!')).isError).toBe(true)
  expect(asked).toHaveLength(2)
})

it('never is never, also under everything, and is told to the assistant', async () => {
  const { write } = await connect()
  answers = ['never']
  expect((await write('no')).text).toContain('was not allowed')
  await at.ask('grants.update', { id: grant.id, access: 'everything' })
  const again = await connect()
  expect((await again.write('no')).text).toContain('does not want this assistant to use this tool')
  expect(asked).toHaveLength(1)
  await raiseAndLower()
  expect(await at.ask('rules.list')).toMatchObject([{ effect: 'never', grantId: grant.id }])
  expect((await (await connect()).write('no')).isError).toBe(true)
})

it('raising the bridge ends what was allowed; so does revoking the grant', async () => {
  answers = ['tool', 'tool']
  await (await connect()).write('one')
  await raiseAndLower()
  expect(await at.ask('rules.list')).toEqual([])
  await (await connect()).write('two')
  expect(await at.ask('rules.list')).toHaveLength(1)
  await at.ask('grants.revoke', { id: grant.id })
  expect(await at.ask('rules.list')).toEqual([])
  ;({ token, grant } = await at.ask('keys.create', { name: 'assistant', access: 'ask' }))
})

it('a rule sleeps when another program answers to the tool’s name', async () => {
  const { write } = await connect()
  answers = ['tool']
  await write('one')
  const server = (await at.ask('servers.list')).find(({ slug }) => slug === 'notes') as Server
  const [code] = server.args!.slice(-1)
  await at.ask('servers.edit', {
    ...{ id: server.id, kind: 'stdio', name: 'Notes' },
    ...{ command: server.command!, args: ['-e', `${code};0`], env: {} },
  })
  await vi.waitFor(
    async () =>
      expect((await at.ask('rules.list'))[0]).toMatchObject({
        state: 'asleep',
        sleeps: { why: 'server-changed' },
      }),
    10_000,
  )
  answers = ['deny']
  expect((await write('two')).isError).toBe(true)
  expect(asked).toHaveLength(2)
})
