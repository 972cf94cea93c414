import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { HelperDownload } from '../../contract/helpers.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { sha256, startReleaseServer } from '../testing/fixture-release-server.ts'
import { HelperStore } from './helper-store.ts'
import { type HelperRelease, helperReleases } from './releases.ts'

let server: Awaited<ReturnType<typeof startReleaseServer>>
let folder: string
let stores: HelperStore[]
let told: HelperDownload[][]
let installed: string[]

beforeAll(async () => {
  server = await startReleaseServer()
})
afterAll(() => server.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-helpers-'))
  stores = []
  told = []
  installed = []
})
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()))
  rmSync(folder, { recursive: true })
})

const home = () => join(folder, 'helpers')
/** Says its version, and leaves a sign that it ran. */
const programOf = (version: string, code = 0) =>
  Buffer.from(
    `#!/bin/sh\necho ran >> '${folder}/ran'\necho 'cloudflared version ${version} (built 2026)'\nexit ${code}\n`,
  )
const hasRun = () => existsSync(join(folder, 'ran'))
const there = () => (existsSync(join(home(), 'cloudflared')) ? readdirSync(join(home(), 'cloudflared')) : [])

function storeOf(...releases: HelperRelease[]): HelperStore {
  const store = new HelperStore({
    folder: home(),
    releases: { cloudflared: releases },
    fetch,
    env: process.env,
    log: silentLog,
    changed: (downloads) => told.push(downloads),
    installed: (id) => installed.push(id),
    computer: 'linux-x64',
    quiet: 400,
  })
  stores.push(store)
  return store
}
const fetched = async (store: HelperStore) => {
  store.fetch('cloudflared')
  await expect
    .poll(() => store.downloads().every(({ failure }) => failure !== null), { timeout: 10_000 })
    .toBe(true)
  return store.downloads()[0]?.failure ?? null
}

it('fetches one, checks it, and keeps it where nobody else can read it', async () => {
  const program = programOf('1.2.3')
  const store = storeOf(server.release('1.2.3', program))
  expect(store.offer('cloudflared')).toEqual({ version: '1.2.3', bytes: program.byteLength })
  expect(await store.find('cloudflared')).toBeNull()
  expect(there()).toEqual([])
  expect(await fetched(store)).toBeNull()
  expect(installed).toEqual(['cloudflared'])
  expect(told.flat().at(-1)).toMatchObject({ done: program.byteLength, bytes: program.byteLength })
  expect(told.at(-1)).toEqual([])
  const path = (await store.find('cloudflared'))!
  expect(readFileSync(path)).toEqual(program)
  for (const at of [home(), join(home(), 'cloudflared'), join(path, '..'), path])
    expect(statSync(at).mode & 0o777, at).toBe(0o700)
  // Another start finds it too.
  expect(await storeOf(server.release('1.2.3', program)).find('cloudflared')).toBe(path)
})

it('takes a program out of an archive, and checks that one too', async () => {
  const program = programOf('1.2.3')
  writeFileSync(join(folder, 'cloudflared'), program)
  const archive = execFileSync('tar', ['-czf', '-', '-C', folder, 'cloudflared'])
  const name = 'cloudflared-fixture.tgz'
  const store = storeOf(server.release('1.2.3', archive, { name, program: sha256(program) }))
  expect(await fetched(store)).toBeNull()
  expect(readFileSync((await store.find('cloudflared'))!)).toEqual(program)
  expect(there()).toEqual(['1.2.3'])

  const other = storeOf(server.release('1.2.4', archive, { name, program: sha256(Buffer.from('another')) }))
  rmSync(join(folder, 'ran'))
  expect((await fetched(other))?.message).toBe(
    'cloudflared was downloaded, but does not run on this computer. It was deleted.',
  )
  expect(hasRun()).toBe(false)
})

const right = programOf
it.each<[string, (version: string) => HelperRelease, string]>([
  [
    'is another one',
    (version) => server.release(version, right('6.6.6'), { sha256: sha256(right(version)) }),
    'What came is not the cloudflared that Drawbridge knows. It was deleted.',
  ],
  [
    'is longer',
    (version) => {
      const known = server.release(version, right(version))
      server.files.set(
        `/${version}/cloudflared-fixture`,
        Buffer.concat([right(version), Buffer.from('\n# more')]),
      )
      return known
    },
    'What came is not the cloudflared that Drawbridge knows. It was deleted.',
  ],
  [
    'is not there',
    (version) => {
      const known = server.release(version, right(version))
      server.files.delete(`/${version}/cloudflared-fixture`)
      return known
    },
    'cloudflared could not be downloaded.',
  ],
  [
    'breaks off',
    (version) => {
      const known = server.release(version, right(version))
      server.files.set(`/${version}/cloudflared-fixture`, (res) => {
        res.writeHead(200, { 'content-length': right(version).byteLength }).write('#!/bin/sh\n')
        setTimeout(() => res.destroy(), 20)
      })
      return known
    },
    'cloudflared could not be downloaded.',
  ],
  [
    'goes on for ever without a byte',
    (version) => {
      const known = server.release(version, right(version))
      server.files.set(
        `/${version}/cloudflared-fixture`,
        (res) => void res.writeHead(200).write('#!/bin/sh\n'),
      )
      return known
    },
    'cloudflared could not be downloaded.',
  ],
])('a download that %s is deleted and never run', async (_how, release, message) => {
  const store = storeOf(release('2.0.0'))
  const failure = await fetched(store)
  expect(failure?.message).toBe(message)
  expect(failure?.hint).not.toBe('')
  expect(hasRun()).toBe(false)
  expect(there()).toEqual([])
  expect(installed).toEqual([])
  expect(await store.find('cloudflared')).toBeNull()
  // Until somebody has read it.
  store.cancel('cloudflared')
  expect(store.downloads()).toEqual([])
})

it('goes back to the one before when the newest does not run, or is another by now', async () => {
  const [one, two, three] = ['1.0.0', '2.0.0', '3.0.0'].map((version) =>
    server.release(version, programOf(version)),
  )
  const first = storeOf(one!)
  await fetched(first)
  const before = await first.find('cloudflared')

  const failing = server.release('2.0.0', programOf('2.0.0', 1))
  const second = storeOf(failing, one!)
  expect((await fetched(second))?.message).toContain('does not run on this computer')
  expect(there()).toEqual(['1.0.0'])
  expect(await second.find('cloudflared')).toBe(before)

  const third = storeOf(server.release('2.0.0', programOf('2.0.0')), one!)
  expect(await fetched(third)).toBeNull()
  const newest = (await third.find('cloudflared'))!
  expect(newest).toContain('2.0.0')
  expect(there().sort()).toEqual(['1.0.0', '2.0.0'])
  writeFileSync(newest, programOf('2.0.0, changed'))
  expect(await third.find('cloudflared')).toBe(before)
  writeFileSync(newest, programOf('2.0.0'))

  const fourth = storeOf(three!, two!, one!)
  expect(await fetched(fourth)).toBeNull()
  expect(there().sort()).toEqual(['2.0.0', '3.0.0'])
  // A release that Drawbridge no longer knows is used by nobody.
  expect(await storeOf(one!).find('cloudflared')).toBeNull()
})

it('a download that is broken off leaves nothing, and can begin again', async () => {
  const program = programOf('1.2.3')
  const known = server.release('1.2.3', program)
  server.files.set(
    '/1.2.3/cloudflared-fixture',
    (res) => void res.writeHead(200).write(program.subarray(0, 20)),
  )
  const store = storeOf(known)
  store.fetch('cloudflared')
  await expect.poll(() => store.downloads()[0]?.done).toBe(20)
  store.fetch('cloudflared')
  expect(store.downloads()).toHaveLength(1)
  store.cancel('cloudflared')
  expect(store.downloads()).toEqual([])
  server.files.set('/1.2.3/cloudflared-fixture', program)
  expect(await fetched(store)).toBeNull()
  expect(there()).toEqual(['1.2.3'])
})

it('offers nothing for a computer that no release is for', () => {
  const store = storeOf({ ...server.release('1.2.3', programOf('1.2.3')), files: {} })
  expect(store.offer('cloudflared')).toBeNull()
  expect(() => store.fetch('cloudflared')).toThrow(
    'Drawbridge knows no cloudflared for this kind of computer.',
  )
})

it('knows releases by their checksums, from their makers', () => {
  for (const [id, releases] of Object.entries(helperReleases))
    for (const { version, from, files } of releases) {
      expect(from, id).toBe(`https://github.com/cloudflare/cloudflared/releases/download/${version}/`)
      expect(Object.keys(files)).toEqual(
        expect.arrayContaining(['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-x64']),
      )
      for (const { name, bytes, sha256: sum, program } of Object.values(files)) {
        expect(sum).toMatch(/^[0-9a-f]{64}$/)
        expect(bytes).toBeGreaterThan(10_000_000)
        expect(name.endsWith('.tgz')).toBe(program !== undefined)
        if (program) expect(program).toMatch(/^[0-9a-f]{64}$/)
      }
    }
})
