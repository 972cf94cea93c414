import { mkdtempSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ConnectionRequest, Grant } from '../src/contract/access.ts'
import { type Assistant, connectAssistant } from './fixtures/assistant.ts'
import { browserByHand } from './fixtures/browser-by-hand.ts'
import { newDataDir, type RunningHost, startHost } from './fixtures/host.ts'

/** The host as a process: killed without warning while it answers, and started again on the same folder. */
const require = createRequire(import.meta.url)
const filesystemServer = join(
  require.resolve('@modelcontextprotocol/server-filesystem/package.json'),
  '../dist/index.js',
)
const dataDir = newDataDir()
const folder = mkdtempSync(join(tmpdir(), 'drawbridge-files-'))
let host: RunningHost
let assistant: Assistant

beforeAll(async () => {
  writeFileSync(join(folder, 'note.txt'), 'still here')
  host = await startHost({ dataDir })
  await host.json('server', 'add', 'Files', '--', process.execPath, filesystemServer, folder)
  await host.json('connect', 'other')
  assistant = await connectAssistant(
    host.mcp,
    { kind: 'dynamic', name: 'Survivor', redirect: 'http://127.0.0.1:49152/callback' },
    browserByHand(async (digits) => {
      const { connections } = await host.json<{ connections: ConnectionRequest[] }>('requests')
      const [request] = connections
      await host.json('approve', request!.id, '--digits', digits, '--access', 'everything')
    }),
  )
})
afterAll(() => host?.stop())

const read = (id: number) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name: 'files__read_text_file', arguments: { path: join(folder, 'note.txt'), head: id } },
})

it('keeps the token and every answered call through kill -9', { timeout: 120_000 }, async () => {
  let answered = 0
  let id = 0
  for (let round = 0; round < 5; round += 1) {
    const began = id
    const lane = async () => {
      for (;;) {
        id += 1
        try {
          const response = await assistant.post(read(id))
          const body = await response.text()
          if (response.status !== 200 || !body.includes('still here')) return
          answered += 1
        } catch {
          return // the host is gone, as intended
        }
      }
    }
    const lanes = Promise.all([lane(), lane(), lane(), lane()])
    await new Promise((done) => setTimeout(done, 150 + round * 70))
    await host.kill()
    await lanes
    expect(id, 'calls were under way when the host died').toBeGreaterThan(began + 4)

    host = await startHost({ dataDir })
    expect(host.mcp, 'the same address').toBe(assistant.resource)
    expect((await assistant.post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })).status).toBe(
      200,
    )
    await expect
      .poll(async () => (await assistant.post(read(0))).text(), { timeout: 15_000 })
      .toContain('still here')
    answered += 1
  }
  await assistant.refresh()
  expect((await assistant.post({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })).status).toBe(200)

  await host.stop()
  const db = new DatabaseSync(join(dataDir, 'activity.db'))
  const { n } = db.prepare("SELECT count(*) AS n FROM calls WHERE outcome = 'answered'").get() as {
    n: number
  }
  expect(n).toBeGreaterThanOrEqual(answered)
  expect(db.prepare("SELECT count(*) AS n FROM calls WHERE outcome = 'running'").get()).toEqual({ n: 0 })
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  db.close()
  console.log(`answered ${answered} calls over 5 kills, logged ${n}`)
  host = await startHost({ dataDir })
})

it('knows its client afterwards, and has nothing to apologise for', async () => {
  const { notices } = await host.json<{ notices: { message: string }[] }>('status')
  // What this test did on the command line is told, and goes on being told; nothing else is.
  expect(notices.map(({ message }) => message.replace(/at \d.*/, ''))).toEqual([
    'A server “Files” was added on the command line ',
    'For ten minutes apps that you do not know may ask to be let in: that was opened on the command line ',
    '“MCP — Survivor” was let in with “Everything” on the command line ',
  ])
  const clients = await host.json<Grant[]>('client', 'list')
  expect(clients.map((client) => client.name).join()).toContain('Survivor')
})
