import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Parser } from 'htmlparser2'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Machine, type Ran, serviceOf } from './service.ts'
import { launchdPlist, type ServiceRun, systemdUnit, windowsQuoted, windowsTask } from './service-files.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'drawbridge service '))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const odd: ServiceRun = {
  program: process.execPath,
  args: ['/opt/Ada’s "tools" & more/50% $HOME \\x\\.js', 'serve', '--data', '/home/ada/My <data>; rm -rf'],
  env: { DRAWBRIDGE_VAULT: 'file', DRAWBRIDGE_PASSPHRASE_FILE: '/home/ada/a "b" 100% $x\\y' },
}

const hasSystemd = existsSync('/usr/bin/systemd-analyze')

describe('systemd', () => {
  it.skipIf(!hasSystemd)('itself finds nothing wrong with the unit, whatever is in the paths', async () => {
    const file = join(home, 'drawbridge.service')
    writeFileSync(file, systemdUnit(odd, [2, 6]))
    const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--user', file], {
      env: { ...process.env, XDG_RUNTIME_DIR: home, SYSTEMD_LOG_LEVEL: 'warning' },
    })
    expect(stderr.split('\n').filter((line) => line.includes('drawbridge.service'))).toEqual([])
  })

  it('gets each word as one, and nothing in it means anything', () => {
    const unit = systemdUnit(odd, [2, 6, 7, 8])
    expect(unit).toContain('"/opt/Ada’s \\"tools\\" & more/50%% $$HOME \\\\x\\\\.js" "serve" "--data"')
    expect(unit).toContain('Environment="DRAWBRIDGE_PASSPHRASE_FILE=/home/ada/a \\"b\\" 100%% $x\\\\y"')
    expect(unit).toContain('RestartPreventExitStatus=2 6 7 8')
  })
})

it('launchd gets a list of texts that are what they were', () => {
  const texts: string[] = []
  let inString = false
  const parser = new Parser(
    {
      onopentagname: (name) => {
        inString = name === 'string'
        if (inString) texts.push('')
      },
      ontext: (text) => {
        if (inString) texts[texts.length - 1] += text
      },
      onclosetag: () => {
        inString = false
      },
    },
    { xmlMode: true, decodeEntities: true },
  )
  parser.end(launchdPlist(odd))
  const words = ['app.drawbridge.serve', odd.program, ...odd.args, ...Object.values(odd.env)]
  expect(texts).toEqual([...words, 'Background'])
})

it.each([
  ['plain', 'plain'],
  ['', '""'],
  ['C:\\Program Files\\node.exe', '"C:\\Program Files\\node.exe"'],
  ['ends in \\', '"ends in \\\\"'],
  ['a "b" \\" c', '"a \\"b\\" \\\\\\" c"'],
])('Windows reads %j as one word', (word, quoted) => {
  expect(windowsQuoted(word)).toBe(quoted)
})

it('a task is well-formed whatever is in it', () => {
  const task = windowsTask({ program: 'C:\\A & B\\node.exe', args: ['serve', '<x>'] }, 'HOME\\Ada & Bob')
  expect(task).toContain('<UserId>HOME\\Ada &amp; Bob</UserId>')
  expect(task).toContain(
    '<Arguments>--headless &quot;C:\\A &amp; B\\node.exe&quot; serve &lt;x&gt;</Arguments>',
  )
})

/** A computer whose programs only note that they were called; what they answer stands in `answers`. */
function fakeMachine(platform: NodeJS.Platform, answers: Record<string, Partial<Ran>> = {}) {
  const called: string[] = []
  const machine: Machine = {
    ...{ platform, home, uid: 501, user: 'ada', env: { TEMP: home } },
    async run(command, args) {
      const line = [command, ...args].join(' ')
      called.push(line)
      const known = Object.entries(answers).find(([start]) => line.startsWith(start))
      return { code: 0, out: '', ...known?.[1] }
    },
  }
  return { machine, called }
}

describe('a service', () => {
  const unit = () => join(home, '.config/systemd/user/drawbridge.service')

  it('of systemd is written for its owner alone, enabled, started and taken away again', async () => {
    const { machine, called } = fakeMachine('linux', { loginctl: { code: 1 } })
    expect(await serviceOf(machine).install(odd)).toEqual({ lasts: false })
    expect(called).toEqual([
      'systemctl --user show-environment',
      'systemctl --user daemon-reload',
      'systemctl --user enable drawbridge',
      'systemctl --user restart drawbridge',
      'loginctl enable-linger',
    ])
    const written = readFileSync(unit(), 'utf8')
    expect(written).toContain('ExecStart=')
    // Systemd is told the codes, and shows what went wrong.
    expect(written).toContain('RestartPreventExitStatus=2 6 7 8\n')
    expect(written).not.toContain('--as-service')
    expect(statSync(unit()).mode & 0o077).toBe(0)
    expect(await serviceOf(machine).state()).toMatchObject({ installed: true, running: true, file: unit() })
    await serviceOf(machine).remove()
    expect(existsSync(unit())).toBe(false)
  })

  it('needs a systemd that runs something for this user, and says so before anything is written', async () => {
    const noBus = { code: 1, out: 'Failed to connect to bus: No medium found' }
    for (const answer of [noBus, { code: null }]) {
      const { machine } = fakeMachine('linux', { 'systemctl --user show-environment': answer })
      await expect(serviceOf(machine).install(odd)).rejects.toMatchObject({ code: 'service-no-systemd' })
    }
    expect(existsSync(unit())).toBe(false)
  })

  it('says what the system said when it was refused', async () => {
    const { machine } = fakeMachine('linux', {
      'systemctl --user enable': { code: 1, out: 'unit is masked' },
    })
    await expect(serviceOf(machine).install(odd)).rejects.toMatchObject({
      code: 'service-failed',
      message: expect.stringContaining('unit is masked'),
    })
  })

  it('takes no path that would write another line into its file', async () => {
    const evil = { ...odd, args: ['x\nExecStartPost=/bin/sh'] }
    for (const platform of ['linux', 'darwin', 'win32'] as const)
      await expect(serviceOf(fakeMachine(platform).machine).install(evil)).rejects.toMatchObject({
        code: 'service-control-characters',
      })
  })

  it('of launchd replaces the one before', async () => {
    const { machine, called } = fakeMachine('darwin', { 'launchctl print': { out: '\tstate = running\n' } })
    mkdirSync(join(home, 'Library'))
    await serviceOf(machine).install(odd)
    const file = join(home, 'Library/LaunchAgents/app.drawbridge.serve.plist')
    expect(called).toEqual([
      'launchctl bootout gui/501/app.drawbridge.serve',
      `launchctl bootstrap gui/501 ${file}`,
    ])
    // It starts again whatever does not end well, and is told so.
    expect(readFileSync(file, 'utf8')).toContain('<string>--as-service</string>')
    expect(await serviceOf(machine).state()).toMatchObject({ installed: true, running: true })
    await serviceOf(machine).remove()
    expect(existsSync(file)).toBe(false)
  })

  it('of Windows leaves no file behind', async () => {
    const { machine, called } = fakeMachine('win32', {
      'schtasks /create': { code: 1, out: 'Access is denied.' },
    })
    await expect(serviceOf(machine).install(odd)).rejects.toMatchObject({ code: 'service-failed' })
    expect(called[0]).toMatch(/^schtasks \/create \/tn Drawbridge \/xml .* \/f$/)
    expect(execFileSync('ls', [home], { encoding: 'utf8' })).toBe('')
  })

  it('is not known everywhere', () => {
    expect(() => serviceOf(fakeMachine('freebsd').machine)).toThrow('knows no services')
  })
})
