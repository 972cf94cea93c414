import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import type { Grant } from '../src/contract/access.ts'
import type { Status } from '../src/contract/status.ts'
import { hostEnv, newDataDir, type RunningHost, runCli, startHost } from './fixtures/host.ts'

/** A Drawbridge as a server runs it: its own process, told by variables, with a passphrase. */
const root = mkdtempSync(join(tmpdir(), 'drawbridge-served-'))
const file = join(root, 'home.drawbridge-backup')
let host: RunningHost | undefined
afterAll(async () => {
  await host?.stop()
  rmSync(root, { recursive: true, force: true })
})
const env = {
  DRAWBRIDGE_VAULT: 'file',
  DRAWBRIDGE_PASSPHRASE: 'of the vault',
  DRAWBRIDGE_LOG_LEVEL: 'warn',
  DRAWBRIDGE_CORS_ORIGINS: 'https://app.example',
  PHRASE: 'three words and more',
}

it('goes back to a backup without being started by hand, and finds its secrets again', async () => {
  host = await startHost({ dataDir: join(root, 'data'), env })
  const { cli, json } = host
  await json('key', 'create', '--name', 'before')
  const made = await cli('backup', 'create', file, '--passphrase-env', 'PHRASE', '--with-log')
  expect(made).toMatchObject({ code: 0, stderr: '' })
  expect((await cli('backup', 'create', file, '--passphrase-env', 'PHRASE')).stderr).toContain('already')
  await json('key', 'create', '--name', 'afterwards')

  const restored = await cli('backup', 'restore', file, '--passphrase-env', 'PHRASE', '--yes')
  expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining('starts again') })
  let names: string[] = []
  for (let tries = 0; tries < 100 && names.join() !== 'before'; tries += 1) {
    names = await json<Grant[]>('key', 'list').then(
      (grants) => grants.map(({ name }) => name),
      () => [],
    )
    await sleep(100)
  }
  expect(names).toEqual(['before'])
  const status = await json<Status>('status')
  expect(status.vault.message).toContain('protected by your passphrase')
  expect(status.notices.map(({ message }) => message)).toContainEqual(expect.stringContaining('was restored'))
}, 180_000)

it('lets the pages call that it was told of, and no others', async () => {
  const ask = (origin: string) =>
    fetch(host!.mcp, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body: '{}' })
  const { mcp } = await host!.json<Status & { mcp: string }>('status')
  host = { ...host!, mcp }
  expect((await ask('https://app.example')).headers.get('access-control-allow-origin')).toBe(
    'https://app.example',
  )
  expect((await ask('https://app.example.org')).status).toBe(403)
})

it('stops in order when it is told to', async () => {
  expect(await host!.stop()).toBe(0)
  host = undefined
})

it.each([
  [{ DRAWBRIDGE_PORT: '80000' }, 'DRAWBRIDGE_PORT has a value that does not fit.'],
  [{ DRAWBRIDGE_TUNNEL: 'ngrok' }, 'cannot be used without'],
  [{ DRAWBRIDGE_TUNNEL: 'own-address', DRAWBRIDGE_TUNNEL_TOKEN: 'x' }, 'no such field'],
])('does not begin with what does not fit: %j', async (more, words) => {
  const result = await runCli(
    newDataDir(),
    ['serve', '--json', '--no-open'],
    hostEnv({ env: { ...env, ...more } }),
  )
  expect(result.code).not.toBe(0)
  expect(result.stderr).toContain(words)
})
