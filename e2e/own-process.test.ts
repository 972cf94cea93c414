import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, it, vi } from 'vitest'
import { hostEnv, newDataDir, type RunningHost, runCli, startHost } from './fixtures/host.ts'

/** What a server that was really started by a real host process finds of that host. Linux: it looks in /proc. */
const passphrase = 'canary-5b1f-passphrase-of-the-vault'
const spy = resolve(import.meta.dirname, '../src/servers/testing/fixture-spy.mjs')
const root = resolve(import.meta.dirname, '..')
vi.setConfig({ testTimeout: 60_000 })
let host: RunningHost | null = null
afterEach(async () => {
  await host?.stop()
  host = null
})

interface Found {
  env: Record<string, string>
  cwd: string
  argv: string[]
  fds: Record<string, string | { failed: string }>
  parent: number
  seen: { pid: number; file: string; word: string }[]
  read: Record<string, string | { failed: string }>
  list: Record<string, string[] | { failed: string }>
  write: Record<string, string | { failed: string }>
}

async function look(running: { mcp: string }, token: string, slug: string, args: object): Promise<Found> {
  const answer = await fetch(running.mcp, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: `${slug}__spy`, arguments: args } },
    }),
  })
  const { result, error } = (await answer.json()) as {
    result?: { content: { text: string }[] }
    error?: object
  }
  if (!result) throw new Error(JSON.stringify(error))
  return JSON.parse(result.content[0]!.text) as Found
}

const newKey = async (running: Pick<RunningHost, 'cli'>) =>
  (await running.cli('key', 'create', '--name', 'Tester', '--access', 'everything')).stdout.trim()

it('the passphrase is in no environment that a server can read, and opens the vault all the same', async () => {
  const dataDir = newDataDir()
  const env = { DRAWBRIDGE_VAULT: 'file', DRAWBRIDGE_PASSPHRASE: passphrase }
  host = await startHost({ dataDir, env })
  expect(readFileSync(`/proc/${host.pid}/environ`, 'latin1')).not.toContain(passphrase)
  // The command line of this test has the variable as well, so only the host's own is asked about.
  expect((await host.cli('server', 'add', 'Spy', '--', process.execPath, spy)).code).toBe(0)
  const token = await newKey(host)
  const found = await look(host, token, 'spy', { words: [passphrase] })
  expect(found.parent).toBe(host.pid)
  expect(found.seen).toEqual([])
  expect(found.env.PATH).toBeTruthy()
  expect(JSON.stringify(found)).not.toContain(passphrase)
  expect((await host.json<{ vault: { message: string } }>('status')).vault.message).toContain(
    'your passphrase',
  )
  expect(JSON.parse(readFileSync(join(dataDir, 'vault.json'), 'utf8')).key.name).toBe('scrypt')
  expect(host.output()).not.toMatch(/Warning|canary/)
  await host.stop()
  // From a file as well, and not without it.
  host = await startHost({ dataDir, env: { DRAWBRIDGE_VAULT: 'file' } })
  expect((await host.json<{ vault: { message: string } }>('status')).vault.message).toContain(
    'none was given',
  )
})

it('nor in that of the program that starts it all from a checkout', async () => {
  const dataDir = newDataDir()
  // As the scripts of `npm start` and `npm run drawbridge` do, but for the building, which other tests would not survive.
  for (const script of ['start.mjs', 'drawbridge.mjs'])
    expect(readFileSync(join(root, 'scripts', script), 'utf8')).toMatch(
      /await leavePassphraseBehind\(\)[\s\S]*await withPrepared\(/,
    )
  const launch = join(dataDir, 'launch.mjs')
  writeFileSync(
    launch,
    `import { become, findNode, leavePassphraseBehind } from ${JSON.stringify(join(root, 'scripts/process.mjs'))}
     await leavePassphraseBehind()
     process.exitCode = await become(findNode(), [${JSON.stringify(join(root, 'out/main/drawbridge.js'))}, ...process.argv.slice(2)])
     process.exit()`,
  )
  const env = {
    ...hostEnv({ env: { DRAWBRIDGE_VAULT: 'file' } }),
    DRAWBRIDGE_PASSPHRASE: passphrase,
  }
  const launcher = spawn(process.execPath, [launch, 'serve', '--json', '--no-open', '--data', dataDir], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise((done) => launcher.once('exit', done))
  let said = ''
  launcher.stderr.on('data', (part) => {
    said += part
  })
  try {
    const mcp = await new Promise<string>((done, fail) => {
      launcher.once('exit', () => fail(new Error(said)))
      createInterface({ input: launcher.stdout }).once('line', (line) => done(JSON.parse(line).mcp))
    })
    const { DRAWBRIDGE_PASSPHRASE: _, ...clean } = env
    const cli = (...args: string[]) => runCli(dataDir, args, clean)
    expect((await cli('server', 'add', 'Spy', '--', process.execPath, spy)).code).toBe(0)
    const token = await newKey({ cli })
    const handedOver = `/proc/${launcher.pid}/fd/0`
    const found = await look({ mcp }, token, 'spy', { words: [passphrase], read: [handedOver] })
    expect(found.read).toEqual({ [handedOver]: '' })
    // All three: whoever started it, the host, and the server itself.
    expect(found.parent).not.toBe(launcher.pid)
    expect(found.seen).toEqual([])
    expect((await cli('status')).stdout).toContain('your passphrase')
  } finally {
    launcher.kill('SIGTERM')
    await ended
  }
})

it('a server finds the data folder by nothing that it was given', async () => {
  host = await startHost({ env: { DRAWBRIDGE_VAULT: 'file' } })
  await host.cli('server', 'add', 'Spy', '--folder', '/', '--', process.execPath, spy)
  const found = await look(host, await newKey(host), 'spy', {})
  for (const part of [found.env, found.cwd, found.argv, found.fds]) {
    expect(JSON.stringify(part)).not.toContain(host.dataDir)
    expect(JSON.stringify(part)).not.toContain('DRAWBRIDGE')
  }
})

it('one that is kept to its own folder cannot make itself a key, by whatever way', async () => {
  host = await startHost({ env: { DRAWBRIDGE_VAULT: 'file' } })
  const added = await host.cli('server', 'add', 'Spy', '--only-own-folder', '--', process.execPath, spy)
  expect(added.code, added.stderr).toBe(0)
  const { dataDir, pid } = host
  const ways = [
    ...[dataDir, `/proc/${pid}/root${dataDir}`, `/proc/${pid}/cwd`, '/proc/1/root', '/proc/2/root'],
    ...[`/proc/${pid}/fd`, join(process.env.HOME ?? '/root', '.ssh')],
  ].flatMap((path) => [path, join(path, 'control.json')])
  const found = await look(host, await newKey(host), 'spy', {
    read: ways,
    write: [join(dataDir, 'planted'), '/tmp/../planted', join(dataDir, '../planted')],
    words: [dataDir, 'DRAWBRIDGE'],
  })
  expect(found.seen).toEqual([])
  const key = JSON.parse(readFileSync(join(dataDir, 'control.json'), 'utf8')).key
  expect(JSON.stringify(found)).not.toContain(key)
  for (const path of ways) expect([path, typeof found.read[path]]).toEqual([path, 'object'])
  for (const path of ways.filter((one) => one.includes(dataDir) || one.includes('/fd')))
    expect([path, Array.isArray(found.list[path])]).toEqual([path, false])
  const { stdout } = await host.cli('server', 'show', 'Spy')
  expect(stdout).toMatch(/^Reaches +only that folder$/m)
})
