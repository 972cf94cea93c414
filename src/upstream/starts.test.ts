import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startRegistry } from './fixture-registry.ts'
import { callText, closeAll, fixture, livingWith, type SetUp, setUp, stdio, until } from './fixture-setup.ts'
import type { Timings } from './timings.ts'

let at: SetUp
const open: { stop(): Promise<unknown> }[] = []
afterEach(async () => {
  await closeAll()
  await Promise.all(open.splice(0).map((one) => one.stop()))
})

const server = () => at.upstreams.list()[0]!
const quiet = 4_000

/** The real npm client, an empty cache, and a registry that is not the real one. */
async function withRegistry(timings: Partial<Timings>, postinstall?: string) {
  at = setUp({ firstBackoff: 30, ...timings })
  const name = 'slow-mcp-server'
  const registry = await startRegistry({ name, file: fixture, ...(postinstall && { postinstall }) })
  open.push(registry)
  const cache = join(at.dir, 'cache')
  mkdirSync(cache)
  const env = {
    npm_config_registry: registry.url,
    npm_config_cache: cache,
    npm_config_fetch_retries: '0',
    npm_config_update_notifier: 'false',
  }
  const add = (...args: string[]) => at.upstreams.add(stdio('Slow', args, { command: 'npx', env }))
  return { registry, name, add }
}

// Longer than most tests, because the time that the client and the registry take must be longer than what a start may.
describe('a first start by npx on an empty cache', () => {
  it('is shown as downloading for longer than a start may take, and runs then', {
    timeout: 60_000,
  }, async () => {
    const { registry, name, add } = await withRegistry({ start: quiet })
    const states = new Set<string>()
    at.upstreams.events.on('changed', () => states.add(server().state))
    const adding = add('-y', name, 'slow-npx-mark')
    await registry.asked
    const since = performance.now()
    await until(() => performance.now() - since > quiet + 1_000, 20_000)
    expect(server()).toMatchObject({ state: 'downloading', error: null })
    registry.handOut()
    expect(await adding).toMatchObject({ state: 'running', tools: 12, error: null })
    expect([...states]).toEqual(['starting', 'downloading', 'running'])
    expect(JSON.parse(await callText(at.upstreams, 'slow', 'argv'))).toEqual(['slow-npx-mark'])
    await at.upstreams.stop()
    expect(livingWith('slow-npx-mark')).toEqual([])
  })

  it('counts what its installation runs as downloading, too', { timeout: 60_000 }, async () => {
    const { registry, name, add } = await withRegistry(
      { start: quiet },
      `node -e "setTimeout(() => {}, ${quiet + 1_500})"`,
    )
    registry.handOut()
    expect(await add('-y', name)).toMatchObject({ state: 'running', error: null })
  })

  it('ends when it takes longer than a download may, and says so', { timeout: 60_000 }, async () => {
    const { name, add } = await withRegistry({ start: 1_000, download: 3_000 })
    expect(await add('-y', name)).toMatchObject({
      state: 'failed',
      error: { code: 'server-not-downloaded', message: expect.stringContaining('within 3 seconds') },
    })
  })

  it('leaves the start itself its own limit once the program is there', { timeout: 60_000 }, async () => {
    const { registry, name, add } = await withRegistry({ start: 1_500 })
    registry.handOut()
    expect(await add('-y', name, '--silent')).toMatchObject({
      state: 'failed',
      error: { code: 'server-silent' },
    })
  })

  it('quotes what npm says of a package that is not there, and of a registry that is not', {
    timeout: 60_000,
  }, async () => {
    const { registry, add } = await withRegistry({})
    const absent = await add('-y', 'no-such-server')
    expect(absent.error).toMatchObject({
      code: 'server-died-at-start',
      message: expect.stringMatching(/no-such-server@\*' (could not be found|is not in this registry)/),
      hint: expect.stringContaining('name and the version of the package'),
    })
    await at.upstreams.remove(absent.id)
    await registry.stop()
    const offline = await add('-y', 'no-such-server')
    expect(offline.error!.message).toMatch(/request to \S+ failed, reason: .*ECONNREFUSED/)
    expect(offline.error!.hint).toContain('online')
  })
})
