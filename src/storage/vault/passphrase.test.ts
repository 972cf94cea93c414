import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { takePassphrase } from './passphrase.ts'

const dir = mkdtempSync(join(tmpdir(), 'drawbridge-passphrase-'))
afterAll(() => rmSync(dir, { recursive: true }))
const secret = 'canary-passphrase of five words'

it('takes the passphrase out of the environment', () => {
  const env = { DRAWBRIDGE_PASSPHRASE: secret, DRAWBRIDGE_PASSPHRASE_FILE: '/no/such', OTHER: 'x' }
  expect(takePassphrase(env)).toBe(secret)
  expect(env).toEqual({ OTHER: 'x' })
  expect(takePassphrase({})).toBeUndefined()
  expect(takePassphrase({ DRAWBRIDGE_PASSPHRASE: '' })).toBeUndefined()
})

it('reads it from a file, and says when it cannot', () => {
  const file = join(dir, 'passphrase')
  writeFileSync(file, `${secret}\n`)
  const env = { DRAWBRIDGE_PASSPHRASE_FILE: file }
  expect(takePassphrase(env)).toBe(secret)
  expect(env).toEqual({})
  expect(() => takePassphrase({ DRAWBRIDGE_PASSPHRASE_FILE: join(dir, 'none') })).toThrow('cannot be read')
})

it('empties and closes a descriptor that was handed over', async () => {
  const script = `
    import { takePassphrase } from ${JSON.stringify(join(import.meta.dirname, 'passphrase.ts'))}
    import { readFileSync } from 'node:fs'
    const got = takePassphrase(process.env)
    let again
    try { again = readFileSync('/dev/fd/3', 'utf8') } catch (error) { again = error.code }
    process.stdout.write(JSON.stringify({ got, again }))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env.PATH, DRAWBRIDGE_PASSPHRASE_FILE: '/dev/fd/3' },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  const pipe = child.stdio[3] as import('node:stream').Writable
  pipe.end(`${secret}\n`)
  let out = ''
  for await (const part of child.stdout!) out += part
  const { got, again } = JSON.parse(out)
  expect(got).toBe(secret)
  expect(again).not.toContain('canary')
})

it.skipIf(process.platform === 'win32')(
  'leaves it behind with the environment the process was started with',
  async () => {
    const script = join(dir, 'self.mjs')
    writeFileSync(
      script,
      `import { leavePassphraseBehind, takePassphrase } from ${JSON.stringify(join(import.meta.dirname, 'passphrase.ts'))}
       import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
       leavePassphraseBehind()
       const got = takePassphrase(process.env)
       const inEnviron = process.platform === 'linux' && readFileSync('/proc/self/environ', 'latin1').includes('canary')
       const { pid, argv, execArgv, env } = process
       console.log(JSON.stringify({ got, inEnviron, pid, argv: argv.slice(2), execArgv, other: env.OTHER, held: JSON.stringify(env).includes('canary'),
         input: readlinkSync('/dev/fd/0') }))`,
    )
    const run = promisify(execFile)(
      process.execPath,
      ['--max-semi-space-size=16', script, 'two words', '--', ''],
      { env: { PATH: process.env.PATH, DRAWBRIDGE_PASSPHRASE: secret, OTHER: 'stays' } },
    )
    const { stdout, stderr } = await run
    expect(JSON.parse(stdout)).toEqual({
      ...{ got: secret, inEnviron: false, held: false, other: 'stays', input: '/dev/null' },
      ...{ pid: run.child.pid, argv: ['two words', '--', ''], execArgv: ['--max-semi-space-size=16'] },
    })
    expect(stderr).toBe('')
    if (process.platform === 'linux')
      expect(readdirSync('/dev/shm').filter((name) => /^\.[\w-]{43}$/.test(name))).toEqual([])
  },
)

it.skipIf(process.platform !== 'linux')(
  'leaves what a tunnel is told behind too, and no program that is started finds it',
  async () => {
    const script = join(dir, 'told.mjs')
    writeFileSync(
      script,
      `import { leavePassphraseBehind, takeLeftBehind, takePassphrase } from ${JSON.stringify(join(import.meta.dirname, 'passphrase.ts'))}
       import { execFileSync } from 'node:child_process'
       leavePassphraseBehind()
       takeLeftBehind(process.env)
       const got = [takePassphrase(process.env), process.env.DRAWBRIDGE_TUNNEL_TOKEN]
       delete process.env.DRAWBRIDGE_TUNNEL_TOKEN
       const seen = execFileSync('/bin/sh', ['-c', 'env; tr "\\\\0" "\\\\n" < /proc/$PPID/environ'], { encoding: 'utf8' })
       console.log(JSON.stringify({ got, isSeen: seen.includes('canary'), file: process.env.DRAWBRIDGE_TUNNEL_KEY_FILE, hasLeft: 'DRAWBRIDGE_LEFT_BEHIND' in process.env }))`,
    )
    for (const passphrase of [undefined, secret]) {
      const env = { DRAWBRIDGE_TUNNEL_TOKEN: 'canary-token', DRAWBRIDGE_TUNNEL_KEY_FILE: '/run/key' }
      const { stdout } = await promisify(execFile)(process.execPath, [script], {
        env: { PATH: process.env.PATH, ...env, ...(passphrase && { DRAWBRIDGE_PASSPHRASE: passphrase }) },
      })
      expect(JSON.parse(stdout)).toEqual({
        got: [passphrase ?? null, 'canary-token'],
        ...{ isSeen: false, file: '/run/key', hasLeft: false },
      })
    }
  },
)
