import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { searchPath } from './search-path.ts'

describe('search path', () => {
  const home = mkdtempSync(join(tmpdir(), 'drawbridge-path-'))
  afterAll(() => rmSync(home, { recursive: true, force: true }))
  const shell = (name: string, script: string) => {
    const file = join(home, name)
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
    return file
  }

  it('adds what the login shell knows and the usual places, and drops relative entries', async () => {
    mkdirSync(join(home, '.local/bin'), { recursive: true })
    for (const version of ['v9.1.0', 'v22.3.0'])
      mkdirSync(join(home, '.nvm/versions/node', version, 'bin'), { recursive: true })
    const SHELL = shell('noisy', 'echo "welcome!"; PATH="/from/shell:$PATH"; eval "$2"; echo bye')
    const path = await searchPath({
      HOME: home,
      PATH: ['/usr/bin', '.', '', 'node_modules/.bin'].join(delimiter),
      SHELL,
    })
    expect(path[0]).toBe('/from/shell')
    expect(path).toContain('/usr/bin')
    expect(path).toContain(join(home, '.local/bin'))
    expect(path.indexOf(join(home, '.nvm/versions/node/v22.3.0/bin'))).toBeLessThan(
      path.indexOf(join(home, '.nvm/versions/node/v9.1.0/bin')),
    )
    expect(path).toContain(join(process.execPath, '..'))
    expect(path.every((entry) => entry.startsWith('/'))).toBe(true)
    expect(new Set(path).size).toBe(path.length)
  })

  it('works with the real shell, and without one that fails or never ends', async () => {
    expect(await searchPath({ HOME: home, PATH: '/usr/bin:/bin', SHELL: '/bin/bash' })).toContain('/usr/bin')
    expect(await searchPath({ HOME: home, PATH: '/usr/bin', SHELL: shell('failing', 'exit 1') })).toContain(
      '/usr/bin',
    )
    expect(await searchPath({ HOME: home, PATH: '/usr/bin', SHELL: '/no/such/shell' })).toContain('/usr/bin')
    const begun = performance.now()
    expect(await searchPath({ HOME: home, PATH: '/usr/bin', SHELL: shell('stuck', 'sleep 60') })).toContain(
      '/usr/bin',
    )
    expect(performance.now() - begun).toBeLessThan(5_000)
  })

  it('lets a shell that is not waited for any longer put away what it holds', async () => {
    const lock = join(home, 'lock')
    const script = `( trap 'rm "${lock}"; exit' TERM; touch "${lock}"; sleep 60 & wait $! ) & trap '' TERM; wait`
    await searchPath({
      HOME: home,
      PATH: '/usr/bin:/bin',
      SHELL: shell('holding', `touch "${lock}"; ${script}`),
    })
    await expect.poll(() => existsSync(lock), { timeout: 2_000 }).toBe(false)
  })
})
