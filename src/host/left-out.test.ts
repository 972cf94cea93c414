import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Server } from '../contract/servers.ts'
import { createHost } from './create-host.ts'
import type { Host } from './host.ts'

const fixture = join(import.meta.dirname, '../servers/testing/fixture-odd.mjs')
const dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-left-out-'))
let host: Host
beforeAll(async () => {
  host = await createHost({
    ...{ dataDir, shell: 'headless', version: '0.0.0-test', tunnelHost: 'http://127.0.0.1:9' },
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
  })
})
afterAll(async () => {
  await host.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function say<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw new Error(`${name}: ${JSON.stringify(reply.error)}`)
  return reply.value as T
}

it('counts what apps get and names the rest, whoever left it out', async () => {
  const line = (result: object) => JSON.stringify({ jsonrpc: '2.0', id: 'ID', result }).replace('"ID"', 'ID')
  const odd = {
    'tools/list': line({
      tools: [
        { name: 'plain' },
        { name: 'good', inputSchema: { type: 'object' } },
        { name: 'text', inputSchema: { type: 'string' } },
        { name: 'bad\u0000name', inputSchema: {} },
      ],
    }),
    'resources/list': line({
      resources: [
        { uri: 'no-scheme', name: 'a' },
        { uri: 'a://b', name: 'b' },
      ],
    }),
    'prompts/list': line({}),
  }
  const input = {
    kind: 'stdio',
    name: 'Odd',
    command: process.execPath,
    args: [fixture, JSON.stringify(odd)],
  }
  const added = await say<Server>('servers.add', input)
  const [listed] = await say<Server[]>('servers.list')
  for (const server of [added, listed!]) {
    expect(server).toMatchObject({ state: 'running', tools: 2, resources: 1, prompts: 0 })
    expect(server.leftOut.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'list prompts',
      'resource a',
      'tool bad\u0000name',
      'tool text',
    ])
    for (const { why } of server.leftOut) expect(why).not.toBe('')
  }
  const { token } = await say<{ token: string }>('keys.create', { name: 'laptop', access: 'everything' })
  const answer = await fetch(host.mcpUrl, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      accept: 'application/json, text/event-stream',
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  })
  const { tools } = ((await answer.json()) as { result: { tools: { name: string; inputSchema: object }[] } })
    .result
  expect(tools.filter(({ name }) => name.startsWith('odd')).map(({ name }) => name)).toEqual([
    'odd__good',
    'odd__plain',
  ])
  expect(tools.find(({ name }) => name === 'odd__plain')!.inputSchema).toEqual({
    type: 'object',
    properties: {},
  })
})

it('passes an answer that is larger than the owner lets servers send as words', async () => {
  await say('preferences.set', { largestAnswer: 1 })
  expect(await say('preferences.get')).toMatchObject({ largestAnswer: 1 })
  const answer = { content: [{ type: 'text', text: 'x'.repeat(1_500_000) }] }
  // Within the line of a command there is no room for it.
  const source = `
    const line = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n')
    const answers = {
      initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'n', version: '1' } },
      'tools/list': { tools: [{ name: 'photo', annotations: { readOnlyHint: true } }] },
      'tools/call': { content: [{ type: 'text', text: 'x'.repeat(${answer.content[0]!.text.length}) }] },
    }
    require('node:readline').createInterface({ input: process.stdin }).on('line', (text) => {
      const { id, method } = JSON.parse(text)
      if (id !== undefined) line(id, answers[method] ?? {})
    })`
  await say('servers.add', { kind: 'stdio', name: 'Camera', command: process.execPath, args: ['-e', source] })
  const { token } = await say<{ token: string }>('keys.create', { name: 'phone', access: 'everything' })
  const call = async () => {
    const reply = await fetch(host.mcpUrl, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        accept: 'application/json, text/event-stream',
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"camera__photo","arguments":{}}}',
    })
    return ((await reply.json()) as { result: { isError?: boolean; content: { text: string }[] } }).result
  }
  const dropped = await call()
  expect(dropped.isError).toBe(true)
  expect(dropped.content[0]!.text).toMatch(/larger than 1 MB, which was dropped\..*Settings, Limits/)
  await say('preferences.set', { largestAnswer: 32 })
  expect(await call()).toEqual(answer)
})
