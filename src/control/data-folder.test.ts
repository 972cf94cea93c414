import { join } from 'node:path'
import { expect, it } from 'vitest'
import { dataFolder } from './data-folder.ts'

it.each([
  ['linux', {}, '/home/ada/.local/share/drawbridge'],
  ['linux', { XDG_DATA_HOME: '/data' }, '/data/drawbridge'],
  ['linux', { XDG_DATA_HOME: 'not/absolute' }, '/home/ada/.local/share/drawbridge'],
  ['linux', { DRAWBRIDGE_DATA: '/elsewhere', XDG_DATA_HOME: '/data' }, '/elsewhere'],
  ['darwin', { XDG_DATA_HOME: '/data' }, '/home/ada/Library/Application Support/Drawbridge'],
  ['win32', { APPDATA: '/home/ada/AppData' }, '/home/ada/AppData/Drawbridge'],
] as const)('on %s with %j the data is in %s', (platform, env, folder) => {
  expect(dataFolder(undefined, env, platform, '/home/ada')).toBe(folder)
})

it('follows --data first, and makes it absolute', () => {
  expect(dataFolder('here', { DRAWBRIDGE_DATA: '/elsewhere' }, 'linux', '/home/ada')).toBe(
    join(process.cwd(), 'here'),
  )
})
