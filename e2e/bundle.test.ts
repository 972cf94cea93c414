import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
let dir: string
let entry: string

/** The build as an installation has it: its own files and the native modules, nothing else of node_modules. */
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'bundle-'))
  for (const part of ['main', 'renderer'])
    cpSync(join(root, 'out', part), join(dir, 'out', part), { recursive: true })
  cpSync(join(root, 'package.json'), join(dir, 'package.json'))
  mkdirSync(join(dir, 'node_modules'))
  cpSync(join(root, 'node_modules/@napi-rs'), join(dir, 'node_modules/@napi-rs'), {
    recursive: true,
    dereference: true,
  })
  entry = join(dir, 'out/main/drawbridge.js')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

it('runs as a program of its own', () => {
  expect(readFileSync(entry, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  const { stdout, status } = spawnSync(process.execPath, [entry, '--version'], { encoding: 'utf8', cwd: '/' })
  expect(status).toBe(0)
  expect(stdout.trim()).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)
})

it('has the licences of what is in it beside it', () => {
  const notices = ['main', 'renderer'].map((part) =>
    readFileSync(join(dir, 'out', part, 'third-party-notices.txt'), 'utf8'),
  )
  const named = notices.map((text) => [...text.matchAll(/^Name: (.+)$/gm)].map((match) => match[1]))
  expect(named[0]).toEqual(
    expect.arrayContaining([
      'express',
      'jose',
      'oidc-provider',
      'undici',
      'unpdf',
      'pdf.js (in unpdf)',
      'zod',
    ]),
  )
  expect(named[1]).toEqual(expect.arrayContaining(['@base-ui/react', '@tanstack/react-query', 'react-dom']))
  for (const text of notices) {
    expect(text).toContain('Permission is hereby granted, free of charge')
    expect(text).not.toMatch(/^License: (?:null|undefined|UNLICENSED|UNKNOWN)?$/m)
  }
})

/** Files of the build by path: those, and what they import before they run. */
function withImports(files: readonly string[], found = new Map<string, string>()): Map<string, string> {
  for (const file of files) {
    if (found.has(file)) continue
    const text = readFileSync(file, 'utf8')
    found.set(file, text)
    const imported = text.matchAll(/^(?:import|export)\b[^;]*?"(\.[^"]+)";$/gm)
    withImports(
      [...imported].map((one) => join(dirname(file), one[1]!)),
      found,
    )
  }
  return found
}

it('reads no more at a start than a host needs that nobody asks anything', () => {
  const chunks = join(dir, 'out/main/chunks')
  const served = readdirSync(chunks).filter((name) =>
    /^(?:serve-command|run-until-signal|start-headless|interface-folder|create-host)-/.test(name),
  )
  expect(served.length).toBeGreaterThanOrEqual(5)
  const start = [...withImports([entry, ...served.map((name) => join(chunks, name))]).values()].join('')
  // V8 keeps all of it for as long as it runs
  expect(start.length).toBeGreaterThan(2_000_000)
  expect(start.length).toBeLessThan(3_350_000)
  const all = readdirSync(chunks).map((name) => readFileSync(join(chunks, name), 'utf8'))
  // Express, iconv-lite, jose, oidc-provider, undici, imapflow, the other commands
  for (const mark of [
    ...['X-Powered-By', 'Iconv-lite', 'JWEDecryptionFailed', 'InteractionRequired', 'ProxyAgent', 'ImapFlow'],
    'addBackupCommands',
  ]) {
    expect(start, mark).not.toContain(mark)
    expect(
      all.some((text) => text.includes(mark)),
      mark,
    ).toBe(true)
  }
  // the SDK's Ajv is nowhere
  expect(all.filter((text) => text.includes('Ajv2020'))).toEqual([])
})

it('serves without the rest of node_modules, says ready once, and ends in order', async () => {
  const dataDir = join(dir, 'data')
  const host = spawn(process.execPath, [entry, 'serve', '--json', '--data', dataDir], {
    cwd: '/',
    env: { PATH: process.env.PATH, HOME: dir, DRAWBRIDGE_TUNNEL_HOST: 'http://127.0.0.1:9' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: string[] = []
  let errors = ''
  host.stderr.setEncoding('utf8').on('data', (part: string) => {
    errors += part
  })
  const ended = new Promise<number | null>((resolve) => host.on('exit', resolve))
  const ready = await new Promise<{ event: string; mcp: string; ui: string }>((resolve, reject) => {
    createInterface({ input: host.stdout }).on('line', (line) => {
      said.push(line)
      resolve(JSON.parse(line))
    })
    host.on('exit', () => reject(new Error(errors)))
  })
  expect(ready).toEqual({
    event: 'ready',
    mcp: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/),
    ui: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/open\/[\w-]{43}$/),
  })

  // both listeners answer by then
  expect((await fetch(new URL('/health', ready.mcp))).status).toBe(200)
  const opened = await fetch(ready.ui, { redirect: 'manual' })
  expect(opened.status).toBe(303)
  const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
  const index = await (await fetch(new URL('/', ready.ui), { headers: { cookie } })).text()
  expect(index).toMatch(/<meta name="drawbridge-csrf" content="[\w-]{43}">/)
  const assets = [...index.matchAll(/(?:src|href)="\.?(\/assets\/[^"]+)"/g)].map((match) => match[1]!)
  expect(assets.length).toBeGreaterThanOrEqual(2)
  for (const asset of assets)
    expect((await fetch(new URL(asset, ready.ui), { headers: { cookie } })).status).toBe(200)

  const second = spawnSync(process.execPath, [entry, 'serve', '--json', '--data', dataDir], {
    encoding: 'utf8',
  })
  expect(second.status).toBe(6)
  expect(JSON.parse(second.stdout).error.code).toBe('already-running')
  // As launchd starts it: what ends badly would be started again, every ten seconds.
  const asService = ['serve', '--no-open', '--data', dataDir, '--as-service']
  const third = spawnSync(process.execPath, [entry, ...asService], { encoding: 'utf8' })
  expect(third.status).toBe(0)
  expect(third.stderr).toMatch(/already running/i)
  const mistaken = spawnSync(process.execPath, [entry, ...asService, '--port', '80'], {
    encoding: 'utf8',
    env: { ...process.env, DRAWBRIDGE_LOG_LEVEL: 'loud' },
  })
  expect(mistaken.status).toBe(0)
  expect(mistaken.stderr).toContain('DRAWBRIDGE_LOG_LEVEL')

  // what runs in threads is there too
  const docs = join(dir, 'Papers')
  mkdirSync(docs)
  writeFileSync(join(docs, 'a.md'), 'A giraffe')
  writeFileSync(join(docs, 'b.pdf'), 'no such thing')
  const folder = (...args: string[]) =>
    spawnSync(process.execPath, [entry, 'folder', ...args, '--json', '--data', dataDir], { encoding: 'utf8' })
  expect(JSON.parse(folder('add', docs).stdout)).toMatchObject({ name: 'Papers' })
  const status = () => JSON.parse(folder('status').stdout)[0]
  await expect.poll(status, { timeout: 30_000 }).toMatchObject({
    ...{ state: 'ready', documents: 1, waiting: 0 },
    leftOut: { items: [{ path: 'b.pdf', reason: 'damaged' }] },
  })

  host.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(said).toHaveLength(1)
  expect(errors).not.toMatch(/warning|error/i)
  expect(existsSync(join(dataDir, 'control.json'))).toBe(false)
})
