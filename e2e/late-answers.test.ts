/**
 * Twenty changes each, by clients that behave as ChatGPT and Claude Code do, with an owner who answers when they have long stopped
 * waiting. A twentieth of the real times: questions are held for 2 s instead of 40, and the owner comes back after 15 s instead of five minutes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

const writes = 20
const ownerAway = 15_000
/** After a minute ChatGPT gives a call up and makes it again. */
const chatgptWaits = 3_000

type Era = 'legacy' | 'modern'
type Result = Awaited<ReturnType<Client['callTool']>>

let at: InProcess
let stopped = false
let owner: Promise<void>
beforeAll(async () => {
  at = await startInProcess({ notes: true, approvalWaitMs: 2_000 })
  await at.ask('preferences.set', { requestsPerMinute: null })
  owner = answerLate()
}, 60_000)
afterAll(async () => {
  stopped = true
  await owner
  await at?.stop()
})

/** Says yes to everything, but not before everybody has given up. */
async function answerLate(): Promise<void> {
  while (!stopped) {
    for (const { id, askedAt } of await at.ask('approvals.list'))
      if (Date.now() - askedAt > ownerAway) {
        const { seen } = await at.ask('approvals.get', { id })
        await at.ask('approvals.decide', { id, decision: 'once', seen })
      }
    await sleep(100)
  }
}

async function connect(name: string, era: Era): Promise<Client> {
  const { token } = await at.ask('keys.create', { name, access: 'ask' })
  const client = new Client(
    { name, version: '1' },
    { versionNegotiation: { mode: era === 'modern' ? { pin: '2026-07-28' } : 'legacy' } },
  )
  const headers = { authorization: `Bearer ${token}` }
  await client.connect(
    new StreamableHTTPClientTransport(new URL(at.host.mcpUrl), { requestInit: { headers } }),
  )
  return client
}

const textOf = ({ content }: Result): string => (content as { text: string }[])[0]!.text
const isPending = (result: Result): boolean =>
  (result._meta as Record<string, unknown> | undefined)?.['drawbridge/code'] === 'approval-pending'
const note = (text: string) => ({ name: 'notes__add_note', arguments: { text } })

/** Gives up after a while and makes the same call again; does so too when it is told to wait for the user. */
async function asChatgpt(client: Client, text: string): Promise<Result> {
  for (;;) {
    const result = await client.callTool(note(text), { timeout: chatgptWaits }).catch(() => null)
    if (result !== null && !isPending(result)) return result
    await sleep(200)
  }
}

/** Waits as long as it takes, and asks by the handle that it was given. */
async function asClaudeCode(client: Client, text: string): Promise<Result> {
  let result = await client.callTool(note(text))
  expect(isPending(result)).toBe(true)
  const handle = /handle "([^"]{43})"/.exec(textOf(result))![1]!
  while (isPending(result)) {
    await sleep(200)
    result = await client.callTool({ name: 'drawbridge_check', arguments: { handle } })
  }
  return result
}

const behaviours: [string, Era, typeof asChatgpt][] = [
  ['ChatGPT', 'legacy', asChatgpt],
  ['ChatGPT', 'modern', asChatgpt],
  ['Claude Code', 'legacy', asClaudeCode],
  ['Claude Code', 'modern', asClaudeCode],
]

it.concurrent.each(behaviours)(
  '%s (%s): all twenty arrive, each done once',
  { timeout: 120_000 },
  async (name, era, behave) => {
    const client = await connect(`${name} ${era}`, era)
    const { tools } = await client.listTools()
    expect(tools.map((one) => one.name)).toContain('drawbridge_check')
    const texts = Array.from({ length: writes }, (_, n) => `${name.replace(' ', '-')}-${era}-${n}`)
    const results = await Promise.all(texts.map((text) => behave(client, text)))
    for (const [n, result] of results.entries()) {
      expect(result.isError ?? false, textOf(result)).toBe(false)
      expect(textOf(result).split(' ')).toContain(texts[n])
    }
    const all = textOf(await client.callTool({ name: 'notes__read_notes', arguments: {} })).split(' ')
    for (const text of texts)
      expect(
        all.filter((one) => one === text),
        text,
      ).toHaveLength(1)
    const rows = await at.ask('activity.list', { limit: 500 })
    const own = rows.filter((row) => row.clientName === `${name} ${era}` && row.tool === 'notes__add_note')
    expect(own.map(({ decision, outcome }) => `${decision} ${outcome}`)).toEqual(
      Array.from({ length: writes }, () => 'approved answered'),
    )
    await client.close()
  },
)
