import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { extractAll, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchOnStandin, repository } from './launch-app.ts'

const off = '0'.charCodeAt(0)
const on = '1'.charCodeAt(0)
/** Marks where Electron's binary keeps its fuses; then version 1, nine fuses, all as Electron ships them. */
const fuseWire = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 9]),
  Buffer.from('101100011'),
])

let work: string
let packed: string
let asar: string

/** The real packer over a pretended Electron: the archive, the fuses and the configuration are the real ones. */
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'drawbridge-packaging-'))
  const dist = join(work, 'electron')
  mkdirSync(join(dist, 'resources'), { recursive: true })
  mkdirSync(join(dist, 'locales'))
  writeFileSync(join(dist, 'electron'), Buffer.concat([Buffer.from('#!/bin/sh\nexit 0\n'), fuseWire]))
  chmodSync(join(dist, 'electron'), 0o755)
  writeFileSync(join(dist, 'version'), '45.4.1')
  writeFileSync(join(dist, 'LICENSE'), '')
  await promisify(execFile)(
    process.execPath,
    [
      join(repository, 'node_modules/electron-builder/cli.js'),
      '--linux',
      'dir',
      `-c.electronDist=${dist}`,
      `-c.directories.output=${join(work, 'dist')}`,
    ],
    { cwd: repository, env: { ...process.env, FORCE_COLOR: '0' }, timeout: 90_000 },
  )
  packed = join(work, 'dist/linux-unpacked')
  asar = join(packed, 'resources/app.asar')
}, 100_000)
afterAll(() => rmSync(work, { recursive: true, force: true }))

describe('the packed app', () => {
  it('holds what the main process needs, and nothing of the workshop', () => {
    const files = listPackage(asar, { isPack: false }).map((file) => file.replaceAll('\\', '/'))
    const needed = [
      '/package.json',
      '/out/main/index.js',
      '/out/main/drawbridge.js',
      '/out/preload/index.cjs',
      '/out/renderer/index.html',
      '/assets/icons/512x512.png',
      '/node_modules/@napi-rs/keyring/package.json',
      ...['lowered', 'raised', 'attention'].flatMap((name) => [
        `/assets/tray/${name}.png`,
        `/assets/tray/${name}@2x.png`,
        `/assets/tray/${name}Template.png`,
        `/assets/tray/${name}Template@2x.png`,
      ]),
    ]
    expect(needed.filter((file) => !files.includes(file))).toEqual([])
    const workshop =
      /^\/(src|electron|renderer|e2e|scripts|docs|\.ci)(\/|$)|\.test\.|\.map$|\/node-linux-|\.built-from/
    expect(files.filter((file) => workshop.test(file))).toEqual([])
    const packages = new Set(files.flatMap((file) => /^\/node_modules\/(@[^/]+)/.exec(file)?.[1] ?? []))
    expect([...packages]).toEqual(['@napi-rs'])
    expect(statSync(asar).size).toBeLessThan(20_000_000)
  })

  it('has every fuse set as the security checklist says', async () => {
    const wire = await getCurrentFuseWire(join(packed, 'drawbridge'))
    expect(wire).toMatchObject({
      [FuseV1Options.RunAsNode]: off,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: off,
      [FuseV1Options.EnableNodeCliInspectArguments]: off,
      [FuseV1Options.GrantFileProtocolExtraPrivileges]: off,
      [FuseV1Options.EnableCookieEncryption]: on,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: on,
      [FuseV1Options.OnlyLoadAppFromAsar]: on,
    })
  })

  it('starts by itself, without the checkout around it', async () => {
    const app = join(work, 'extracted')
    extractAll(asar, app)
    const packedRequire = createRequire(join(app, 'out/main/index.js'))
    expect(packedRequire.resolve('@napi-rs/keyring').startsWith(app)).toBe(true)
    expect(packedRequire('@napi-rs/keyring').AsyncEntry).toBeTypeOf('function')
    const running = await launchOnStandin({
      dataDir: join(work, 'data'),
      app,
      packaged: true,
      env: { HOME: work, DBUS_SESSION_BUS_ADDRESS: '', DRAWBRIDGE_TUNNEL_HOST: 'http://127.0.0.1:9' },
    })
    try {
      const page = await running.page()
      await page.locator('h1').first().waitFor()
      expect((await running.shell.window()).preferences).toMatchObject({ devTools: false, sandbox: true })
      expect((await running.shell.tray()).image).toBe(join(app, 'assets/tray/lowered.png'))
    } finally {
      expect(await running.stop(), running.output()).toBe(0)
    }
  }, 60_000)
})
