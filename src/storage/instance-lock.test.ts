import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { acquireInstanceLock } from './instance-lock.ts'

let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-lock-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const taken = expect.objectContaining({ code: 'already-running' })

/** Another process that takes the lock and holds it; tells what it got. */
async function holder(): Promise<{ child: ChildProcess; got: string }> {
  const script = `
    import { acquireInstanceLock } from ${JSON.stringify(join(import.meta.dirname, 'instance-lock.ts'))}
    try { acquireInstanceLock(${JSON.stringify(folder)}); console.log('mine') } catch (error) { console.log(error.code) }
    globalThis.gc()
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [data] = await once(child.stdout!, 'data')
  return { child, got: String(data).trim() }
}

it('is held once, also within one process, and can be given back', () => {
  const lock = acquireInstanceLock(folder)
  expect(() => acquireInstanceLock(folder)).toThrow(taken)
  expect(() => acquireInstanceLock(folder)).toThrow(taken)
  lock.release()
  lock.release()
  acquireInstanceLock(folder).release()
  expect(statSync(join(folder, 'lock.db')).mode & 0o077).toBe(0)
})

it('is for one folder', () => {
  const one = acquireInstanceLock(join(folder, 'new', 'one'))
  const two = acquireInstanceLock(join(folder, 'new', 'two'))
  one.release()
  two.release()
})

it('of another process is respected, and ends with kill -9', async () => {
  const { child, got } = await holder()
  expect(got).toBe('mine')
  expect(() => acquireInstanceLock(folder)).toThrow(taken)
  child.kill('SIGKILL')
  await once(child, 'exit')
  acquireInstanceLock(folder).release()
})

it('has one owner when ten start at the same time', { timeout: 30_000 }, async () => {
  const all = await Promise.all(Array.from({ length: 10 }, holder))
  expect(all.map((one) => one.got).sort()).toEqual([...Array(9).fill('already-running'), 'mine'])
})

it('takes a lock file full of rubbish', () => {
  writeFileSync(join(folder, 'lock.db'), 'rubbish '.repeat(1000))
  const lock = acquireInstanceLock(folder)
  expect(() => acquireInstanceLock(folder)).toThrow(taken)
  lock.release()
})

it('says when the folder cannot be used', () => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => acquireInstanceLock(join(folder, 'file'))).toThrow(
    expect.objectContaining({ code: 'data-folder-unwritable' }),
  )
  if (process.platform === 'linux')
    expect(() => acquireInstanceLock('/proc/nothing')).toThrow(
      expect.objectContaining({ code: 'data-folder-unwritable' }),
    )
})
