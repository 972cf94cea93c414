import { readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Server } from '../src/contract/servers.ts'
import type { Status } from '../src/contract/status.ts'
import { type CliResult, hostEnv, newDataDir, type RunningHost, runCli, startHost } from './fixtures/host.ts'

/** What people and programs get wrong, tried against the host as a process: words and a next step, nothing lost, nothing hangs. */
let host: RunningHost
let key: string

beforeAll(async () => {
  host = await startHost()
  key = (await host.cli('key', 'create', '--name', 'Tester', '--access', 'everything')).stdout.trim()
})
afterAll(() => host?.stop())

const clear = (result: CliResult) => {
  expect(result.code, result.stdout + result.stderr).not.toBe(0)
  const said = result.stderr
  expect(said.length, 'says something').toBeGreaterThan(30)
  expect(said, 'no stack, no jargon').not.toMatch(/\bat .+:\d+:\d+|HostError|undefined|\[object/)
  return said
}
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(host.mcp, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${key}`,
      ...headers,
    },
    body,
  })
const alive = async () =>
  expect((await post('{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}')).status).toBe(200)

describe('a server', () => {
  it('with a command that does not exist', async () => {
    const said = clear(await host.cli('server', 'add', 'Ghost', '--', 'no-such-program-anywhere', '--flag'))
    expect(said).toContain('no-such-program-anywhere')
    expect((await host.json<Server[]>('server', 'list')).map((server) => server.name)).not.toContain('Ghost')
  })
  it.each([
    [
      'dies at once',
      'Dies',
      "process.stderr.write('no licence found\\n'); process.exit(3)",
      /no licence found|code 3|stopped/i,
    ],
    [
      'prints rubbish',
      'Rubbish',
      "setInterval(() => console.log('Hello! ' + Math.random()), 50); process.stdin.on('end', () => process.exit())",
      /MCP|understand|answer/i,
    ],
  ])(
    'that %s',
    async (_what, name, code, words) => {
      const began = Date.now()
      const result = await host.cli('server', 'add', name, '--', process.execPath, '-e', code)
      expect(Date.now() - began, 'does not hang').toBeLessThan(20_000)
      const [server] = (await host.json<Server[]>('server', 'list')).filter((one) => one.name === name)
      expect(server, 'is kept for mending').toBeDefined()
      expect(
        `${result.stderr}${server!.error?.message} ${server!.error?.hint} ${server!.log.join(' ')}`,
      ).toMatch(words)
      expect(server!.error?.hint.length).toBeGreaterThan(10)
      await alive()
    },
    60_000,
  )
  it('added twice under one name', async () => {
    const add = () => host.cli('server', 'add', 'Twice', '--', process.execPath, '-e', 'process.exit(1)')
    await add()
    expect(clear(await add())).toMatch(/Twice/)
  }, 60_000)
})

describe('starting', () => {
  it('on a port that is taken', async () => {
    const other = createServer()
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
    const { port } = other.address() as AddressInfo
    const said = clear(
      await runCli(newDataDir(), ['serve', '--no-open', '--port', String(port)], hostEnv({})),
    )
    expect(said).toContain(String(port))
    other.close()
  })
  it('a second time on the same folder', async () => {
    const said = clear(await runCli(host.dataDir, ['serve', '--no-open'], hostEnv({})))
    expect(said).toMatch(/already running/i)
    expect(said, 'and shows the way to the one that runs').toMatch(/http:\/\/127\.0\.0\.1:\d+\/open\//)
    await alive()
  })
  it('with a data folder that cannot be written', async () => {
    const folder = newDataDir()
    const blocked = join(folder, 'file')
    writeFileSync(blocked, '')
    const said = clear(await runCli(join(blocked, 'data'), ['serve', '--no-open'], hostEnv({})))
    expect(said).toMatch(/folder/i)
    // Where even root may not write.
    expect(clear(await runCli('/proc/drawbridge', ['serve', '--no-open'], hostEnv({})))).toMatch(/folder/i)
  })
  it('with a damaged database: kept aside, said, and usable', async () => {
    const dataDir = newDataDir()
    const first = await startHost({ dataDir })
    await first.cli('key', 'create', '--name', 'Before')
    await first.stop()
    for (const name of readdirSync(dataDir))
      if (/-(wal|shm)$/.test(name)) writeFileSync(join(dataDir, name), '')
    writeFileSync(join(dataDir, 'drawbridge.db'), 'this is not a database '.repeat(2_000))
    const second = await startHost({ dataDir })
    const status = await second.json<Status>('status')
    expect(status.notices[0]?.message).toMatch(/damaged/)
    expect(readdirSync(dataDir).some((name) => name.includes('damaged-'))).toBe(true)
    expect((await second.cli('key', 'create', '--name', 'After')).code).toBe(0)
    await second.stop()
  })
  it('without a network: offline is said, this computer keeps working', async () => {
    await host.json('connect', 'chatgpt')
    await expect
      .poll(async () => (await host.json<Status>('status')).bridge.state, { timeout: 10_000 })
      .toBe('offline')
    const { bridge } = await host.json<Status>('status')
    expect(bridge.message.length + bridge.hint.length).toBeGreaterThan(40)
    await alive()
  })
  it('the command line without a host', async () => {
    const result = await runCli(newDataDir(), ['status'], hostEnv({}))
    expect(result.code).toBe(3)
    expect(clear(result)).toMatch(/running/i)
  })
})

describe('a request', () => {
  it('whose arguments do not fit the schema', async () => {
    const response = await post(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'get_npm_downloads', arguments: { package: 7, range: 'for-ever' } },
      }),
    )
    const { result } = (await response.json()) as {
      result: { isError: boolean; content: { text: string }[] }
    }
    expect(result.isError).toBe(true)
    expect(result.content[0]!.text).toMatch(/package|range/)
  })
  it('of 5 MB', async () => {
    const response = await post(
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/list',
        params: { fill: 'x'.repeat(5_000_000) },
      }),
    ).catch((error) => error as Error)
    // The connection may be cut while the body is still being sent.
    if (response instanceof Response) expect(response.status).toBe(413)
    else expect(String(response.cause)).toMatch(/EPIPE|ECONNRESET|other side closed/)
    await alive()
  })
  it('100,000 levels deep', async () => {
    const response = await post(
      `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    )
    expect(response.status).toBe(400)
    expect(await response.text()).toMatch(/deep|nest/i)
    await alive()
  })
  it.each(['', 'rubbish', '{"jsonrpc":"2.0"', 'null', '[]', '"x"', '{"jsonrpc":"1.0","id":1,"method":"x"}'])(
    'that is %j',
    async (body) => {
      const response = await post(body)
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
      await alive()
    },
  )
})
