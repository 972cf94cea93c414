import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const scripts = import.meta.dirname
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'scripts-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A program that uses a script, as the scripts do. */
function script(text: string): string {
  const file = join(dir, `use-${Math.random()}.mjs`)
  writeFileSync(file, text)
  return file
}
const node = (file: string, env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [file], { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 15_000 })

const until = async (done: () => boolean) => {
  for (let i = 0; i < 200 && !done(); i += 1) await delay(25)
  expect(done()).toBe(true)
}
const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)))

describe('run', () => {
  const runs = (command: string, options = '{}') =>
    JSON.parse(
      node(
        script(`import { run } from ${JSON.stringify(join(scripts, 'process.mjs'))}
        console.log(JSON.stringify(await run('', process.execPath, ['-e', ${JSON.stringify(command)}], ${options})))`),
      ).stdout,
    )

  it('gives the exit code and what was said', () => {
    expect(runs('console.log("out"); console.error("err"); process.exit(3)')).toMatchObject({
      code: 3,
      output: expect.stringMatching(/out[\s\S]*err/),
    })
  })

  it('ends what takes too long, with everything it started', async () => {
    const mark = join(dir, 'alive')
    const inner = `setTimeout(() => require("fs").writeFileSync(${JSON.stringify(mark)}, ""), 1500)`
    const outer = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}]); setInterval(() => {}, 1e6)`
    expect(runs(outer, '{ timeout: 700 }')).toMatchObject({
      code: null,
      output: expect.stringContaining('too long'),
    })
    await delay(1_500)
    expect(existsSync(mark)).toBe(false)
  })
})

describe('become', () => {
  /** Says that it is ready, and ends with 5 when asked to end. */
  const child = () =>
    script(`import { writeFileSync } from 'node:fs'
    process.on('SIGTERM', () => { writeFileSync(${JSON.stringify(join(dir, 'ended'))}, ''); process.exit(5) })
    writeFileSync(${JSON.stringify(join(dir, 'ready'))}, '')
    setInterval(() => {}, 1e6)`)
  const wrapper = () =>
    script(`import { become } from ${JSON.stringify(join(scripts, 'process.mjs'))}
    process.exit(await become(process.execPath, [${JSON.stringify(child())}]))`)

  it('passes signals on and takes over the exit code', async () => {
    const started = spawn(process.execPath, [wrapper()])
    const code = ended(started)
    await until(() => existsSync(join(dir, 'ready')))
    started.kill('SIGTERM')
    expect(await code).toBe(5)
  })

  it('ends as well when npm’s shell dies in between', async () => {
    const shell = spawn('sh', ['-c', `"${process.execPath}" "${wrapper()}"; true`], {
      env: { ...process.env, npm_lifecycle_event: 'start' },
    })
    await until(() => existsSync(join(dir, 'ready')))
    shell.kill('SIGKILL')
    await until(() => existsSync(join(dir, 'ended')))
  })
})

describe('choosing the shell', () => {
  const choose = (env: NodeJS.ProcessEnv) => {
    const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...rest } = process.env
    const file = script(`import { findElectron } from ${JSON.stringify(join(scripts, 'electron-binary.mjs'))}
    console.log(JSON.stringify(await findElectron()))`)
    const ran = spawnSync(process.execPath, [file], {
      encoding: 'utf8',
      env: { ...rest, ...env },
      timeout: 15_000,
    })
    return JSON.parse(ran.stdout)
  }

  it.runIf(process.platform === 'linux')('is headless without a screen', () => {
    expect(choose({})).toEqual({ why: 'there is no screen here' })
  })

  it.runIf(process.platform === 'linux')('takes the Electron that was named, if it is there', () => {
    const env = { DISPLAY: ':0', ELECTRON_OVERRIDE_DIST_PATH: dir }
    expect(choose(env).why).toContain(dir)
    writeFileSync(join(dir, 'electron'), '#!/bin/sh\n')
    chmodSync(join(dir, 'electron'), 0o755)
    expect(choose(env)).toEqual({ binary: join(dir, 'electron') })
  })

  it.runIf(process.platform === 'linux')('gives up a download that fails, at once the second time', () => {
    const checkout = join(dir, 'checkout')
    cpSync(scripts, join(checkout, 'scripts'), { recursive: true })
    mkdirSync(join(checkout, 'node_modules', 'electron'), { recursive: true })
    writeFileSync(join(checkout, 'node_modules', 'electron', 'package.json'), '{"version":"45.0.0"}')
    const file = script(`process.getuid = () => 1000
    const { findElectron } = await import(${JSON.stringify(join(checkout, 'scripts', 'electron-binary.mjs'))})
    console.log(JSON.stringify(await findElectron()))`)
    const refused = { DISPLAY: ':0', ELECTRON_MIRROR: 'http://127.0.0.1:9/', ELECTRON_OVERRIDE_DIST_PATH: '' }
    expect(JSON.parse(node(file, refused).stdout)).toEqual({ why: 'Electron could not be downloaded' })
    expect(existsSync(join(checkout, '.cache', 'electron-not-downloaded.json'))).toBe(true)
    // this address accepts and never answers: asking it again would take seconds
    expect(JSON.parse(node(file, { ...refused, ELECTRON_MIRROR: 'http://10.255.255.1/' }).stdout)).toEqual({
      why: 'Electron could not be downloaded',
    })
  })
})
