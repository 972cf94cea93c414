import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startRegistry } from '../testing/fixture-registry.ts'
import {
  callText,
  closeAll,
  fixture,
  livingWith,
  odd,
  type SetUp,
  setUp,
  stdio,
  until,
} from '../testing/setup.ts'
import type { Timings } from './timings.ts'

let at: SetUp
const open: { stop(): Promise<unknown> }[] = []
afterEach(async () => {
  await closeAll()
  await Promise.all(open.splice(0).map((one) => one.stop()))
})

const server = () => at.servers.list()[0]!
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
  const add = (...args: string[]) => at.servers.add(stdio('Slow', args, { command: 'npx', env }))
  return { registry, name, add }
}

// Longer than most tests, because the time that the client and the registry take must be longer than what a start may.
describe('a first start by npx on an empty cache', () => {
  it('is shown as downloading for longer than a start may take, and runs then', {
    timeout: 60_000,
  }, async () => {
    const { registry, name, add } = await withRegistry({ start: quiet })
    const states = new Set<string>()
    at.servers.events.on('changed', () => states.add(server().state))
    const adding = add('-y', name, 'slow-npx-mark')
    await registry.asked
    const since = performance.now()
    await until(() => performance.now() - since > quiet + 1_000, 20_000)
    expect(server()).toMatchObject({ state: 'downloading', error: null })
    registry.handOut()
    expect(await adding).toMatchObject({ state: 'running', tools: 12, error: null })
    expect([...states]).toEqual(['starting', 'downloading', 'running'])
    expect(JSON.parse(await callText(at.servers, 'slow', 'argv'))).toEqual(['slow-npx-mark'])
    await at.servers.stop()
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
    await at.servers.remove(absent.id)
    await registry.stop()
    const offline = await add('-y', 'no-such-server')
    expect(offline.error!.message).toMatch(/request to \S+ failed, reason: .*ECONNREFUSED/)
    expect(offline.error!.hint).toContain('online')
  })
})

describe('the limit of a start', () => {
  it('is the owner’s for each server, else as long as a request may take', async () => {
    at = setUp({ firstBackoff: 30 })
    const own = await at.servers.add(
      stdio('Own', [fixture, '--silent'], { timeout: 120_000, startTimeout: 1_000 }),
    )
    expect(own).toMatchObject({
      startTimeout: 1_000,
      error: { code: 'server-silent', message: expect.stringContaining('within one second') },
    })
    expect(await at.servers.draft(stdio('Slow', [fixture], { timeout: 120_000 }))).toMatchObject({
      startTimeout: 120_000,
    })
    expect(await at.servers.draft(stdio('Usual', [fixture], { timeout: 5_000 }))).toMatchObject({
      startTimeout: 30_000,
    })
    expect(at.servers.update({ id: own.id, startTimeout: 2_000 }).startTimeout).toBe(2_000)
    const { id, name, command, args } = own
    const edit = { id, name, kind: 'stdio' as const, command: command!, args, env: {} }
    expect(await at.servers.edit(edit)).toMatchObject({ startTimeout: 2_000 })
    expect(await at.servers.edit({ ...edit, startTimeout: 3_000 })).toMatchObject({ startTimeout: 3_000 })
    expect(at.create().list()[0]!.startTimeout).toBe(3_000)
  })

  it('waits on while the server shows life, but not for ever', async () => {
    at = setUp({ firstBackoff: 30, start: 1_000, longestStart: 3_000 })
    const slow = ['--slow-start', '2000', '--talkative']
    expect(await at.servers.add(stdio('Alive', [fixture, ...slow]))).toMatchObject({ state: 'running' })
    const never = await at.servers.add(stdio('Never', [fixture, '--silent', '--talkative']))
    expect(never.error).toMatchObject({ code: 'server-silent' })
  })

  it('is told to who waits before it is over', async () => {
    at = setUp({ answer: 300 })
    const begun = await at.servers.add(stdio('Long', [fixture, '--slow-start', '1500']))
    expect(begun.state).toBe('starting')
    await until(() => server().state === 'running')
  })
})

it('what Docker pulls is shown as downloading', async () => {
  at = setUp({ firstBackoff: 30, start: 1_500 })
  const docker = join(at.dir, 'docker')
  const words = ["Unable to find image 'mcp/x:latest' locally", 'latest: Pulling from mcp/x']
  writeFileSync(
    docker,
    `#!/bin/sh
${words.map((word) => `echo "${word}" >&2`).join('\n')}
while [ ! -e ${at.dir}/pulled ]; do sleep 0.1; done
echo "Status: Downloaded newer image for mcp/x:latest" >&2
exec "${process.execPath}" "${fixture}"
`,
  )
  chmodSync(docker, 0o755)
  const adding = at.servers.add(stdio('Boxed', ['run', '-i', 'mcp/x'], { command: docker }))
  await until(() => server()?.state === 'downloading')
  const since = performance.now()
  await until(() => performance.now() - since > 2_000)
  expect(server().state).toBe('downloading')
  writeFileSync(join(at.dir, 'pulled'), '')
  expect(await adding).toMatchObject({ state: 'running', error: null })
})

describe('a server that does not come up', () => {
  /** Ends with these words at each start, until there is a file. */
  const failing = async (words: string, timings: Partial<Timings> = {}) => {
    at = setUp({ firstBackoff: 10, longestBackoff: 40, ...timings })
    const there = join(at.dir, 'there')
    writeFileSync(there, '')
    await at.servers.add(stdio('Weak', [fixture, '--unless', there, words]))
    await at.servers.stop()
    rmSync(there)
    return {
      there,
      begin: (more: Parameters<SetUp['create']>[0] = {}) => {
        const next = at.create(more)
        void next.startAll()
        return { next, weak: () => next.list()[0]! }
      },
    }
  }

  it('for want of the network is tried for as long as it takes', async () => {
    const { there, begin } = await failing('Error: getaddrinfo ENOTFOUND api.example')
    const { weak } = begin()
    await until(() => weak().restarts > 7 && weak().state === 'waiting', 20_000)
    expect(weak().error).toMatchObject({
      code: 'server-died-at-start',
      hint: expect.stringContaining('online'),
    })
    writeFileSync(there, '')
    await until(() => weak().state === 'running')
  })

  it('when its owner has just added it, is left to them, and not said to be tried again', async () => {
    const words = 'Error: getaddrinfo ENOTFOUND api.example'
    at = setUp()
    const weak = await at.servers.add(stdio('Weak', [fixture, '--unless', join(at.dir, 'there'), words]))
    expect(weak.state).toBe('failed')
    expect(weak.error?.hint).toMatch(/online.*Then start it again\.$/)
    expect(weak.error?.hint).not.toContain('by itself')
  })

  it('for reasons unknown is, too', async () => {
    const { begin } = await failing('something odd happened')
    const { weak } = begin()
    await until(() => weak().restarts > 7, 20_000)
    expect(weak().state).not.toBe('failed')
  })

  it('and says the same definite thing each time is left alone, with that', async () => {
    const { begin } = await failing('error: unknown option --colour')
    const { weak } = begin()
    await until(() => weak().state === 'failed', 20_000)
    expect(weak()).toMatchObject({ restarts: 4, error: { code: 'server-keeps-stopping' } })
    expect(weak().error!.message).toContain('said the same 5 times')
    expect(weak().error!.message).toContain('unknown option --colour')
  })

  it('and refuses to be spoken to is quoted, and tried for as long as it takes', async () => {
    const refusal = (message: string) =>
      JSON.stringify({
        initialize: `{"jsonrpc":"2.0","id":ID,"error":{"code":-32000,"message":"${message}"}}`,
      })
    at = setUp({ firstBackoff: 10, longestBackoff: 40 })
    const add = (name: string, words: string) => at.servers.add(stdio(name, [odd, refusal(words)]))
    await add('Off', 'Cannot reach api.example: fetch failed')
    await add('Keyless', 'API_KEY is missing')
    await at.servers.stop()
    const next = at.create()
    void next.startAll()
    const waiting = (name: string) =>
      next.list().find((one) => one.name === name && one.restarts > 5 && one.state === 'waiting')
    await until(() => waiting('Off') !== undefined, 20_000)
    const off = waiting('Off')
    await until(() => waiting('Keyless') !== undefined, 20_000)
    const keyless = waiting('Keyless')
    expect(off).toMatchObject({
      error: {
        code: 'server-refused-first',
        message:
          '“Off” answers, and refused what it was asked first. It says: “Cannot reach api.example: fetch failed”',
        hint: expect.stringContaining('online'),
      },
    })
    expect(keyless!.error!.hint).toContain('API key')
  })

  it('that refused to be spoken to for want of the network is started when that is back', async () => {
    const initialize = '{"jsonrpc":"2.0","id":ID,"error":{"code":-32603,"message":"fetch failed"}}'
    at = setUp()
    await at.servers.add(stdio('Off', [odd, JSON.stringify({ initialize })]))
    expect(server()).toMatchObject({ state: 'failed', restarts: 0 })
    at.servers.networkIsBack()
    await until(() => server().restarts === 1)
  })

  it('is started at once when the network is back, however long it was to wait', async () => {
    const day = 24 * 60 * 60_000
    const { there, begin } = await failing('Error: connect ENETUNREACH 1.2.3.4:443', {
      firstBackoff: day,
      longestBackoff: day,
      network: 20,
    })
    const addresses: string[] = []
    let looks = 0
    const look = () => {
      looks += 1
      return [...addresses]
    }
    const { next, weak } = begin({ addresses: look })
    await until(() => weak().state === 'waiting')
    writeFileSync(there, '')
    const before = looks
    await until(() => looks > before + 3)
    expect(weak().state).toBe('waiting')
    addresses.push('192.168.1.7')
    await until(() => weak().state === 'running')
    // Nobody looks when nothing waits.
    const after = looks
    await next.check(weak().id)
    expect(looks).toBeLessThanOrEqual(after + 1)
  })

  it('or when the host says so', async () => {
    const { there, begin } = await failing('Error: fetch failed', { firstBackoff: 1e8, longestBackoff: 1e8 })
    const { next, weak } = begin()
    await until(() => weak().state === 'waiting')
    writeFileSync(there, '')
    next.networkIsBack()
    await until(() => weak().state === 'running')
  })
})
