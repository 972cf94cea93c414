import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshAddress } from '../src/contract/agreed/stale-list.ts'
import { type Assistant, connectAssistant } from './fixtures/assistant.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

/** An assistant that goes on with the list of fifty tools that it fetched once, while they are renamed, removed and added. */
const fifty = Array.from({ length: 50 }, (_, at) => `tool_${String(at).padStart(2, '0')}`)
/** It lists what a file names, and says when that changes. */
const server = `
const { readFileSync, watchFile } = require('node:fs')
const file = process.argv[1]
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n')
const names = () => JSON.parse(readFileSync(file, 'utf8'))
watchFile(file, { interval: 50 }, () => send({ method: 'notifications/tools/list_changed' }))
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  if (method === 'initialize') return send({ id, result: { protocolVersion: '2025-11-25', capabilities: { tools: { listChanged: true } }, serverInfo: { name: 'many', version: '1' } } })
  if (method === 'tools/list') return send({ id, result: { tools: names().map((name) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint: true, openWorldHint: false } })) } })
  if (method === 'tools/call' && names().includes(params.name)) return send({ id, result: { content: [{ type: 'text', text: 'answer of ' + params.name }] } })
  send({ id, error: { code: -32602, message: 'no such thing' } })
})`

let world: InProcess
let assistant: Assistant
let file: string
/** By the assistant's old list. */
let old: string[]
const grant = async () => (await world.ask('grants.list')).find(({ kind }) => kind === 'client')!

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isSo()) return
    await sleep(50)
  }
  throw new Error(`never: ${what}`)
}
const post = async (method: string, params: object) =>
  (await (await assistant.post({ jsonrpc: '2.0', id: 1, method, params })).json()) as {
    result?: { tools?: { name: string }[]; content?: { text: string }[]; isError?: boolean }
    error?: { code: number; message: string }
  }
const list = async () =>
  (await post('tools/list', {}))
    .result!.tools!.map(({ name }) => name)
    .filter((name) => name.includes('tool_'))

beforeAll(async () => {
  world = await startInProcess()
  file = join(world.dataDir, 'fixture-tools.json')
  writeFileSync(file, JSON.stringify(fifty))
  await world.ask('servers.add', {
    ...{ kind: 'stdio', name: 'Many', command: process.execPath, args: ['-e', server, file] },
  })
  await until('the server runs', async () =>
    (await world.ask('tools.list')).some((tool) => tool.name.includes('tool_49')),
  )
  const browse = await world.letIn({ access: 'everything' })
  const registration = { kind: 'dynamic', name: 'Old list', redirect: 'http://127.0.0.1:9999/back' } as const
  assistant = await connectAssistant(`${world.local}/mcp`, registration, browse, world.fetch)
  old = await list()
  expect(old).toHaveLength(50)
}, 60_000)
afterAll(() => world?.stop())

describe('fifty tools of an old list', () => {
  it('are answered, or it is said what became of them and what to do', async () => {
    await until('its list is noted', async () => (await grant()).served?.current === true)
    const ids = (await world.ask('tools.list')).filter(({ name }) => old.includes(name))
    // The owner renames 20, one of them twice; the server loses 15, calls 5 others otherwise, and has 10 more.
    for (const [at, { id }] of ids.slice(0, 20).entries())
      await world.ask('tools.set', { id, alias: `mine_${at}` })
    await world.ask('tools.set', { id: ids[0]!.id, alias: 'mine_again' })
    const left = [...fifty.slice(0, 20), ...fifty.slice(40)]
    const renamed = fifty.slice(35, 40).map((name) => `new_${name}`)
    writeFileSync(
      file,
      JSON.stringify([...left, ...renamed, ...Array.from({ length: 10 }, (_, at) => `added_${at}`)]),
    )
    await until('the server lists others', async () =>
      (await world.ask('tools.list')).some((tool) => tool.name.endsWith('added_9')),
    )
    const { answered, explained, unexplained } = await callAll(old)
    expect({ answered, explained, unexplained }).toEqual({ answered: 30, explained: 20, unexplained: [] })
    // By the name in between too.
    expect((await post('tools/call', { name: 'mine_0', arguments: {} })).result?.content?.[0]?.text).toMatch(
      /answer of tool_00/,
    )
    expect((await grant()).served?.current).toBe(false)
    console.log(
      `stale list: 50 old names, ${answered} answered, ${explained} explained, ${unexplained.length} unexplained`,
    )
  }, 60_000)

  it('may do by an old name what they may by the new one, and nothing else', async () => {
    const one = (await world.ask('tools.list')).find(({ name }) => name === 'mine_1')!
    await world.ask('tools.set', { id: one.id, enabled: false })
    const { result } = await post('tools/call', { name: old[1]!, arguments: {} })
    expect(result?.isError).toBe(true)
    expect(result?.content?.[0]?.text).not.toMatch(/answer of/)
    // Who gets the old name now is meant by it.
    const other = (await world.ask('tools.list')).find(({ name }) => name === 'mine_2')!
    await world.ask('tools.set', { id: other.id, alias: 'mine_0' })
    expect((await post('tools/call', { name: 'mine_0', arguments: {} })).result?.content?.[0]?.text).toMatch(
      /answer of tool_02/,
    )
  })

  it('are fetched anew at a fresh address, which is the same place with a sign-in of its own', async () => {
    const url = freshAddress(`${world.local}/mcp`, Date.now())
    expect(url).toMatch(/\/mcp\?v=\d+$/)
    const browse = await world.letIn({ access: 'look' })
    const registration = { kind: 'dynamic', name: 'Fresh', redirect: 'http://127.0.0.1:9998/back' } as const
    const fresh = await connectAssistant(url, registration, browse, world.fetch)
    const client = await fresh.mcp('legacy')
    const { tools } = await client.listTools()
    await client.close()
    expect(tools.map(({ name }) => name)).toContain('mine_again')
    // For a client that names in its requests what was typed.
    const typed = new URLSearchParams({
      ...{ grant_type: 'refresh_token', refresh_token: fresh.tokens.refresh, client_id: fresh.clientId },
      resource: url,
    })
    const answer = await world.fetch(`${world.local}/oauth/token`, { method: 'POST', body: typed })
    expect(answer.status).toBe(200)
    for (const odd of [`${url}&x=1`, `${world.local}/mcp?v=a`, `${world.local}/mcp?x=1`]) {
      const refused = await world.fetch(`${world.local}/oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({ ...Object.fromEntries(typed), resource: odd }),
      })
      expect(refused.status, odd).toBe(400)
    }
  }, 30_000)
})

async function callAll(names: string[]) {
  let [answered, explained] = [0, 0]
  const unexplained: string[] = []
  for (const name of names) {
    const { result, error } = await post('tools/call', { name, arguments: {} })
    if (result && result.isError !== true && result.content?.[0]?.text.startsWith('answer of')) answered += 1
    else if (error && /removed or renamed.*refresh the tools/s.test(error.message)) explained += 1
    else unexplained.push(`${name}: ${JSON.stringify(result ?? error)}`)
  }
  return { answered, explained, unexplained }
}
