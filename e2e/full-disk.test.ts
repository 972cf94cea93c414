import { execFile, execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { exitCodes, neverAgain } from '../src/cli/exit-codes.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

/** Access is ended while the disk is full, and Drawbridge crashes before there is room: who was put out stays out. */
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
let root: string
let world: InProcess | undefined
let unmount = () => {}
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drawbridge-full-'))
})
afterEach(async () => {
  await world?.stop()
  world = undefined
  unmount()
  unmount = () => {}
  rmSync(root, { recursive: true, force: true })
})

const start = async (dataDir: string): Promise<InProcess> => {
  world = await startInProcess({ dataDir })
  return world
}
const asked = async ({ host }: InProcess, key: string, message: object = listTools): Promise<number> => {
  const { status } = await fetch(host.mcpUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${key}`,
    },
    body: JSON.stringify(message),
  })
  return status
}
/** A call that the owner allows for whenever it comes again. */
async function allowAddingNotes(at: InProcess, key: string): Promise<void> {
  const params = { name: 'notes__add_note', arguments: { text: 'more' } }
  const call = asked(at, key, { jsonrpc: '2.0', id: 2, method: 'tools/call', params })
  await expect.poll(async () => (await at.ask('approvals.list')).length).toBe(1)
  const [{ id } = { id: '' }] = await at.ask('approvals.list')
  const { seen } = await at.ask('approvals.get', { id })
  await at.ask('approvals.decide', { id, decision: 'tool', seen })
  expect(await call).toBe(200)
}
/** A file system of its own, or null where this user may make none. */
function diskOf(megabytes: number): string | null {
  const disk = join(root, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', disk], { stdio: 'ignore' })
  } catch {
    return null
  }
  unmount = () => execFileSync('umount', ['-l', disk])
  return disk
}
function fill(folder: string): void {
  for (let size = 1_000_000; size >= 512; size = Math.floor(size / 2))
    try {
      for (;;) writeFileSync(join(folder, 'filler'), 'x'.repeat(size), { flag: 'a' })
    } catch {}
}

it('on a disk that is really full', async (context) => {
  const disk = diskOf(80)
  if (disk === null) return context.skip()
  const data = join(disk, 'data')
  const first = await start(data)
  const { grant, token } = await first.ask('keys.create', { name: 'Script' })
  const { token: other } = await first.ask('keys.create', { name: 'Another' })
  expect(await asked(first, token)).toBe(200)
  expect(existsSync(join(data, 'reserve'))).toBe(true)
  fill(disk)
  await first.ask('grants.revoke', { id: grant.id })
  expect(await asked(first, token)).toBe(401)
  // As it lies there at this moment.
  const crashed = join(root, 'crashed')
  cpSync(data, crashed, { recursive: true })
  rmSync(join(disk, 'filler'))
  await first.stop()
  const second = await start(crashed)
  expect(await asked(second, token)).toBe(401)
  expect(await asked(second, other)).toBe(200)
}, 60_000)

it('and where even the room that is kept for it did not help, the next start lets nobody in, and says why', async () => {
  const data = join(root, 'data')
  const first = await startInProcess({ dataDir: data, notes: true })
  world = first
  const { token } = await first.ask('keys.create', { name: 'Script', access: 'ask' })
  await first.ask('adminKey.create')
  await allowAddingNotes(first, token)
  expect((await first.ask('rules.list')).map(({ effect }) => effect)).toEqual(['allow'])
  await first.stop()
  writeFileSync(join(data, 'reserve.unwritten'), '')
  const second = await start(data)
  expect(await asked(second, token)).toBe(503)
  const { bridge, notices } = await second.ask('status.get')
  expect(bridge.state).toBe('raised')
  expect(notices.map(({ message }) => message)).toContainEqual(expect.stringContaining('the disk was full'))
  expect(existsSync(join(data, 'reserve.unwritten'))).toBe(false)
  expect(await second.ask('adminKey.get')).toEqual({ createdAt: null })
  expect(await second.ask('rules.list')).toEqual([])
  await second.stop()
  // Until the owner has looked.
  const third = await start(data)
  expect(await asked(third, token)).toBe(503)
  expect((await third.ask('status.get')).notices.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('the disk was full'),
  )
  expect(await third.ask('adminKey.get')).toEqual({ createdAt: null })
  expect(await third.ask('rules.list')).toEqual([])
  await third.ask('bridge.lower')
  expect(await asked(third, token)).toBe(200)
  expect((await third.ask('status.get')).bridge.state).toBe('local')
}, 60_000)

/** As the unit of a service starts it; gives how it ended. */
async function serveAsService(dataDir: string): Promise<{ code: unknown; said: string }> {
  const args = [join(import.meta.dirname, '../src/cli/main.ts'), 'serve', '--no-open', '--data', dataDir]
  const env = { ...process.env, DRAWBRIDGE_VAULT: 'file' }
  const ports = ['--port', '0', '--ui-port', '0']
  try {
    await promisify(execFile)(process.execPath, [...args, ...ports, '--as-service'], { env, timeout: 60_000 })
    return { code: 0, said: '' }
  } catch (error) {
    const { code, stderr } = error as { code: unknown; stderr: string }
    return { code, said: stderr }
  }
}

it.for([0, 40])(
  'a service that finds no room, %i KB, ends so that it is started again',
  { timeout: 90_000 },
  async (left, context) => {
    const disk = diskOf(20)
    if (disk === null) return context.skip()
    fill(disk)
    const filler = join(disk, 'filler')
    truncateSync(filler, statSync(filler).size - left * 1_024)
    const { code, said } = await serveAsService(join(disk, 'data'))
    expect(said).toContain('The disk is full')
    expect(code).toBe(exitCodes.failure)
    expect(neverAgain).not.toContain(code)
  },
)

it('and one whose folder is none ends for good', async () => {
  writeFileSync(join(root, 'file'), '')
  expect(await serveAsService(join(root, 'file', 'data'))).toMatchObject({ code: 0 })
}, 90_000)
