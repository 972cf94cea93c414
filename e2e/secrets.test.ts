import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { newDataDir } from './fixtures/host.ts'
import { bystander, canary, type Findings, holding, secretScenario } from './fixtures/secret-scenario.ts'

/**
 * Where a secret goes, and where it does not, with the host as a process. The keychain is a real gnome-keyring under its own
 * D-Bus; `npm test` installs both packages, and without them this fails.
 */
function nothingLeaks(found: Findings): void {
  expect(found.added.code, found.added.stderr).toBe(0)
  expect(found.childEnv.API_KEY, 'the child has its own secret').toBe(canary)
  expect(found.childText, 'and nothing of the shell that started us').not.toContain(bystander)
  expect(Object.keys(found.childEnv).filter((name) => /DRAWBRIDGE|TOKEN|DBUS/.test(name))).toEqual([])
  expect(found.answer, 'what a tool answers reaches the client').toContain(canary)
  expect(found.shown, 'nothing printed holds it').not.toContain(canary)
  expect(found.searchWorks).toBe(true)
  expect(found.leaks).toEqual({ secret: [], token: [], bystander: [] })
  expect(found.open, "every file is the user's alone").toEqual([])
  expect(found.afterRestart, 'it is still there after a restart').toContain(canary)
}

it('without a keychain: the encrypted file is used and shown, and nothing leaks', {
  timeout: 90_000,
}, async () => {
  const found = await secretScenario({ DBUS_SESSION_BUS_ADDRESS: '', XDG_RUNTIME_DIR: newDataDir() })
  nothingLeaks(found)
  expect(found.vault.kind).toBe('file')
  expect(found.vault.message.length).toBeGreaterThan(20)
  expect(found.statusText).toMatch(/file/i)
})

it('with a real keychain: the secrets are in it, and nothing leaks', { timeout: 120_000 }, async () => {
  for (const program of ['dbus-run-session', 'gnome-keyring-daemon']) {
    expect(spawnSync('which', [program]).status, `${program} is needed; npm test installs it`).toBe(0)
  }
  const home = mkdtempSync(join(tmpdir(), 'drawbridge-home-'))
  const script = join(import.meta.dirname, 'fixtures/secret-scenario.ts')
  const { stdout } = await promisify(execFile)(
    'dbus-run-session',
    [
      '--',
      'bash',
      '-c',
      `echo -n pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "${process.execPath}" "${script}"`,
    ],
    {
      env: {
        PATH: process.env.PATH,
        HOME: home,
        XDG_RUNTIME_DIR: mkdtempSync(join(tmpdir(), 'drawbridge-run-')),
      },
      timeout: 100_000,
    },
  )
  const found = JSON.parse(stdout) as Findings
  nothingLeaks(found)
  expect(found.vault.kind).toBe('keychain')
  expect(holding(home, canary)).toEqual([])
})
