import { mkdirSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkFolder, isNobodys } from './check-folder.ts'

const data = '/home/ada/.local/share/Drawbridge'
const { username } = userInfo()

describe.skipIf(process.platform === 'win32')('a disk that was plugged in', () => {
  it.each([
    [`/run/media/${username}/STICK`, false],
    [`/run/media/${username}/STICK/Documents`, false],
    ['/media/ada/STICK', false],
    // All that are plugged in, and those of somebody else.
    [`/run/media/${username}`, true],
    ['/run/media', true],
    ['/run/media/somebody-else/STICK', true],
    [`/run/media/${username}x/STICK`, true],
    ['/run', true],
    ['/run/user/1000/doc', true],
    [`/run/${username}/STICK`, true],
    [`/etc/run/media/${username}/STICK`, true],
  ])('%s belongs to nobody: %s', (path, expected) => expect(isNobodys(path, data)).toBe(expected))

  it('keeps what is Drawbridge’s own out there, too', () => {
    const disk = `/run/media/${username}/STICK`
    expect(isNobodys(join(disk, 'Drawbridge', 'x'), join(disk, 'Drawbridge'))).toBe(true)
  })

  it('can be added', async (context) => {
    const disk = `/run/media/${username}/drawbridge-test-${process.pid}`
    try {
      mkdirSync(disk, { recursive: true })
    } catch {
      return context.skip()
    }
    try {
      expect(await checkFolder(disk, [], data)).toBe(disk)
    } finally {
      rmSync(disk, { recursive: true })
    }
  })
})
