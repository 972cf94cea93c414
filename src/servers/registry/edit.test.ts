import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Input } from '../../contract/api.ts'
import type { Server } from '../../contract/servers.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { identityHash } from '../../mcp/pinned.ts'
import { createSignIns } from '../sign-in/create-sign-ins.ts'
import { type ProtectedServer, startProtectedServer } from '../sign-in/testing/fixture-protected-server.ts'
import {
  callText,
  closeAll,
  fixture,
  modern,
  type SetUp,
  setUp,
  sourceOf,
  stdio,
  until,
} from '../testing/setup.ts'
import { createServers } from './servers.ts'

let at: SetUp
const open: { close(): unknown }[] = []
beforeEach(() => {
  at = setUp({ start: 4_000, firstBackoff: 30 })
})
afterEach(async () => {
  await closeAll()
  await Promise.all(open.splice(0).map((one) => one.close()))
})

type Edit = Input<'servers.edit'>
type Pairs = Record<string, string | null>
const kept = (names: string[]): Pairs => Object.fromEntries(names.map((name) => [name, null]))
/** What leaves the server as it is. */
const program = (
  { id, name, command, args, env, cwd }: Server,
  more: object = {},
): Edit & { kind: 'stdio' } => ({
  ...{ id, kind: 'stdio', name, command: command!, args, env: kept(env) },
  ...(cwd !== null && { cwd }),
  ...more,
})
const address = ({ id, name, url, headers }: Server, more: object = {}): Edit & { kind: 'http' | 'sse' } => ({
  ...{ id, kind: 'http', name, url: url!, headers: kept(headers) },
  ...more,
})
const environment = async () => JSON.parse(await callText(at.servers, 'notes', 'env'))
const vault = () =>
  Object.fromEntries([...at.secrets].map(([name, value]) => [name.replace(/^server\/[^/]+\//, ''), value]))

describe('a program', () => {
  const add = () =>
    at.servers.add(
      stdio('Notes', [fixture], { env: { SECRET: 'wrong-key', OTHER: 'stays-here', GONE: 'not-needed' } }),
    )

  it('is started again with what changed, and keeps its names and what was not touched', async () => {
    const before = await add()
    const after = await at.servers.edit(
      program(before, { name: 'My notes', env: { SECRET: 'right-key', OTHER: null, NEW: 'quite-new' } }),
    )
    expect(after).toMatchObject({
      id: before.id,
      name: 'My notes',
      slug: 'notes',
      state: 'running',
      error: null,
    })
    expect(after.env).toEqual(['SECRET', 'OTHER', 'NEW'])
    expect(await environment()).toMatchObject({ SECRET: 'right-key', OTHER: 'stays-here', NEW: 'quite-new' })
    expect(await environment()).not.toHaveProperty('GONE')
    expect(vault()).toEqual({ 'env/SECRET': 'right-key', 'env/OTHER': 'stays-here', 'env/NEW': 'quite-new' })
    expect(at.servers.sources()[0]!.name).toBe('My notes')
    // and it is so in the next life too
    await at.servers.stop()
    const next = at.create()
    expect(next.list()).toMatchObject([{ name: 'My notes', slug: 'notes', env: ['SECRET', 'OTHER', 'NEW'] }])
  })

  it('can be another program altogether, whatever era that speaks', async () => {
    const before = await add()
    expect(before.protocol).toBe('2025-11-25')
    const after = await at.servers.edit(
      program(before, { args: [modern], env: {}, cwd: at.dir, timeout: 5_000 }),
    )
    expect(after).toMatchObject({
      state: 'running',
      protocol: '2026-07-28',
      tools: 1,
      cwd: at.dir,
      timeout: 5_000,
    })
    expect(after.fingerprint).not.toBe(before.fingerprint)
    expect(await callText(at.servers, 'notes', 'hello')).toBe('hello')
    expect(at.secrets.size).toBe(0)
  })

  it('comes to life when what kept it down is mended', async () => {
    const before = await at.servers.add(stdio('Notes', [fixture, '--die-at-start']))
    expect(before.state).toBe('failed')
    expect(await at.servers.edit(program(before, { args: [fixture] }))).toMatchObject({
      state: 'running',
      error: null,
    })
  })

  it('is not disturbed by a new name, another time limit or nothing at all', async () => {
    const before = await add()
    const after = await at.servers.edit(program(before, { name: 'Renamed', timeout: 60_000 }))
    expect(after).toMatchObject({ name: 'Renamed', timeout: 60_000, startedAt: before.startedAt })
    expect(after.log).toEqual(before.log)
    expect((await at.servers.edit(program(after))).startedAt).toBe(before.startedAt)
  })

  it('is the same for rules and pins until it is another, and hashed again only then', async () => {
    const before = await add()
    const source = sourceOf(at.servers, 'notes')
    const is = source.identity()
    expect(source.identity()).toBe(is)
    await at.servers.edit(program(before, { name: 'Renamed' }))
    expect(source.identity()).toBe(is)
    const env = { ...kept(['SECRET', 'OTHER', 'GONE']), ANOTHER: 'one' }
    await at.servers.edit(program(before, { env }))
    const next = sourceOf(at.servers, 'notes').identity()
    expect(next.fingerprint).not.toBe(is.fingerprint)
    expect(identityHash(next)).not.toBe(identityHash(is))
    expect(source.identity()).toEqual(next)
  })

  it('is another for rules with another value, also in the next life, and not with the same one', async () => {
    const before = await add()
    const fingerprint = () => sourceOf(at.servers, 'notes').identity().fingerprint
    const first = fingerprint()
    const others = kept(['OTHER', 'GONE'])
    await at.servers.edit(program(before, { env: { SECRET: 'wrong-key', ...others } }))
    expect(fingerprint()).toBe(first)
    await at.servers.edit(program(before, { env: { SECRET: 'right-key', ...others } }))
    const second = fingerprint()
    expect(second).not.toBe(first)
    const { command, origin } = sourceOf(at.servers, 'notes').identity()
    at.servers.update({ id: before.id, prefixed: false })
    await at.servers.edit(program(before, { name: 'Renamed', env: kept(['SECRET', 'OTHER', 'GONE']) }))
    await at.servers.stop()
    const next = at.create()
    // What its pin is compared with is as before.
    expect(sourceOf(next, 'notes').identity()).toMatchObject({ fingerprint: second, command, origin })
    await next.edit(program(before, { env: { SECRET: 'wrong-key', ...others } }))
    expect([first, second]).not.toContain(sourceOf(next, 'notes').identity().fingerprint)
    await next.stop()
  })

  it('is the same whatever the order in which its values are named', async () => {
    const before = await add()
    at.servers.update({ id: before.id, passesClientContext: true })
    const { fingerprint } = sourceOf(at.servers, 'notes').identity()
    const env = { ...kept(['GONE', 'OTHER']), SECRET: 'wrong-key' }
    expect(await at.servers.edit(program(before, { env }))).toMatchObject({ passesClientContext: true })
    expect(sourceOf(at.servers, 'notes').identity().fingerprint).toBe(fingerprint)
  })

  it('stays stopped when that was said while it was being edited', async () => {
    const before = await add()
    const { set } = at.vault
    at.vault.set = async (name, value) => {
      await set(name, value)
      if (value === 'new-key') await at.servers.stopServer(before.id)
    }
    const after = await at.servers.edit(program(before, { env: { SECRET: 'new-key' } }))
    expect(after).toMatchObject({ state: 'stopped', env: ['SECRET'] })
    await at.servers.stop()
    const next = at.create()
    await next.startAll()
    expect(next.list()[0]!.state).toBe('stopped')
  })

  it('stays stopped, or a draft that has to be looked at anew', async () => {
    const stopped = await at.servers.stopServer((await add()).id)
    expect((await at.servers.edit(program(stopped, { env: {} }))).state).toBe('stopped')
    const draft = await at.servers.draft(stdio('Draft', [fixture]))
    const other = await at.servers.edit(program(draft, { args: [fixture, '--other'] }))
    expect(other.state).toBe('draft')
    await expect(at.servers.start(draft.id, draft.fingerprint)).rejects.toMatchObject({
      code: 'draft-not-seen',
    })
    expect((await at.servers.start(draft.id, other.fingerprint)).state).toBe('running')
  })

  it.each<[string, object, string]>([
    ['a command that is not there', { command: 'no-such-program-here' }, 'command-not-found'],
    ['a folder that is not there', { cwd: '/no/such/folder' }, 'server-invalid'],
    ['a name that is taken', { name: 'OTHER' }, 'name-taken'],
    ['a variable that cannot be one', { env: { 'A B': 'x' } }, 'server-invalid'],
    ['a value to keep that was never there', { env: { NEVER: null } }, 'secret-missing'],
  ])('is as it was, and runs, after %s', async (_what, more, code) => {
    await at.servers.add(stdio('Other', [fixture]))
    const before = await add()
    const secrets = vault()
    await expect(at.servers.edit(program(before, more))).rejects.toMatchObject({ code })
    expect(at.servers.list()[1]).toEqual(before)
    expect(vault()).toEqual(secrets)
    expect(await environment()).toMatchObject({ SECRET: 'wrong-key' })
  })

  it('is as it was when the vault fails in between', async () => {
    const before = await add()
    const secrets = vault()
    const { set } = at.vault
    at.vault.set = async (name, value) => {
      if (value === 'second') throw new Error('locked')
      await set(name, value)
    }
    const env = { SECRET: 'first', OTHER: 'second' }
    await expect(at.servers.edit(program(before, { env }))).rejects.toThrow('locked')
    expect(vault()).toEqual(secrets)
    expect(at.servers.list()[0]).toEqual(before)
  })

  it('is as it was, and runs again, when the change cannot be stored', async () => {
    const before = await add()
    const secrets = vault()
    at.db.exec(
      `CREATE TRIGGER full BEFORE UPDATE OF env ON servers BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    )
    await expect(at.servers.edit(program(before, { env: { SECRET: 'new-key' } }))).rejects.toThrow(
      'disk full',
    )
    expect(vault()).toEqual(secrets)
    const { state, env } = at.servers.list()[0]!
    expect({ state, env }).toEqual({ state: 'running', env: before.env })
    expect(await environment()).toMatchObject({ SECRET: 'wrong-key' })
  })

  it('cannot be edited twice at once, removed meanwhile, or become an address', async () => {
    const before = await add()
    const editing = at.servers.edit(program(before, { env: {} }))
    const busy = { code: 'server-busy' }
    for (const name of ['Else', before.name])
      await expect(at.servers.edit(program(before, { name }))).rejects.toMatchObject(busy)
    for (const act of ['remove', 'start', 'restart', 'signIn'] as const)
      await expect(at.servers[act](before.id)).rejects.toMatchObject(busy)
    expect(() => at.servers.update({ id: before.id, prefixed: false })).toThrow('just being changed')
    expect((await editing).env).toEqual([])
    const url = {
      id: before.id,
      name: 'Notes',
      kind: 'http' as const,
      url: 'http://127.0.0.1:9/mcp',
      headers: {},
    }
    await expect(at.servers.edit(url)).rejects.toMatchObject({ code: 'server-invalid' })
    await expect(at.servers.edit({ ...url, id: 'srv_none' })).rejects.toMatchObject({
      code: 'server-not-found',
    })
  })
})

describe('a server at an address', () => {
  /** A real MCP server; `seen` collects the headers of every request. */
  async function serve(): Promise<{ url: string; seen: IncomingMessage['headers'][] }> {
    const seen: IncomingMessage['headers'][] = []
    const handle = toNodeHandler(createMcpHandler(() => new McpServer({ name: 'web', version: '1' })))
    const server: HttpServer = createServer((req, res) => {
      seen.push(req.headers)
      void handle(req, res)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push({
      close: () => {
        server.closeAllConnections()
        server.close()
      },
    })
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, seen }
  }
  const add = (url: string) =>
    at.servers.add({
      ...{ kind: 'http', name: 'Notes', url, timeout: 5_000 },
      headers: { Authorization: 'Bearer old-key', 'X-Tenant': 'seven' },
    })

  it('gets its new key, and goes on getting what was not touched', async () => {
    const { url, seen } = await serve()
    const before = await add(url)
    seen.length = 0
    const headers = { Authorization: 'Bearer new-key', 'X-Tenant': null }
    const after = await at.servers.edit(address(before, { headers, url: `${url}?v=2` }))
    expect(after).toMatchObject({ state: 'running', url: `${url}?v=2` })
    expect(seen.length).toBeGreaterThan(0)
    for (const one of seen)
      expect(one).toMatchObject({ authorization: 'Bearer new-key', 'x-tenant': 'seven' })
  })

  it('never shows its keys to another address unless they are typed again', async () => {
    const [old, other] = [await serve(), await serve()]
    const before = await add(old.url)
    const refused = { code: 'keys-for-another', message: expect.stringContaining(new URL(old.url).host) }
    await expect(at.servers.edit(address(before, { url: other.url }))).rejects.toMatchObject(refused)
    const some = { Authorization: 'Bearer another-key', 'X-Tenant': null }
    await expect(at.servers.edit(address(before, { url: other.url, headers: some }))).rejects.toMatchObject(
      refused,
    )
    expect(other.seen).toEqual([])
    const typed = { Authorization: 'Bearer another-key' }
    const after = await at.servers.edit(address(before, { url: other.url, headers: typed }))
    expect(after).toMatchObject({ state: 'running', headers: ['Authorization'] })
    for (const one of other.seen) {
      expect(one.authorization).toBe('Bearer another-key')
      expect(one).not.toHaveProperty('x-tenant')
    }
    expect(vault()).toEqual({ 'header/Authorization': 'Bearer another-key' })
  })
})

describe('a server that one signs in to', () => {
  let there: ProtectedServer
  const house = () => {
    const { vault, clock, db, redactor } = at
    const signIns = createSignIns({ vault, clock, log: silentLog })
    const servers = createServers({ db, vault, clock, redactor, log: silentLog, signIns, env: {} })
    open.push({ close: () => servers.stop().then(() => signIns.stop()) })
    return servers
  }
  const signedIn = async (servers: ReturnType<typeof house>) => {
    const { id } = await servers.add({
      ...{ kind: 'http', name: 'Notes', url: there.url, headers: {}, timeout: 5_000 },
    })
    const { signIn } = await servers.signIn(id)
    await fetch(await there.browse(signIn.url!))
    await until(() => servers.list()[0]!.state === 'running')
    return servers.list()[0]!
  }
  beforeEach(async () => {
    there = await startProtectedServer()
    open.push(there)
  })

  it('stays signed in when only its name or headers change', async () => {
    const servers = house()
    const before = await signedIn(servers)
    const after = await servers.edit(address(before, { name: 'Mine', headers: { 'X-Tenant': 'seven' } }))
    expect(after).toMatchObject({ name: 'Mine', state: 'running', signIn: { state: 'signed-in' } })
    await there.close()
    await expect(servers.signIn(before.id)).rejects.toMatchObject({
      message: expect.stringContaining('Mine'),
    })
  })

  it('is signed out before another address is contacted: that one never sees a token', async () => {
    const servers = house()
    const before = await signedIn(servers)
    const [token] = there.tokens
    const other = await startProtectedServer()
    open.push(other)
    const after = await servers.edit(address(before, { url: other.url }))
    expect(after).toMatchObject({ state: 'signed-out', signIn: { state: 'needed', issuer: other.issuer } })
    expect([...other.tokens]).toEqual([])
    expect(JSON.stringify([...at.secrets])).not.toContain(token)
    expect(there.seen).toContain('POST /token/revocation')
    // and it can be signed in to there
    const { signIn } = await servers.signIn(before.id)
    await fetch(await other.browse(signIn.url!))
    await until(() => servers.list()[0]!.state === 'running')
    expect([...other.tokens]).not.toContain(token)
  })

  it('keeps the address and its tokens together when the vault cannot let go of them', async () => {
    const servers = house()
    const before = await signedIn(servers)
    const { delete: remove } = at.vault
    at.vault.delete = async () => {
      throw new Error('locked')
    }
    await expect(servers.edit(address(before, { url: 'http://127.0.0.1:9/mcp' }))).rejects.toThrow('locked')
    at.vault.delete = remove
    expect(servers.list()[0]!.url).toBe(there.url)
  })

  it('keeps a client secret that was given, at the same host only', async () => {
    const servers = house()
    const oauth = { clientId: 'given', clientSecret: 'given-secret' }
    const added = await servers.add({
      ...{ kind: 'http', name: 'Notes', url: there.url, headers: {}, timeout: 5_000, oauth },
    })
    expect(added.oauth).toEqual({ clientId: 'given', scopes: [] })
    const same = { oauth: { clientId: 'given', scopes: ['read'] }, url: `${there.url}?tenant=1` }
    const edited = await servers.edit(address(added, same))
    expect(edited.oauth).toEqual({ clientId: 'given', scopes: ['read'] })
    expect(vault()).toMatchObject({ 'oauth/secret': 'given-secret' })
    const elsewhere = { ...same, url: 'http://127.0.0.1:9/mcp' }
    await expect(servers.edit(address(edited, elsewhere))).rejects.toMatchObject({
      code: 'keys-for-another',
    })
    await servers.edit(address(edited, { url: there.url }))
    expect(vault()).not.toHaveProperty('oauth/secret')
    expect(servers.list()[0]!.oauth).toBeNull()
  })
})
