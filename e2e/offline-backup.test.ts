import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CallName, Input, Output } from '../src/contract/api.ts'
import { openOffline } from '../src/host/offline-backups.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

/** What is backed up of a Drawbridge that was killed: the last rows of its log are beside the database (decision 28). */
const env = { ...process.env, DRAWBRIDGE_VAULT: 'file' }
const passphrase = 'three words and more'
const version = '0.0.0-test'
let root: string
let world: InProcess | undefined
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drawbridge-offline-'))
})
afterEach(async () => {
  await world?.stop()
  world = undefined
  rmSync(root, { recursive: true, force: true })
})

/** Nothing runs over the folder meanwhile. */
async function offline<T>(
  dataDir: string,
  work: (ask: <K extends CallName>(name: K, input: Input<K>) => Promise<Output<K>>) => Promise<T>,
): Promise<T> {
  const { dispatch, close } = await openOffline({ dataDir, version, env })
  try {
    return await work(async (name, input) => {
      const reply = await dispatch(name, input)
      if (!reply.ok) throw new Error(JSON.stringify(reply.error))
      return reply.value as never
    })
  } finally {
    await close()
  }
}

async function callNotes({ host }: InProcess, token: string, id: number): Promise<void> {
  const params = { name: 'notes__read_notes', arguments: {} }
  const answer = await fetch(host.mcpUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params }),
  })
  expect(await answer.text()).toContain('first')
}

it('a backup made offline has the last rows of the log, and a Drawbridge that is restored from it starts with them', async () => {
  world = await startInProcess({ dataDir: join(root, 'data'), notes: true })
  const { token } = await world.ask('keys.create', { name: 'Script', access: 'everything' })
  const killed = join(root, 'killed')
  const tail = join(killed, 'activity.db-tail')
  // As the files lie there at that moment; a row moves after a fifth of a second, and the machine may be slower than that.
  for (let tries = 0; tries < 20; tries += 1) {
    await callNotes(world, token, tries)
    rmSync(killed, { recursive: true, force: true })
    cpSync(world.dataDir, killed, { recursive: true })
    if (statSync(tail).size > 0) break
  }
  const [last] = readFileSync(tail, 'utf8').trim().split('\n').slice(-1)
  expect(last).toContain('notes__read_notes')
  const calls = await world.ask('activity.list', {})
  await world.stop()

  const bytes = await offline(killed, async (ask) => {
    const { id } = await ask('backup.create', { passphrase, log: true })
    const parts: string[] = []
    for (let from: number | null = 0; from !== null; ) {
      const part: Output<'backup.read'> = await ask('backup.read', { id, from })
      parts.push(part.data)
      from = part.next
    }
    return parts
  })
  const restored = join(root, 'restored')
  await offline(restored, async (ask) => {
    let id: string | null = null
    for (const data of bytes) id = (await ask('backup.put', { id, data })).id
    expect(await ask('backup.restore', { id: id!, passphrase })).toMatchObject({ facts: { log: true } })
  })
  world = await startInProcess({ dataDir: restored })
  const after = await world.ask('activity.list', {})
  expect(after.map(({ id, tool }) => [id, tool])).toEqual(calls.map(({ id, tool }) => [id, tool]))
  expect(await world.ask('activity.check')).toMatchObject({ changed: [], missing: 0, more: 0 })
}, 120_000)

it('a start forgets what was handed over to a Drawbridge that was killed', async () => {
  const dataDir = join(root, 'data')
  await offline(dataDir, (ask) => ask('backup.create', { passphrase, log: false }))
  writeFileSync(join(dataDir, 'backups', 'backup_0123456789ab'), 'half of one')
  await offline(dataDir, async () => {})
  expect(readdirSync(join(dataDir, 'backups'))).toEqual([])
}, 60_000)

it('a backup that is made while none runs is told at the next start', async () => {
  const dataDir = join(root, 'data')
  const { dispatch, close } = await openOffline({ dataDir, version, env })
  expect(await dispatch('backup.create', { passphrase, log: false }, 'command-line')).toMatchObject({
    ok: true,
  })
  await close()
  world = await startInProcess({ dataDir })
  const { notices } = await world.ask('status.get')
  expect(notices.map(({ message }) => message).join()).toMatch(/A backup of everything.*on the command line/)
}, 60_000)
