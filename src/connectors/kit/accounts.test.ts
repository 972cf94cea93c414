import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { repositoryOf, startFixtureServices } from '../../../e2e/fixtures/fixture-services.ts'
import { Connector } from '../../contract/connectors.ts'
import { systemClock } from '../../kernel/clock.ts'
import { createFileLog, silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { openDatabase } from '../../storage/database/database.ts'
import { createSettings } from '../../storage/settings.ts'
import { openFileVault } from '../../storage/vault/file-vault.ts'
import { connectors as builtIn } from '../listed.ts'
import { createConnectors } from './connectors.ts'
import { type FixtureHarbour, harbour, startFixtureHarbour } from './testing/fixture-harbour.ts'
import { createMemory, preloaded } from './testing/memory.ts'

let service: FixtureHarbour
let memory: ReturnType<typeof createMemory>
let changes = 0
beforeEach(async () => {
  service = await startFixtureHarbour()
  memory = createMemory()
  changes = 0
})
afterEach(() => service.close())

const create = (baseUrls: Record<string, string> = { 'old-harbour': service.url }) =>
  createConnectors({
    ...memory,
    fetch,
    clock: { now: () => 1_800_000_000_000 },
    log: silentLog,
    version: '1',
    connectors: [preloaded(harbour), ...builtIn],
    baseUrls,
    timings: { attempt: 1_000, whole: 3_000, backoff: 5 },
    changed() {
      changes += 1
    },
  })
type Connectors = ReturnType<typeof create>

const sourceOf = (connectors: Connectors, slug = 'old-harbour') =>
  connectors.sources().find((source) => source.slug === slug)!
const call = (connectors: Connectors, tool: string, args = {}, slug = 'old-harbour') =>
  sourceOf(connectors, slug).call(tool, args, { signal: new AbortController().signal })
const save = (connectors: Connectors, values: Record<string, string | null>, more = {}) =>
  connectors.handlers.save({ slug: 'old-harbour', values, ...more })

describe('a connector that cannot be loaded', () => {
  const broken = { ...preloaded(harbour), load: () => Promise.reject(new SyntaxError('cut off')) }
  const start = (told: string[]) =>
    createConnectors({
      ...memory,
      ...{ fetch, clock: { now: () => 1_800_000_000_000 }, log: silentLog, version: '1' },
      connectors: [broken, ...builtIn],
      broken: (name) => void told.push(name),
    })

  it('costs itself: the others start, are shown and work, and its owner is told once', async () => {
    const before = create()
    await before.ready
    const { id } = await save(before, { key: 'key-one' })
    const told: string[] = []
    const connectors = start(told)
    await connectors.ready
    expect(told).toEqual([harbour.name])
    const shown = await connectors.handlers.list()
    expect(shown).toHaveLength(builtIn.length + 1)
    for (const one of shown) expect(() => Connector.parse(one)).not.toThrow()
    expect(shown[0]).toMatchObject({ name: harbour.name, ready: false, accounts: [{ id }] })
    expect(shown[0]!.about).toContain('cannot be loaded')
    await expect(connectors.handlers.test(id)).rejects.toMatchObject({ code: 'connector-broken' })
    await expect(
      connectors.handlers.save({ slug: 'old-harbour', values: { key: 'key-two' } }),
    ).rejects.toMatchObject({ code: 'connector-broken' })
    const answer = await call(connectors, 'get_revenue', {}, 'revenue')
    expect(answer.content[0]!.text).toContain('DEMO')
    // What is there of it can be removed.
    await connectors.handlers.remove(id)
    expect(memory.secrets.size).toBe(0)
    expect(told).toEqual([harbour.name])
  })
})

describe('an account', () => {
  it('makes the tools of a service that wants a key appear, and go again', async () => {
    const connectors = create()
    expect(sourceOf(connectors).tools()).toEqual([])
    await expect(call(connectors, 'list_ships')).rejects.toMatchObject({ code: 'tool-not-found' })
    await save(connectors, { address: service.url })
    expect(sourceOf(connectors).tools(), 'without the key').toEqual([])
    const [{ id }] = (await connectors.handlers.list())[0]!.accounts as unknown as [{ id: string }]
    await save(connectors, { key: 'key-one' }, { id })
    expect(sourceOf(connectors).tools()).toHaveLength(2)
    expect((await connectors.handlers.list())[0]).toMatchObject({ ready: true })
    await connectors.handlers.remove(id)
    expect(sourceOf(connectors).tools()).toEqual([])
    expect(memory.secrets.size).toBe(0)
    expect(changes).toBe(3)
  })

  it('keeps its secret in the vault: not in what is shown, nor in settings', async () => {
    const connectors = create()
    const account = await save(connectors, { key: ' key-one\n', address: service.url })
    expect(account).toMatchObject({ name: 'My account', values: { address: service.url }, secrets: ['key'] })
    expect(JSON.stringify([...memory.stored, await connectors.handlers.list()])).not.toContain('key-one')
    expect([...memory.secrets]).toEqual([[`connector/${account.id}/key`, 'key-one']])
    await save(connectors, { address: null }, { id: account.id })
    expect([...memory.secrets.values()], 'what is not named stays').toEqual(['key-one'])
    expect((await connectors.handlers.list())[0]!.accounts[0]!.values).toEqual({})
  })

  it('survives a restart, in a real database and a real vault, and its secret is in neither file nor log', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-connectors-'))
    const redactor = createRedactor()
    const log = createFileLog(join(dataDir, 'drawbridge.log'), redactor)
    const open = async () => {
      const { db } = openDatabase(join(dataDir, 'drawbridge.db'), log)
      const vault = await openFileVault({
        ...{ dataDir, log, redactor, clock: systemClock, passphrase: undefined, cost: 2 },
      })
      const connectors = createConnectors({
        ...{ settings: createSettings(db), vault, db, redactor, fetch, log, version: '1' },
        connectors: [preloaded(harbour)],
        clock: { now: () => 0 },
      })
      await connectors.ready
      return { db, connectors }
    }
    const before = await open()
    await save(before.connectors, { key: 'key-of-the-harbour', address: service.url })
    service.trouble(500, 500, 500)
    await expect(call(before.connectors, 'list_ships')).rejects.toMatchObject({ code: 'service-broken' })
    before.db.close()
    const after = await open()
    const { structuredContent } = await call(after.connectors, 'list_ships')
    expect(structuredContent).toMatchObject({ ships: ['Anna', 'Berta', 'Erna'] })
    after.db.close()
    for (const file of readdirSync(dataDir))
      expect(readFileSync(join(dataDir, file), 'latin1'), file).not.toContain('key-of-the-harbour')
    rmSync(dataDir, { recursive: true })
  })

  it('is one of several that a call can name', async () => {
    const connectors = create()
    const properties = () => Object.keys(sourceOf(connectors).tools()[0]!.inputSchema.properties as object)
    await save(connectors, { key: 'key-one' }, { name: 'Home' })
    expect(properties()).toEqual([])
    await expect(save(connectors, { key: 'key-two' }, { name: 'Home' })).rejects.toMatchObject({
      code: 'name-taken',
    })
    await save(connectors, { key: 'key-two' }, { name: 'Work' })
    expect(properties()).toEqual(['account'])
    await call(connectors, 'list_ships', { account: 'Work' })
    await call(connectors, 'list_ships')
    expect(service.requests.map(({ headers }) => headers.authorization)).toEqual([
      ...['Bearer key-two', 'Bearer key-two'],
      ...['Bearer key-one', 'Bearer key-one'],
    ])
    await expect(call(connectors, 'list_ships', { account: 'Other' })).rejects.toMatchObject({
      code: 'arguments-invalid',
    })
  })

  it('is tested: what works, what does not, and what it lacks', async () => {
    const connectors = create()
    const { id } = await save(connectors, { address: service.url })
    await expect(connectors.handlers.test(id)).rejects.toMatchObject({ code: 'account-incomplete' })
    expect(service.requests).toEqual([])
    await save(connectors, { key: 'wrong' }, { id })
    await expect(connectors.handlers.test(id)).rejects.toMatchObject({ code: 'service-key-refused' })
    await save(connectors, { key: 'key-one' }, { id })
    expect(await connectors.handlers.test(id)).toEqual({ message: 'It works: 2 ships on the first page.' })
    await expect(connectors.handlers.test('acc_0')).rejects.toMatchObject({ code: 'account-unknown' })
  })

  it('loses what was last known when it is changed or removed: it may be another’s now', async () => {
    const connectors = create()
    const { id } = await save(connectors, { key: 'key-one' })
    const count = () => memory.db.prepare('SELECT count(*) AS n FROM connector_answers').get()!.n
    await call(connectors, 'list_ships')
    expect(count()).toBe(1)
    await save(connectors, { key: 'key-two' }, { id })
    expect(count()).toBe(0)
    await call(connectors, 'list_ships')
    await connectors.handlers.remove(id)
    expect(count()).toBe(0)
  })

  it('is refused what its connector does not know, and what does not fit; then nothing changes', async () => {
    const connectors = create()
    for (const [values, code] of [
      [{ nonsense: 'x' }, 'field-unknown'],
      [{ constructor: 'x' }, 'field-unknown'],
      [{ address: 'x'.repeat(2_001) }, 'field-invalid'],
    ] as const)
      await expect(save(connectors, { key: 'key-one', ...values })).rejects.toMatchObject({ code })
    await expect(save(connectors, {}, { id: 'acc_0' })).rejects.toMatchObject({ code: 'account-unknown' })
    await expect(save(connectors, {}, { slug: 'x' })).rejects.toMatchObject({ code: 'connector-unknown' })
    expect([memory.secrets.size, (await connectors.handlers.list())[0]!.accounts]).toEqual([0, []])
  })
})

describe('what a tool asks', () => {
  const ready = async () => {
    const connectors = create()
    await save(connectors, { key: 'key-one' })
    return connectors
  }

  it('goes from page to page, and with its key to nobody else', async () => {
    const connectors = await ready()
    await call(connectors, 'list_ships')
    expect(service.requests.map(({ path }) => path)).toEqual(['/ships', '/ships?page=2'])
    const other = await startFixtureHarbour()
    service.nextPage = `${other.url}/ships?page=2`
    const { structuredContent } = await call(connectors, 'list_ships')
    expect(structuredContent, 'the last known').toMatchObject({ stale: true })
    expect(other.requests).toEqual([])
    await other.close()
  })

  it('is posted as JSON, once: what may have been done is not done again', async () => {
    const connectors = await ready()
    service.trouble(500)
    await expect(call(connectors, 'moor_ship', { ship: 'Anna' })).rejects.toMatchObject({
      code: 'service-broken',
    })
    expect(service.requests).toHaveLength(1)
    service.trouble(429)
    await expect(call(connectors, 'moor_ship', { ship: 'Anna' })).rejects.toMatchObject({
      code: 'service-rate-limited',
    })
    const { structuredContent } = await call(connectors, 'moor_ship', { ship: 'Anna' })
    expect(structuredContent).toMatchObject({ moored: 'berth 7', stale: false })
    service.trouble(500)
    await expect(call(connectors, 'moor_ship', { ship: 'Anna' }), 'no last known').rejects.toThrow()
    const { method, headers, body } = service.requests[2]!
    expect([method, headers['content-type'], body]).toEqual(['POST', 'application/json', '{"ship":"Anna"}'])
  })

  it('says that the key is not accepted', async () => {
    const connectors = create()
    await save(connectors, { key: 'wrong' })
    await expect(call(connectors, 'list_ships')).rejects.toMatchObject({ code: 'service-key-refused' })
  })
})

describe('what is mine', () => {
  it('need not be said in a call', async () => {
    const services = await startFixtureServices()
    const connectors = create({ github: services.url, npm: services.url })
    const schema = (slug: string) => sourceOf(connectors, slug).tools()[0]!.inputSchema
    expect(schema('github').required).toEqual(['repository'])
    await expect(call(connectors, 'get_github_stars', {}, 'github')).rejects.toMatchObject({
      code: 'arguments-invalid',
      message: expect.stringContaining('repository'),
    })
    await expect(
      save(connectors, { repositories: 'a/b, nonsense' }, { slug: 'github' }),
    ).rejects.toMatchObject({ code: 'field-invalid', message: expect.stringContaining('“nonsense”') })

    const saved = await save(
      connectors,
      { repositories: 'nodejs/node, nodejs/undici\nnodejs/node' },
      { slug: 'github' },
    )
    expect(saved.values).toEqual({ repositories: 'nodejs/node\nnodejs/undici' })
    expect(schema('github').required).toBeUndefined()
    const both = await call(connectors, 'get_github_stars', {}, 'github')
    const [node, undici] = [repositoryOf('nodejs/node'), repositoryOf('nodejs/undici')]
    expect(both.structuredContent).toMatchObject({
      stars: node.stargazers_count + undici.stargazers_count,
      repositories: [
        { repository: 'nodejs/node', stars: node.stargazers_count },
        { forks: undici.forks_count },
      ],
    })
    expect(both.content[0]!.text).toMatch(/^Together, nodejs\/node, nodejs\/undici have /)
    const one = await call(connectors, 'get_github_stars', { repository: 'a/b' }, 'github')
    expect(one.structuredContent).toMatchObject({ repository: 'a/b' })

    await save(connectors, { packages: 'react @types/node' }, { slug: 'npm' })
    const downloads = await call(connectors, 'get_npm_downloads', {}, 'npm')
    expect(downloads.structuredContent).toMatchObject({
      packages: [{ package: 'react' }, { package: '@types/node' }],
    })
    const { packages, downloads: all } = downloads.structuredContent as unknown as {
      packages: { downloads: number }[]
      downloads: number
    }
    expect(packages.reduce((sum, each) => sum + each.downloads, 0)).toBe(all)
    await services.close()
  })
})

it('its file is read when it has an account, or somebody looks, and no other', async () => {
  const open = () => {
    const read: string[] = []
    const watched = builtIn.map((one) => ({
      ...one,
      load() {
        read.push(one.slug)
        return one.load()
      },
    }))
    const connectors = createConnectors({
      ...{ ...memory, fetch, clock: { now: () => 0 }, log: silentLog, version: '1', connectors: watched },
    })
    return { read, connectors }
  }
  const first = open()
  await first.connectors.ready
  const before = first.connectors.sources().flatMap((source) => source.tools())
  expect(before.map(({ name }) => name).sort()).toEqual([
    ...['get_analytics', 'get_github_stars', 'get_health_checks', 'get_npm_downloads', 'get_revenue'],
    ...['get_sentry_issues', 'get_vercel_deployments', 'read_mail', 'search_mail', 'today'],
  ])
  expect(first.read).toEqual([])
  await first.connectors.handlers.save({ slug: 'posthog', values: { project: '7', key: 'phx_one' } })
  expect(first.read).toEqual(['posthog'])
  // What it says of itself is the same as before: nobody has to look at it again.
  expect(first.connectors.sources().flatMap((source) => source.tools())).toEqual(before)
  const second = open()
  await second.connectors.ready
  expect(second.read).toEqual(['posthog'])
  expect(await second.connectors.handlers.list()).toHaveLength(builtIn.length)
  expect(second.read).toHaveLength(builtIn.length)
})
