import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createKeepAwake } from './keep-awake.ts'

let folder: string
const program = (text: string) => {
  const file = join(folder, 'systemd-inhibit')
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
}
const env = () => ({ PATH: `${folder}:/usr/bin:/bin`, HOME: folder, DRAWBRIDGE_PASSPHRASE: 'secret-of-ours' })
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-awake-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('holds the system awake by its own program until it is told otherwise, and gives it nothing of ours', async () => {
  program(`echo $$ >'${folder}/pid'; env >'${folder}/env'; for last; do :; done; exec "$last"`)
  const keepAwake = createKeepAwake(env(), 'linux')
  expect(await keepAwake(true)).toBe(true)
  const pid = Number(read('pid'))
  expect(isAlive(pid)).toBe(true)
  expect(read('env')).not.toContain('secret-of-ours')
  await keepAwake(false)
  await expect.poll(() => isAlive(pid)).toBe(false)
})

it('says that it cannot be had where the system refuses it, or there is no such program', async () => {
  program('exit 1')
  expect(await createKeepAwake(env(), 'linux')(true)).toBe(false)
  expect(await createKeepAwake(env(), 'win32')(true)).toBe(false)
  rmSync(join(folder, 'systemd-inhibit'))
  expect(await createKeepAwake({ ...env(), PATH: folder }, 'darwin')(true)).toBe(false)
})

it('holds nothing that was taken back before it was found', async () => {
  program(`echo $$ >'${folder}/pid'; exec cat`)
  const keepAwake = createKeepAwake(env(), 'linux')
  const asked = keepAwake(true)
  await keepAwake(false)
  expect(await asked).toBe(false)
  expect(() => read('pid')).toThrow()
})
