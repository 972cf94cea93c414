import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireInstanceLock } from './instance-lock.ts'
import { checkOwnFile, checkOwnFolder } from './own-folder.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'drawbridge-own-'))
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const folder = (mode: number, ...names: string[]) => {
  const path = join(base, ...names)
  mkdirSync(path, { recursive: true })
  chmodSync(path, mode)
  return path
}
const shared = expect.objectContaining({ code: 'data-folder-shared' })

describe.skipIf(process.platform === 'win32')('a data folder', () => {
  it('may lie in a folder of the user, of the system, or one where everybody has only what is theirs', () => {
    checkOwnFolder(folder(0o700, 'mine'))
    checkOwnFolder(join(base, 'not', 'there', 'yet'))
    folder(0o1777, 'everybody')
    checkOwnFolder(folder(0o755, 'everybody', 'mine'))
  })

  it('that somebody else could replace is refused before anything is made', () => {
    const open = folder(0o777, 'open')
    const wanted = join(open, 'data')
    expect(() => acquireInstanceLock(wanted)).toThrow(shared)
    expect(() => acquireInstanceLock(join(open, 'a', 'b'))).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(open),
        hint: expect.stringContaining(`chmod o-w ${open}`),
      }),
    )
    expect(existsSync(wanted)).toBe(false)
    folder(0o700, 'open', 'data')
    expect(() => acquireInstanceLock(wanted)).toThrow(shared)
  })

  it('into which everybody may write is refused, sticky or not', () => {
    for (const mode of [0o777, 0o1777])
      expect(() => acquireInstanceLock(folder(mode, 'data'))).toThrow(shared)
  })

  it('of another user, or in a folder of theirs, is refused', () => {
    // As somebody else sees it, who is neither its owner nor the system.
    const path = folder(0o755, 'theirs')
    const owner = process.getuid!()
    if (owner !== 0) expect(() => checkOwnFolder(path, owner + 1)).toThrow(shared)
    else {
      const { chownSync } = process.getBuiltinModule('node:fs')
      chownSync(path, 4321, 4321)
      expect(() => acquireInstanceLock(path)).toThrow(shared)
      expect(() => acquireInstanceLock(join(path, 'data'))).toThrow(/belongs to another user/)
      checkOwnFolder(path, 4321)
    }
  })

  it('is looked at where links lead, each of them', () => {
    const open = folder(0o777, 'open')
    folder(0o700, 'open', 'data')
    symlinkSync(join(open, 'data'), join(base, 'second'))
    symlinkSync('second', join(base, 'first'))
    expect(() => checkOwnFolder(join(base, 'first'))).toThrow(shared)
    symlinkSync(folder(0o700, 'mine'), join(base, 'fine'))
    checkOwnFolder(join(base, 'fine', 'data'))
    symlinkSync('circle', join(base, 'circle'))
    expect(() => checkOwnFolder(join(base, 'circle'))).toThrow(shared)
  })

  it('has no link, folder or pipe in place of a file that is added to', () => {
    const file = join(base, 'drawbridge.log')
    checkOwnFile(file)
    writeFileSync(file, '')
    checkOwnFile(file)
    rmSync(file)
    symlinkSync(join(base, 'elsewhere'), file)
    expect(() => checkOwnFile(file)).toThrow(
      expect.objectContaining({ code: 'data-folder-link', message: expect.stringContaining('a link') }),
    )
    rmSync(file)
    mkdirSync(file)
    expect(() => checkOwnFile(file)).toThrow(/no ordinary file/)
  })
})
