import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Server } from '../src/contract/servers.ts'
import { type RunningHost, startHost } from './fixtures/host.ts'
import { echo, startOlderServer, startProgram } from './fixtures/test-servers.ts'

/**
 * A server of each kind, added on the command line and by the admin interface of the program as it is built, and then used by a
 * client. (In the app they are added by servers.spec.ts.)
 */
const running: ChildProcess[] = []
const urls = { http: '', sse: '' }
let host: RunningHost
let clientKey = ''

beforeAll(async () => {
  const http = startProgram([echo, '--http'], 'pipe')
  running.push(http)
  urls.http = await new Promise((resolve) =>
    http.stdout!.once('data', (chunk: Buffer) => resolve(String(chunk).trim())),
  )
  const older = await startOlderServer()
  running.push(older.child)
  urls.sse = older.url
  host = await startHost()
  const made = await host.json<{ token: string }>(
    'key',
    'create',
    '--name',
    'Client',
    '--access',
    'everything',
  )
  clientKey = made.token
}, 60_000)
afterAll(async () => {
  await host?.stop()
  for (const child of running) child.kill('SIGKILL')
})

const kinds = ['stdio', 'http', 'sse'] as const
type Kind = (typeof kinds)[number]
const transports = { stdio: 'stdio', http: 'streamable-http', sse: 'sse' }
/** What it is asked, and what only it answers. */
const call = (kind: Kind, slug: string) =>
  kind === 'sse'
    ? { name: `${slug}__echo`, arguments: { message: `hello ${slug}` } }
    : { name: `${slug}__echo`, arguments: { text: `hello ${slug}`, wait: 0 } }

async function asksIt(kind: Kind, slug: string): Promise<string> {
  const response = await fetch(host.mcp, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${clientKey}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: call(kind, slug) }),
  })
  return response.text()
}

describe('on the command line', () => {
  it.each(kinds)(
    '%s',
    async (kind) => {
      const name = `cli-${kind}`
      const how =
        kind === 'stdio'
          ? ['--', process.execPath, echo, '--stdio']
          : ['--url', urls[kind], ...(kind === 'sse' ? ['--sse'] : [])]
      const added = await host.json<Server>('server', 'add', name, ...how)
      expect(added).toMatchObject({ slug: name, transport: transports[kind], state: 'running' })
      expect(await asksIt(kind, name)).toContain(`hello ${name}`)
    },
    30_000,
  )
})

describe('what is changed on the command line', () => {
  it('is so at once, and nothing else is', async () => {
    const one = await host.json<Server>('server', 'add', 'changing', '--', process.execPath, echo, '--stdio')
    const other = ['--name', 'Changed', '--env', 'KEY=canary-edit', '--timeout', '45']
    const changed = await host.json<Server>('server', 'update', 'changing', ...other)
    expect(changed).toMatchObject({
      id: one.id,
      slug: 'changing',
      name: 'Changed',
      env: ['KEY'],
      timeout: 45_000,
    })
    expect(changed).toMatchObject({ state: 'running', command: one.command, args: one.args })
    expect(await asksIt('stdio', 'changing')).toContain('hello changing')
    const gone = await host.json<Server>('server', 'update', 'changing', '--unset', 'KEY')
    expect(gone.env).toEqual([])
    await host.json('server', 'remove', 'changing')
  }, 30_000)
})

describe('by the admin interface', () => {
  let address = ''
  let adminKey = ''
  beforeAll(async () => {
    const made = await host.json<{ key: string; address: string }>('admin-key', 'create')
    address = made.address
    adminKey = made.key
  })
  const rest = async (method: string, path: string, body?: object) => {
    const response = await fetch(address + path, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: response.status, json: (await response.json()) as Server }
  }

  it.each(kinds)(
    '%s: a draft, until its owner has looked at it',
    async (kind) => {
      const name = `rest-${kind}`
      const { status, json: draft } = await rest('POST', '/servers', {
        kind,
        name,
        ...(kind === 'stdio' ? { command: process.execPath, args: [echo, '--stdio'] } : { url: urls[kind] }),
      })
      expect([status, draft.state]).toEqual([201, 'draft'])
      expect(await asksIt(kind, name)).not.toContain(`hello ${name}`)
      expect((await rest('POST', `/servers/${name}/start`)).status).toBe(409)

      // The owner sees what would run, and starts nothing by looking.
      const looked = await host.cli('server', 'start', name)
      expect(looked.stdout + looked.stderr).toContain(kind === 'stdio' ? echo : urls[kind])
      expect((await rest('GET', `/servers/${name}`)).json.state).toBe('draft')
      const started = await host.json<Server>('server', 'start', name, '--yes')
      expect(started).toMatchObject({ slug: name, transport: transports[kind], state: 'running' })
      expect(await asksIt(kind, name)).toContain(`hello ${name}`)

      expect((await rest('POST', `/servers/${name}/stop`)).json.state).toBe('stopped')
      expect(await asksIt(kind, name)).not.toContain(`hello ${name}"`)
      expect((await rest('POST', `/servers/${name}/start`)).json.state).toBe('running')
      expect(await asksIt(kind, name)).toContain(`hello ${name}`)
    },
    60_000,
  )
})
