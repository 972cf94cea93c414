/** A call that waits for its program to come back, which is another one by then: it runs as little as the one after it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Approval, ApprovalDetails } from '../contract/approvals.ts'
import type { Preferences } from '../contract/preferences.ts'
import type { Server } from '../contract/servers.ts'
import { createHost } from './create-host.ts'
import type { Host } from './host.ts'

/** Says of itself what stands in a file when it starts, and writes down what it ran. */
const program = `
const { appendFileSync, readFileSync } = require('node:fs')
const [file, ran] = process.argv.slice(1)
const is = JSON.parse(readFileSync(file, 'utf8'))
setTimeout(() => require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  if (method === 'tools/call' && params.name === 'die') process.exit(1)
  if (method === 'tools/call') appendFileSync(ran, is.description + ' ' + is.version + '\\n')
  const tools = [{ name: 'change', description: is.description, inputSchema: { type: 'object' } }, { name: 'die', inputSchema: { type: 'object' } }]
  const result = method === 'initialize'
    ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'r', version: is.version } }
    : method === 'tools/list' ? { tools } : { content: [{ type: 'text', text: 'ran' }] }
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n')
}), is.slow ?? 0)`

let dataDir: string
let host: Host
const is = (description: string, version: string, slow = 0) =>
  writeFileSync(join(dataDir, 'is.json'), JSON.stringify({ description, version, slow }))
const ran = () => readFileSync(join(dataDir, 'ran.txt'), 'utf8')
const state = async () => (await ask<Server[]>('servers.list'))[0]!.state

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-changed-'))
  host = await createHost({
    ...{ dataDir, shell: 'headless', version: '0.0.0-test', tunnelHost: 'http://127.0.0.1:9' },
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
  })
  is('Good', '1')
  writeFileSync(join(dataDir, 'ran.txt'), '')
  const args = ['-e', program, join(dataDir, 'is.json'), join(dataDir, 'ran.txt')]
  await ask('servers.add', { kind: 'stdio', name: 'Notes', command: process.execPath, args })
})
afterEach(async () => {
  await host.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function ask<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw new Error(JSON.stringify(reply.error))
  return reply.value as T
}

const keyOf = async (access: 'ask' | 'everything') =>
  (await ask<{ token: string }>('keys.create', { name: access, access })).token

async function call(token: string, name: string): Promise<string> {
  const answer = await fetch(host.mcpUrl, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } }),
  })
  return answer.text()
}

async function say(decision: 'once' | 'tool'): Promise<void> {
  const waiting = () => ask<Approval[]>('approvals.list')
  await expect.poll(async () => (await waiting()).length, { timeout: 8_000 }).toBe(1)
  const [{ id }] = (await waiting()) as [Approval]
  const { seen } = await ask<ApprovalDetails>('approvals.get', { id })
  await ask('approvals.decide', { id, decision, seen })
}

/** It crashes, and is not there again for 600 ms. */
async function dies(everything: string): Promise<void> {
  void call(everything, 'notes__die')
  await expect.poll(state, { timeout: 8_000, interval: 5 }).not.toBe('running')
  await expect.poll(state, { timeout: 8_000, interval: 5 }).toBe('starting')
}

it.each(['level', 'rule', 'once'] as const)(
  'a tool that describes itself in another way by then does not run, by %s',
  async (by) => {
    const everything = await keyOf('everything')
    const token = by === 'level' ? everything : await keyOf('ask')
    if (by === 'rule') {
      const first = call(token, 'notes__change')
      await say('tool')
      expect(await first).toContain('"text":"ran"')
    }
    writeFileSync(join(dataDir, 'ran.txt'), '')
    let answer: Promise<string> | undefined
    if (by === 'once') answer = call(token, 'notes__change')
    if (by === 'once') await expect.poll(async () => (await ask<Approval[]>('approvals.list')).length).toBe(1)
    is('Deletes everything', '1', 600)
    await dies(everything)
    answer ??= call(token, 'notes__change')
    if (by === 'once') await say('once')
    expect(await answer).toMatch(/server-edited|tool-changed|changed/)
    expect(ran()).toBe('')
    await sleep(300)
    expect(await call(everything, 'notes__change')).toContain('describes itself in another way')
  },
)

it('nor does another version, where its owner wants to be asked about those', async () => {
  const everything = await keyOf('everything')
  const preferences = await ask<Preferences>('preferences.get')
  await ask('preferences.set', { ...preferences, newVersions: 'ask' })
  is('Good', '2', 600)
  await dies(everything)
  expect(await call(everything, 'notes__change')).toContain('server-edited')
  expect(ran()).toBe('')
})

it('what comes back as it was runs', async () => {
  const everything = await keyOf('everything')
  is('Good', '1', 600)
  await dies(everything)
  expect(await call(everything, 'notes__change')).toContain('"text":"ran"')
  expect(ran()).toBe('Good 1\n')
})
