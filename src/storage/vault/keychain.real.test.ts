/**
 * Long because each test shares the way to start a keyring.
 * Against a real GNOME Keyring, each in a D-Bus session, a home and a runtime folder of its own. Debian:
 * `apt-get install dbus gnome-keyring`. Other systems have other keychains, which would be the user's own.
 */
import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const canary = `canary-${'0123456789'.repeat(2)}`
const moduleFile = createRequire(import.meta.url).resolve('@napi-rs/keyring')
let folder: string

beforeEach(() => {
  for (const program of ['dbus-run-session', 'gnome-keyring-daemon']) {
    const found = (process.env.PATH ?? '').split(delimiter).some((dir) => existsSync(join(dir, program)))
    if (!found)
      throw new Error(
        `${program} is missing. This test needs a real keychain: apt-get install dbus gnome-keyring`,
      )
  }
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-keychain-'))
  for (const name of ['home', 'run', 'data', 'data2']) mkdirSync(join(folder, name), { mode: 0o700 })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

type Keyring = 'unlocked' | 'locked' | 'no-bus'
interface Options {
  dataDir?: string
  env?: NodeJS.ProcessEnv
}

/** Opens the vault in a fresh process and does the steps; `locked` starts the daemon without the password. */
async function play(keyring: Keyring, steps: string[][], options: Options = {}): Promise<unknown[]> {
  const input = JSON.stringify({
    dataDir: options.dataDir ?? join(folder, 'data'),
    log: join(folder, 'drawbridge.log'),
    steps,
  })
  const child = [process.execPath, join(import.meta.dirname, '../testing/keychain.ts'), input]
  const daemon =
    keyring === 'unlocked'
      ? 'echo -n pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null'
      : 'gnome-keyring-daemon --start --components=secrets >/dev/null'
  const command =
    keyring === 'no-bus'
      ? child
      : ['dbus-run-session', '--', 'bash', '-c', `${daemon}; exec "$@"`, 'bash', ...child]
  const { stdout } = await promisify(execFile)(command[0]!, command.slice(1), {
    env: {
      PATH: process.env.PATH,
      HOME: join(folder, 'home'),
      XDG_RUNTIME_DIR: join(folder, 'run'),
      LANG: 'C.UTF-8',
      ...options.env,
    },
    timeout: 30_000,
  })
  const line = stdout.split('\n').find((one) => one.startsWith('RESULT '))
  if (!line) throw new Error(`no result in: ${stdout}`)
  return JSON.parse(line.slice('RESULT '.length)) as unknown[]
}

/** A daemon that has just ended may still be taking its sockets away. */
const files = (dir: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
const holding = (text: string) =>
  files(folder)
    .filter((path) => readFileSync(path, 'latin1').includes(text))
    .map((path) => path.slice(folder.length + 1))

const inKeychain = {
  kind: 'keychain',
  message: 'Secrets are kept in the keychain of this computer.',
  hint: '',
}
const unavailable = expect.objectContaining({ error: 'keychain-unavailable' })

describe('an unlocked keychain', () => {
  it('keeps the secrets; nothing of them is in the data folder or the log', async () => {
    const [status, , value, none] = await play('unlocked', [
      ['status'],
      ['set', 'server/a/env/KEY', canary],
      ['get', 'server/a/env/KEY'],
      ['get', 'server/a/env/NONE'],
    ])
    expect(status).toEqual(inKeychain)
    expect(value).toBe(canary)
    expect(none).toBeNull()
    expect(readdirSync(join(folder, 'data'))).toEqual(['vault-place.json'])
    expect(holding(canary)).toEqual([])
    expect(holding(canary.slice(0, 12))).toEqual([])

    // Asked with another program: it is really there, under our name.
    const { id } = JSON.parse(readFileSync(join(folder, 'data', 'vault-place.json'), 'utf8'))
    const look = `
      const { Entry, findCredentials } = require('@napi-rs/keyring')
      const entry = new Entry('Drawbridge test', '${id}/secret/server/a/env/KEY', { linux: { store: 'secret-service' } })
      process.stdout.write(entry.getPassword() + ' ' + findCredentials('Drawbridge test').length)`
    const script = join(folder, 'look.cjs')
    writeFileSync(script, look.replace("'@napi-rs/keyring'", JSON.stringify(moduleFile)))
    const [seen, again, redacted] = await play('unlocked', [
      ['shell', `"${process.execPath}" "${script}"`],
      ['get', 'server/a/env/KEY'],
      ['redact', `x ${canary} y`],
    ])
    expect(seen).toBe(`${canary} 2`)
    expect(again).toBe(canary)
    expect(redacted).toBe('x [redacted] y')
  })

  it('takes any text, short or long, overwrites and deletes', async () => {
    const long = `${'é😀"\\\n'.repeat(4_000)}end`
    const results = await play('unlocked', [
      ['set', 'a', ''],
      ['get', 'a'],
      ['set', 'a', long],
      ['get', 'a'],
      ['set', 'a', `${long}2`],
      ['get', 'a'],
      ['set', 'a', 'drawbridge-parts:x:1'],
      ['get', 'a'],
      ['delete', 'a'],
      ['get', 'a'],
      ['delete', 'a'],
      ['set', 'b', 'half \ud83d'],
    ])
    expect(results.filter((_, index) => index % 2 === 1)).toEqual([
      '',
      long,
      `${long}2`,
      'drawbridge-parts:x:1',
      null,
      expect.objectContaining({ error: 'secret-invalid' }),
    ])
  })

  it('keeps data folders apart', async () => {
    await play('unlocked', [['set', 'a', 'of the first']])
    const dataDir = join(folder, 'data2')
    expect(
      await play(
        'unlocked',
        [
          ['get', 'a'],
          ['set', 'a', 'of the second'],
        ],
        { dataDir },
      ),
    ).toEqual([null, 'done'])
    expect(await play('unlocked', [['get', 'a']])).toEqual(['of the first'])
  })
})

describe('a keychain that held the secrets and is now', () => {
  beforeEach(async () => {
    await play('unlocked', [['set', 'a', canary]])
  })

  it.each(['locked', 'no-bus'] as const)(
    '%s: opens, says so, gives nothing, begins no second vault',
    async (state) => {
      const [status, got, set, gone, after] = await play(state, [
        ['status'],
        ['get', 'a'],
        ['set', 'a', 'other'],
        ['delete', 'a'],
        ['status'],
      ])
      expect(status).toMatchObject({
        kind: 'keychain',
        message: expect.stringContaining('locked or does not answer'),
      })
      expect(status).toMatchObject({ hint: expect.stringContaining('restart is not needed') })
      expect([got, set, gone]).toEqual([unavailable, unavailable, unavailable])
      expect(after).toEqual(status)
      expect(readdirSync(join(folder, 'data'))).toEqual(['vault-place.json'])
      expect(await play('unlocked', [['get', 'a']])).toEqual([canary])
    },
  )

  it('unlocked later: works without a restart', async () => {
    const unlock =
      'echo -n pw | gnome-keyring-daemon --replace --unlock --components=secrets >/dev/null; sleep 0.3'
    const [before, , after, status] = await play('locked', [
      ['get', 'a'],
      ['shell', unlock],
      ['get', 'a'],
      ['status'],
    ])
    expect(before).toEqual(unavailable)
    expect(after).toBe(canary)
    expect(status).toEqual(inKeychain)
  })

  it('lost in the middle: an error within seconds, and good again when it comes back', async () => {
    // Asked of this bus, so that it can be no other keyring of this computer.
    const find =
      "$(dbus-send --session --dest=org.freedesktop.DBus --print-reply=literal / org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets | awk '{print $NF}')"
    const [first, pid, , lost, status, , , again] = await play('unlocked', [
      ['get', 'a'],
      ['shell', `echo ${find}`],
      ['shell', `p=${find}; echo $p > ${folder}/pid; kill -STOP $p`],
      ['get', 'a'],
      ['status'],
      ['shell', `kill -CONT $(cat ${folder}/pid)`],
      ['shell', 'sleep 10.2'],
      ['get', 'a'],
    ])
    expect(first).toBe(canary)
    expect(Number(pid)).toBeGreaterThan(1)
    expect(lost).toEqual(unavailable)
    expect((lost as { ms: number }).ms).toBeLessThan(8_000)
    expect(status).toMatchObject({ message: expect.stringContaining('does not answer') })
    expect(again).toBe(canary)
  })

  it('emptied: says that the secrets must be entered again, and works', async () => {
    rmSync(join(folder, 'home'), { recursive: true })
    mkdirSync(join(folder, 'home'))
    const [got, status, , again] = await play('unlocked', [
      ['get', 'a'],
      ['status'],
      ['set', 'a', 'anew'],
      ['get', 'a'],
    ])
    expect(got).toBeNull()
    expect(status).toMatchObject({ kind: 'keychain', hint: expect.stringContaining('entered again') })
    expect(again).toBe('anew')
  })

  it('not wanted any more: the file, when asked for by name', async () => {
    const env = { DRAWBRIDGE_VAULT: 'file' }
    expect(
      await play(
        'no-bus',
        [
          ['get', 'a'],
          ['set', 'a', 'in the file'],
          ['get', 'a'],
        ],
        { env },
      ),
    ).toEqual([null, 'done', 'in the file'])
  })
})

describe('no keychain at the first start', () => {
  it.each(['locked', 'no-bus'] as const)('%s: the encrypted file, said openly', async (state) => {
    const [status, , value] = await play(state, [['status'], ['set', 'a', canary], ['get', 'a']])
    expect(status).toMatchObject({ kind: 'file', message: expect.stringContaining('No keychain answered') })
    expect(value).toBe(canary)
    expect(readdirSync(join(folder, 'data')).sort()).toEqual(['vault-place.json', 'vault.json', 'vault.key'])
    expect(holding(canary)).toEqual([])
  })

  it('what is in the file moves into the keychain when one answers', async () => {
    await play('no-bus', [
      ['set', 'a', canary],
      ['set', 'b', 'second'],
    ])
    const [status, a, b] = await play('unlocked', [['status'], ['get', 'a'], ['get', 'b']])
    expect([status, a, b]).toEqual([inKeychain, canary, 'second'])
    expect(readdirSync(join(folder, 'data'))).toEqual(['vault-place.json'])
  })

  it('a move that a crash cut short is finished, and newer entries win', async () => {
    await play('no-bus', [
      ['set', 'a', 'old'],
      ['set', 'b', 'only in the file'],
    ])
    cpSync(join(folder, 'data'), join(folder, 'copy'), { recursive: true })
    await play('unlocked', [
      ['set', 'a', 'new'],
      ['delete', 'b'],
    ])
    for (const name of ['vault.json', 'vault.key'])
      cpSync(join(folder, 'copy', name), join(folder, 'data', name))
    expect(
      await play('unlocked', [
        ['get', 'a'],
        ['get', 'b'],
      ]),
    ).toEqual(['new', 'only in the file'])
    expect(readdirSync(join(folder, 'data'))).toEqual(['vault-place.json'])
  })

  it('a file with a passphrase stays where it is', async () => {
    const env = { DRAWBRIDGE_PASSPHRASE: 'a passphrase' }
    await play('no-bus', [['set', 'a', canary]], { env })
    const [status, value] = await play('unlocked', [['status'], ['get', 'a']], { env })
    expect(status).toMatchObject({ kind: 'file', message: expect.stringContaining('passphrase') })
    expect(value).toBe(canary)
  })

  it('a bus that takes the call and says nothing does not hold us up', async () => {
    const path = join(folder, 'silent.sock')
    const silent = createServer(() => {}).listen(path)
    try {
      const started = performance.now()
      const [status] = await play('no-bus', [['status']], {
        env: { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path.replaceAll('-', '%2d')}` },
      })
      expect(status).toMatchObject({ kind: 'file' })
      expect(performance.now() - started).toBeLessThan(10_000)
    } finally {
      silent.close()
    }
  })
})

describe('everything at once', () => {
  it('gives all secrets of this folder, long ones whole, and none of another folder', async () => {
    const long = 'ä😀'.repeat(2_000)
    const [, , , all] = await play('unlocked', [
      ['set', 'server/a/env/KEY', canary],
      ['set', 'server/a/env/LONG', long],
      [
        'shell',
        `printf other | secret-tool store --label x service 'Drawbridge test' username vault_other/secret/x || true`,
      ],
      ['all'],
    ])
    expect(all).toEqual({ 'server/a/env/KEY': canary, 'server/a/env/LONG': long })
    expect(await play('locked', [['all']])).toEqual([unavailable])
  })
})
