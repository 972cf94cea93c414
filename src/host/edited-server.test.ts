import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Approval, ApprovalDetails } from '../contract/approvals.ts'
import type { Server } from '../contract/servers.ts'
import { createHost } from './create-host.ts'
import type { Host } from './host.ts'

/** The whole host, with a server that says what it was started with. */
const program = `
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line)
  if (id === undefined) return
  const result = method === 'initialize'
    ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'r', version: '1' } }
    : method === 'tools/list' ? { tools: [{ name: 'change', inputSchema: { type: 'object' } }] }
    : { content: [{ type: 'text', text: 'ran by ' + process.argv[1] + ' with ' + process.env.MODE }] }
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n')
})`
const started = (name: string, MODE = 'x') => ({
  ...{ kind: 'stdio', name: 'Notes', command: process.execPath, env: { MODE } },
  args: ['-e', program, name],
})
let host: Host
let token: string
beforeAll(async () => {
  host = await createHost({
    ...{
      dataDir: mkdtempSync(join(tmpdir(), 'drawbridge-edited-')),
      shell: 'headless',
      version: '0.0.0-test',
    },
    ...{ tunnelHost: 'http://127.0.0.1:9', env: { ...process.env, DRAWBRIDGE_VAULT: 'file' } },
  })
  token = (await ask<{ token: string }>('keys.create', { name: 'k', access: 'ask' })).token
})
afterAll(() => host.stop())

async function ask<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw new Error(JSON.stringify(reply.error))
  return reply.value as T
}
const call = () =>
  fetch(host.mcpUrl, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      accept: 'application/json, text/event-stream',
    },
    body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"notes__change","arguments":{}}}',
  }).then((answer) => answer.text())
const waiting = async () => {
  await expect.poll(async () => (await ask<Approval[]>('approvals.list')).length).toBe(1)
  const [{ id }] = (await ask<Approval[]>('approvals.list')) as [Approval]
  const { seen } = await ask<ApprovalDetails>('approvals.get', { id })
  return { id, decision: 'once', seen }
}

it('what was asked about one program does not run on another that its owner put in its place', async () => {
  const { id } = await ask<Server>('servers.add', started('A'))
  for (const other of [started('B'), started('B', 'y')]) {
    const answer = call()
    const yes = await waiting()
    await ask('servers.edit', { ...other, id })
    await ask('approvals.decide', yes)
    const text = await answer
    expect(text).toContain('changed while it waited')
    expect(text).not.toContain('ran by')
  }
  const again = call()
  const yes = await waiting()
  await ask('servers.edit', { ...started('B', 'y'), id, env: { MODE: null }, timeout: 20_000 })
  await ask('approvals.decide', yes)
  expect(await again).toContain('ran by B with y')
})

it('nor while its owner is putting it there', async () => {
  const { id } = (await ask<Server[]>('servers.list'))[0]!
  for (let n = 1; n <= 12; n += 1) {
    const answer = call()
    const yes = await waiting()
    const edit = ask('servers.edit', { ...started(`P${n}`), id })
    await sleep(n * 8)
    // It may be taken back by then.
    await ask('approvals.decide', yes).catch(() => {})
    expect(await answer).not.toContain(`ran by P${n}`)
    await edit
  }
})

it('nor what was asked about while it was half there', async () => {
  const { id } = (await ask<Server[]>('servers.list'))[0]!
  const edit = ask('servers.edit', { ...started('Q'), id })
  const answer = call()
  const yes = await waiting()
  await edit
  await ask('approvals.decide', yes)
  expect(await answer).toContain('changed while it waited')
})

it('and a restart that was asked for just before starts nothing beside it', async () => {
  const { id } = (await ask<Server[]>('servers.list'))[0]!
  const log = join(mkdtempSync(join(tmpdir(), 'drawbridge-edited-')), 'starts.txt')
  writeFileSync(log, '')
  const noting = `require('node:fs').appendFileSync(process.argv[2], process.argv[1] + process.env.MODE + ' ');
process.stdin.on('end', () => setTimeout(() => process.exit(), 400));${program}`
  const of = (n: number) => ({ ...started(`${n}`, `${n}`), args: ['-e', noting, `${n}`, log] })
  await ask('servers.edit', { ...of(0), id })
  for (let n = 1; n <= 5; n += 1) {
    const restart = ask('servers.restart', { id })
    await sleep(n * 10)
    await ask('servers.edit', { ...of(n), id })
    await restart
    const text = call()
    await ask('approvals.decide', await waiting())
    expect(await text).toContain(`ran by ${n} with ${n}`)
  }
  expect(readFileSync(log, 'utf8')).toBe('00 11 22 33 44 55 ')
})
