import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Folder } from '../contract/folders.ts'
import type { Server } from '../contract/servers.ts'
import type { Status } from '../contract/status.ts'
import { createPrivateListener, type PrivateListener } from '../control/private-listener.ts'
import { systemClock } from '../kernel/clock.ts'
import { createHost } from './create-host.ts'
import type { Host } from './host.ts'

/** The whole host, its admin interface, and a place on the network that counts who knocks. */
const dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-rest-'))
const marker = join(dataDir, 'it-ran')
let host: Host
let listener: PrivateListener
let url: string
let key: string
let knocks = 0
const far = createTcpServer((socket) => {
  knocks += 1
  socket.destroy()
})
let farUrl: string

async function open() {
  host = await createHost({
    dataDir,
    shell: 'headless',
    version: '0.0.0-test',
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
    tunnelHost: 'http://127.0.0.1:9',
  })
  listener = createPrivateListener({
    port: 0,
    dispatch: host.dispatch,
    on: host.on,
    dataDir,
    clock: systemClock,
    log: host.log,
    isAdminKey: host.isAdminKey,
  })
  url = `${(await listener.listen()).url}/api/v1`
}
async function close() {
  await listener.close()
  await host.stop()
}

beforeAll(async () => {
  await new Promise<void>((done) => far.listen(0, '127.0.0.1', done))
  farUrl = `http://127.0.0.1:${(far.address() as AddressInfo).port}/mcp`
  await open()
  key = (await say<{ key: string }>('adminKey.create')).key
})
afterAll(async () => {
  await close()
  far.close()
})
beforeEach(() => {
  knocks = 0
})

async function say<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw Object.assign(new Error(`${name}: ${JSON.stringify(reply.error)}`), reply.error)
  return reply.value as T
}
async function rest(method: string, path: string, body?: object) {
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, text, json: text === '' ? null : JSON.parse(text) }
}
/** Processes under this one that would be one of the drafts. */
const children = (): string[] =>
  execFileSync('ps', ['-A', '-o', 'ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.trim().startsWith(`${process.pid} `) && line.includes('it-ran'))

/** What runs leaves a mark, and never becomes a server. */
const stdio = {
  ...{ kind: 'stdio', name: 'Local', command: process.execPath, env: { TOKEN: 'canary-value-1' } },
  args: ['-e', `require('fs').writeFileSync(${JSON.stringify(marker)}, '')`],
}

it('adds servers of each kind without starting or contacting anything, over a restart too', async () => {
  const header = { 'X-Some-Key': 'canary-value-2' }
  const oauth = { clientId: 'me', clientSecret: 'canary-value-3' }
  const drafts = [
    stdio,
    { kind: 'http', name: 'Far', url: farUrl, headers: header, oauth },
    { kind: 'sse', name: 'Old', url: farUrl, headers: header },
  ]
  for (const draft of drafts) {
    const made = await rest('POST', '/servers', draft)
    expect(made.status).toBe(201)
    expect(made.json).toMatchObject({ state: 'draft', name: draft.name, tools: 0, protocol: null })
  }
  const nothingHappened = async () => {
    await delay(300)
    expect(children()).toEqual([])
    expect(existsSync(marker)).toBe(false)
    expect(knocks).toBe(0)
    const { json, text } = await rest('GET', '/servers')
    expect(json.servers.map((one: Server) => one.state)).toEqual(['draft', 'draft', 'draft'])
    expect(text).not.toContain('canary-value')
  }
  await nothingHappened()

  for (const { id, slug } of (await rest('GET', '/servers')).json.servers as Server[]) {
    for (const act of ['start', 'restart', 'stop'])
      expect(await rest('POST', `/servers/${slug}/${act}`, { seen: 'x' })).toMatchObject({
        status: 409,
        json: { error: { code: 'needs-owner' } },
      })
    expect((await rest('PATCH', `/servers/${slug}`, { timeout: 2_000, prefixed: false })).status).toBe(200)
    // what runs, or where it is, is the owner's to change
    for (const more of [
      { command: 'sh' },
      { args: [] },
      { env: {} },
      { url: 'http://127.0.0.1:9' },
      { name: 'x' },
    ])
      expect((await rest('PATCH', `/servers/${slug}`, more)).status).toBe(400)
    await rest('GET', `/servers/${slug}/health`)
    await rest('GET', `/servers/${slug}/logs`)
    // nor by the calls of the app, without what it shows
    for (const name of ['servers.start', 'servers.restart'])
      await expect(say(name, { id })).rejects.toMatchObject({ code: 'draft-not-seen' })
    await expect(say('servers.start', { id, seen: 'wrong' })).rejects.toMatchObject({
      code: 'draft-not-seen',
    })
    await host.dispatch('servers.check', { id })
    await host.dispatch('servers.signIn', { id })
    await host.dispatch('servers.signOut', { id })
  }
  await nothingHappened()
  await close()
  await open()
  await nothingHappened()
  for (const file of ['drawbridge.db', 'activity.db'])
    expect(readFileSync(join(dataDir, file)).includes('canary-value'), file).toBe(false)
})

it('lets the owner start what was looked at, and the program stop and start it from then on', async () => {
  const { json } = await rest('GET', '/servers/local')
  await say('servers.start', { id: json.id, seen: json.fingerprint })
  expect(existsSync(marker)).toBe(true)
  // it is no MCP server, so it failed; but it is no draft any more
  expect((await rest('GET', '/servers/local')).json.state).not.toBe('draft')
  expect((await rest('POST', '/servers/local/stop')).json.state).toBe('stopped')
  expect((await rest('POST', '/servers/local/restart')).status).toBe(200)
  expect((await rest('DELETE', '/servers/local')).status).toBe(204)
  expect((await rest('GET', '/servers/local')).status).toBe(404)
  // Accepting tools widens what assistants may do: there is no way to it for programs.
  expect((await rest('GET', '/tools')).json).toMatchObject({ changedServers: [] })
  // `accept` is taken for a tool's name, and there is none of that name.
  for (const path of ['/tools/accept', '/tools/x/accept', '/servers/local/tools', '/servers/local/accept'])
    for (const method of ['GET', 'POST', 'PATCH', 'PUT'])
      expect((await rest(method, path)).status, `${method} ${path}`).toBeGreaterThanOrEqual(400)
  expect(knocks).toBe(0)
})

it('refuses names twice, commands that are not there, and values that cannot be sent', async () => {
  for (const [body, status] of [
    [{ ...stdio, name: 'Far' }, 409],
    [{ ...stdio, name: 'a', command: 'no-such-command-anywhere' }, 400],
    [{ ...stdio, name: 'b', cwd: '/no/such/folder' }, 400],
    [{ kind: 'http', name: 'c', url: 'http://user:canary-value@127.0.0.1/' }, 400],
    [{ kind: 'http', name: 'd', url: farUrl, headers: { 'bad name': 'canary-value' } }, 400],
    [{ kind: 'http', name: 'e', url: farUrl, headers: { Host: 'evil.example' } }, 400],
  ] as const) {
    const answer = await rest('POST', '/servers', body)
    expect(answer.status, answer.text).toBe(status)
    expect(answer.text).not.toContain('canary-value')
  }
})

it('shows its owner, and the program, every value that could change what runs', async () => {
  const env = Object.fromEntries(
    [
      ...[
        'SHELLOPTS',
        'PS4',
        'ZDOTDIR',
        'PLAYWRIGHT_DOWNLOAD_HOST',
        'LESSOPEN',
        'NODE_OPTIONS',
        'LD_PRELOAD',
      ],
      ...['Path', 'BASH_ENV', 'PYTHONPATH', 'npm_config_registry', 'UV_INDEX_URL', 'MAKEFLAGS', 'TERMINFO'],
    ].map((name) => [name, `of ${name}`]),
  )
  const made = await rest('POST', '/servers', {
    ...stdio,
    name: 'Swaying',
    env: { ...env, MY_TOKEN: 'hidden-1' },
  })
  expect(made.status).toBe(201)
  const { values } = made.json as Server
  expect(Object.fromEntries(values!.map(({ name, text }) => [name, text]))).toEqual({
    ...env,
    MY_TOKEN: '••••••',
  })
  expect(made.text).not.toContain('hidden-1')
  expect(made.json.state).toBe('draft')
  expect(children()).toEqual([])
  expect((await rest('DELETE', '/servers/swaying')).status).toBe(204)
})

it('adds folders of which nothing is read before the owner lets that go on, over a restart too', async () => {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'drawbridge-rest-docs-')))
  writeFileSync(join(path, 'a.md'), 'giraffe')
  const made = await rest('POST', '/folders', { path })
  expect(made).toMatchObject({ status: 201, json: { state: 'paused', documents: 0, isWritable: false } })
  const { id } = made.json as Folder
  const nothingHappened = async () => {
    await rest('POST', `/folders/${id}/refresh`)
    await delay(500)
    expect((await rest('GET', `/folders/${id}`)).json).toMatchObject({
      state: 'paused',
      documents: 0,
      waiting: 0,
    })
    expect((await rest('GET', `/folders/${id}/left-out`)).json).toEqual({ reasons: [], items: [] })
  }
  await nothingHappened()
  await close()
  await open()
  await nothingHappened()
  const { notices } = await say<Status>('status.get')
  expect(notices.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('until you let it go on'),
  )
  await say('folders.change', { id, paused: false })
  const documents = async () => ((await rest('GET', `/folders/${id}`)).json as Folder).documents
  await expect.poll(documents, { timeout: 10_000 }).toBe(1)
  expect(await rest('DELETE', `/folders/${id}`)).toMatchObject({ status: 204 })
  expect(existsSync(join(path, 'a.md'))).toBe(true)
  rmSync(path, { recursive: true })
})

it('ends with its key', async () => {
  expect((await rest('GET', '/status')).status).toBe(200)
  expect((await rest('GET', '/activity?limit=1')).json).toEqual({ calls: [], next: null })
  const other = (await say<{ key: string }>('adminKey.create')).key
  expect((await rest('GET', '/status')).status).toBe(401)
  key = other
  expect((await rest('GET', '/status')).status).toBe(200)
  await say('adminKey.remove')
  expect((await rest('GET', '/status')).status).toBe(401)
  expect(await say('adminKey.get')).toEqual({ createdAt: null })
})

it('opens nothing on the public address', async () => {
  key = (await say<{ key: string }>('adminKey.create')).key
  const mcp = new URL(host.mcpUrl)
  for (const path of ['/api/v1/servers', '/api/v1/status', '/mcp']) {
    const answer = await fetch(new URL(path, mcp), {
      method: path === '/mcp' ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(path === '/mcp' && { body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' }),
    })
    expect(answer.status, path).toBe(path === '/mcp' ? 401 : 404)
  }
})
