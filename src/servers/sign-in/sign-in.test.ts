import { createServer, request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Server } from '../../contract/servers.ts'
import { silentLog } from '../../kernel/log/log.ts'
import type { Servers } from '../registry/interface.ts'
import { createServers } from '../registry/servers.ts'
import { closeAll, type SetUp, setUp, until } from '../testing/setup.ts'
import { createSignIns } from './create-sign-ins.ts'
import type { SignIns } from './sign-ins.ts'
import { type ProtectedServer, startProtectedServer } from './testing/fixture-protected-server.ts'

let at: SetUp
let signIns: SignIns
let servers: Servers
let there: ProtectedServer
const open: { close(): Promise<void> }[] = []

async function start(options?: Parameters<typeof startProtectedServer>[0]): Promise<ProtectedServer> {
  const server = await startProtectedServer(options)
  open.push(server)
  return server
}

function house(more: { patience?: number } = {}): void {
  const { vault, clock, db, redactor } = at
  signIns = createSignIns({ vault, clock, log: silentLog, ...more })
  servers = createServers({ db, vault, clock, redactor, log: silentLog, signIns, env: {} })
}

beforeEach(async () => {
  at = setUp()
  house()
  there = await start()
})
afterEach(async () => {
  await servers.stop()
  await signIns.stop()
  await closeAll()
  await Promise.all(open.splice(0).map((one) => one.close()))
})

const add = (more: object = {}): Promise<Server> =>
  servers.add({ kind: 'http', name: 'Notes', url: there.url, headers: {}, timeout: 5_000, ...more })
const now = (): Server => servers.list()[0]!
/** What a person does: opens the page and comes back. */
async function signIn(id: string): Promise<string> {
  const { signIn } = await servers.signIn(id)
  const back = await there.browse(signIn.url!)
  return (await fetch(back)).text()
}
async function call(tool: string): Promise<string> {
  const { signal } = new AbortController()
  const result = await servers.sources()[0]!.call(tool, {}, { signal, client: 'a', capabilities: {} })
  return (result.content as { text: string }[])[0]!.text
}
const secretsNow = () => [...at.secrets.keys()].map((name) => name.replace(/^server\/[^/]+\//, '')).sort()

describe('signing in to a server', () => {
  it('leads from a refusal over the browser to a running server, and out again', async () => {
    const { id, state, error, signIn: before } = await add()
    expect({ state, code: error?.code }).toEqual({ state: 'signed-out', code: 'server-signed-out' })
    expect(before).toMatchObject({ state: 'needed', issuer: there.issuer, url: null })
    // Nobody is registered, and nothing is opened, before the user asks for it.
    expect(there.seen.filter((one) => !one.includes('.well-known'))).toEqual([])

    const waiting = await servers.signIn(id)
    expect(waiting.signIn).toMatchObject({ state: 'waiting', issuer: there.issuer, scopes: ['read'] })
    const page = new URL(waiting.signIn.url!)
    expect(page.origin).toBe(there.issuer)
    expect(Object.fromEntries(page.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      resource: there.url,
      state: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    })
    expect(there.registered).toEqual([
      expect.objectContaining({ application_type: 'native', token_endpoint_auth_method: 'none' }),
    ])

    const answer = await fetch(await there.browse(page.href))
    expect(await answer.text()).toContain('You can go back to Drawbridge.')
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
    await until(() => now().state === 'running')
    expect(now().signIn).toMatchObject({ state: 'signed-in', scopes: ['read'], url: null, problem: null })
    expect(await call('read_note')).toBe('a note')
    // Tokens are nowhere but in the vault, each under its issuer.
    const [token] = there.tokens
    expect(JSON.stringify(servers.list())).not.toContain(token)
    expect(at.redactor.text(`it is ${token}`)).not.toContain(token)
    expect(secretsNow().every((name) => name === 'oauth/index' || /^oauth\/[\w-]{43}\//.test(name))).toBe(
      true,
    )

    await servers.signOut(id)
    expect(now()).toMatchObject({ state: 'signed-out', signIn: { state: 'needed' } })
    expect(there.seen.filter((one) => one === 'POST /token/revocation')).toHaveLength(2)
    expect(secretsNow().filter((name) => /access|refresh|tokens/.test(name))).toEqual([])
    await servers.remove(id)
    expect(at.secrets.size).toBe(0)
  })

  it('comes back to the port that can be registered beforehand, and to another while a program sits there', async () => {
    const { id } = await add()
    const port = async () => {
      const page = new URL((await servers.signIn(id)).signIn.url!)
      return Number(new URL(page.searchParams.get('redirect_uri')!).port)
    }
    const first = await port()
    // Changed, it is another account with nothing kept of the one before.
    const whole = { kind: 'http', name: 'Notes', url: there.url, headers: {}, timeout: 5_000 } as const
    await servers.edit({ id, ...whole, oauth: { clientId: 'by-hand' } })
    expect(await port()).toBe(first)
    await servers.signOut(id)
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(first, '127.0.0.1', resolve))
    open.push({ close: () => new Promise((resolve) => void squatter.close(() => resolve())) })
    expect(await port()).not.toBe(first)
  })

  it('works where an issuer is written with a slash in one place and without it in another', async () => {
    there.metadata.issuer = `${there.issuer}/`
    const { id } = await add()
    const { signIn: begun } = await servers.signIn(id)
    const back = await there.browse(begun.url!)
    // Text by text (RFC 9207 §2.4): as its metadata says.
    back.searchParams.set('iss', `${there.issuer}/`)
    expect(await (await fetch(back)).text()).toContain('Signed in')
    await until(() => now().state === 'running')
    there.expire()
    // Renewed with the same authorization server, not asked for again.
    expect(await call('read_note')).toBe('a note')
    there.moveTo(`${there.issuer}/`)
    there.expire()
    expect(await call('read_note')).toBe('a note')
    expect(there.seen.filter((one) => one === 'POST /token')).toHaveLength(3)
  })

  it('renews tokens without the user, once for all who wait, also after a restart', async () => {
    const { id } = await add()
    await signIn(id)
    await until(() => now().state === 'running')
    await servers.stop()
    await signIns.stop()
    house()
    await servers.startAll()
    expect(now()).toMatchObject({ state: 'running', signIn: { state: 'signed-in', issuer: there.issuer } })
    there.expire()
    there.seen.length = 0
    expect(await Promise.all(Array.from({ length: 8 }, () => call('read_note')))).toEqual(
      Array.from({ length: 8 }, () => 'a note'),
    )
    expect(there.seen.filter((one) => one === 'POST /token')).toHaveLength(1)
    // Known to have ended: renewed before the server has to say so.
    at.clock.skip(3_599_000)
    const before = there.tokens.size
    expect(await call('read_note')).toBe('a note')
    expect(there.seen.filter((one) => one === 'POST /token')).toHaveLength(2)
    expect(there.tokens.size).toBe(before + 1)
  })

  it('keeps tokens that cannot be renewed at the moment', async () => {
    const { id } = await add()
    await signIn(id)
    await until(() => now().state === 'running')
    there.expire()
    there.down(true)
    await expect(call('read_note')).rejects.toMatchObject({ code: 'server-unreachable' })
    expect(now().signIn).toMatchObject({ state: 'signed-in', problem: null })
    there.down(false)
    await servers.restart(id)
    expect(await call('read_note')).toBe('a note')
  })

  it('asks for the user when nothing can be renewed', async () => {
    const { id } = await add()
    await signIn(id)
    await until(() => now().state === 'running')
    there.expire()
    there.withdraw()
    await expect(call('read_note')).rejects.toMatchObject({ code: 'server-signed-out' })
    await until(() => now().state === 'signed-out')
    expect(now().signIn.state).toBe('needed')
    expect(now().error!.hint).toMatch(/Sign in/)
  })

  it('stops a call that needs more, with the union of scopes to be allowed; the rest goes on', async () => {
    const { id } = await add()
    await signIn(id)
    await until(() => now().state === 'running')
    await expect(call('write_note')).rejects.toMatchObject({ code: 'server-needs-permission' })
    expect(now()).toMatchObject({
      state: 'running',
      signIn: { state: 'needed', scopes: ['read', 'write'], url: null },
    })
    expect(await call('read_note')).toBe('a note')
    await signIn(id)
    expect(now().signIn).toMatchObject({ state: 'signed-in', scopes: ['read', 'write'] })
    expect(await call('write_note')).toBe('written')
  })

  it('uses a client id and secret of the user’s', async () => {
    there = await start({
      clients: [
        { client_id: 'given', client_secret: 'very-secret-1', redirect_uris: ['http://127.0.0.1/callback'] },
      ],
    })
    const { id, signIn: first } = await add({
      oauth: { clientId: 'given', clientSecret: 'very-secret-1', scopes: ['read', 'write'] },
    })
    expect(first.clientId).toBe('given')
    await signIn(id)
    await until(() => now().state === 'running')
    expect(there.registered).toEqual([])
    expect(await call('write_note')).toBe('written')
    await servers.remove(id)
    expect(at.secrets.size).toBe(0)
  })

  it('has no part in it when the user gave a key', async () => {
    const server = await add({ headers: { Authorization: 'Bearer wrong-key' } })
    expect(server).toMatchObject({
      state: 'failed',
      error: { code: 'server-refused', message: expect.stringContaining('did not accept the key') },
      signIn: { state: 'none' },
    })
    expect(there.seen).toEqual([])
  })

  it('ends one that nobody finishes', async () => {
    await servers.stop()
    house({ patience: 50 })
    const { id } = await add()
    const { signIn: waiting } = await servers.signIn(id)
    const back = await there.browse(waiting.url!)
    await until(() => now().signIn.state === 'needed')
    expect(now().signIn.problem?.code).toBe('sign-in-late')
    await expect(fetch(back)).rejects.toThrow()
  })

  it('is led astray by no null in the metadata or in a registration', async () => {
    Object.assign(there.metadata, {
      ...{ scopes_supported: null, revocation_endpoint: null, service_documentation: null },
      ...{ response_modes_supported: null, introspection_endpoint: null, ui_locales_supported: null },
    })
    Object.assign(there.registration, {
      ...{ client_uri: null, logo_uri: null, scope: null, jwks: null, client_secret: null, contacts: null },
      ...{ client_secret_expires_at: null, client_name: null, tos_uri: null, redirect_uris: null },
    })
    const { id } = await add()
    expect(await signIn(id)).toContain('You can go back to Drawbridge.')
    await until(() => now().state === 'running')
  })

  it.each<[string, 'metadata' | 'registration' | 'token', Record<string, unknown>]>([
    [
      'texts for lists',
      'metadata',
      {
        ...{ scopes_supported: 'read write', token_endpoint_auth_methods_supported: 'none' },
        ...{ code_challenge_methods_supported: 'S256', response_types_supported: 'code' },
      },
    ],
    ['no types of responses', 'metadata', { response_types_supported: undefined }],
    [
      'texts that are empty or mean true',
      'metadata',
      { service_documentation: '', revocation_endpoint: '', client_id_metadata_document_supported: 'false' },
    ],
    ['addresses without a host', 'metadata', { token_endpoint: '/token', registration_endpoint: '/reg' }],
    [
      'odd dates',
      'registration',
      { client_id_issued_at: '2026-01-01T00:00:00Z', client_secret_expires_at: '0' },
    ],
    [
      'parts that are none',
      'registration',
      { grant_types: 'authorization_code', client_uri: '', contacts: 5, jwks_uri: 'x', scope: ['read'] },
    ],
    ['no address to come back to', 'registration', { redirect_uris: undefined }],
    ['another address to come back to', 'registration', { redirect_uris: ['http://127.0.0.1/callback'] }],
    [
      'an odd answer with the tokens',
      'token',
      { token_type: undefined, scope: ['read'], expires_in: 'never', id_token: {} },
    ],
    ['an end as a text', 'token', { expires_in: '3600' }],
    ['an end before it begins', 'token', { expires_in: 0 }],
  ])('costs nothing but what is odd: %s', async (_what, where, odd) => {
    Object.assign(there[where], odd)
    const { id } = await add()
    expect(await signIn(id)).toContain('You can go back to Drawbridge.')
    await until(() => now().state === 'running')
    // Nor is anything renewed that is good.
    expect(await call('read_note')).toBe('a note')
    expect(there.seen.filter((one) => one === 'POST /token')).toHaveLength(1)
  })
})

it.each(['localhost', '0.0.0.0'])(
  'a server that calls itself %s is signed in to under that name',
  async (name) => {
    const own = there.url.replace('127.0.0.1', name)
    there.alter = (path, answer) => {
      const body = path.includes('protected-resource') ? answer.body.replace(there.url, own) : answer.body
      return { ...answer, body }
    }
    const { id } = await add()
    const page = new URL((await servers.signIn(id)).signIn.url!)
    expect(page.searchParams.get('resource')).toBe(own)
  },
)

it('a token that came with the end of a line is one', async () => {
  there.alter = (path, answer) =>
    path.startsWith('/token')
      ? { ...answer, body: answer.body.replace(/("access_token":"[^"]+)/, '$1\\n') }
      : answer
  const { id } = await add()
  await signIn(id)
  await until(() => now().state === 'running')
})

describe('signing in under attack', () => {
  /** Comes back with something else than what was sent. */
  async function comeBack(change: (url: URL) => void, headers: Record<string, string> = {}) {
    const url = await there.browse(now().signIn.url!)
    change(url)
    return new Promise<number>((resolve, reject) => {
      request(url, { headers }, (response) => {
        response.resume()
        resolve(response.statusCode!)
      })
        .on('error', reject)
        .end()
    })
  }
  const tokenRequests = () => there.seen.filter((one) => one === 'POST /token')
  beforeEach(async () => {
    const { id } = await add()
    await servers.signIn(id)
  })

  it('takes no answer without the right state, to another host, or by another way', async () => {
    const right = now().signIn.url
    expect(await comeBack((url) => url.searchParams.set('state', 'x'.repeat(43)))).toBe(400)
    expect(await comeBack((url) => url.searchParams.delete('state'))).toBe(400)
    expect(await comeBack((url) => url.searchParams.append('state', 'y'))).toBe(400)
    expect(await comeBack(() => {}, { host: 'evil.example' })).toBe(421)
    expect(await comeBack((url) => (url.hostname = 'localhost')).catch(() => 421)).toBe(421)
    expect(await comeBack((url) => (url.pathname = '/'))).toBe(404)
    expect(tokenRequests()).toEqual([])
    // And it still waits for the real one.
    expect(now().signIn).toMatchObject({ state: 'waiting', url: right })
    expect(await comeBack(() => {})).toBe(200)
    await until(() => now().state === 'running')
  })

  it('takes it once', async () => {
    const url = await there.browse(now().signIn.url!)
    const answers = await Promise.allSettled([fetch(url), fetch(url)])
    const statuses = answers.map((one) => (one.status === 'fulfilled' ? one.value.status : 'refused'))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    await expect(fetch(url)).rejects.toThrow()
    expect(tokenRequests()).toHaveLength(1)
  })

  it('sends the code nowhere when another issuer answers (RFC 9207)', async () => {
    for (const iss of [
      'https://evil.example',
      `${there.issuer}/`,
      `${there.issuer}/tenant`,
      'http://127.0.0.1',
    ]) {
      expect(await comeBack((url) => url.searchParams.set('iss', iss))).toBe(200)
      expect(tokenRequests()).toEqual([])
      await servers.signIn(now().id)
    }
    expect(await comeBack((url) => url.searchParams.set('iss', 'https://evil.example'))).toBe(200)
    expect(tokenRequests()).toEqual([])
    expect(now().signIn).toMatchObject({ state: 'needed', problem: { code: 'sign-in-other-issuer' } })
    await servers.signIn(now().id)
    expect(await comeBack((url) => url.searchParams.delete('iss'))).toBe(200)
    expect(tokenRequests()).toEqual([])
  })

  it('shows nothing that a stranger wrote', async () => {
    const marked = '<script>alert(1)</script>'
    await comeBack((url) => {
      url.searchParams.delete('code')
      url.searchParams.set('error', 'access_denied')
      url.searchParams.set('error_description', marked)
    })
    expect(now().signIn.problem).toMatchObject({ code: 'sign-in-declined' })
    expect(JSON.stringify(now())).not.toContain('alert(1)')
  })

  it('never gives what one authorization server issued to another', async () => {
    await comeBack(() => {})
    await until(() => now().state === 'running')
    const [token] = there.tokens
    const other = await start()
    there.moveTo(other.issuer)
    there.expire()
    const before = tokenRequests().length
    await expect(call('read_note')).rejects.toMatchObject({ code: 'server-signed-out' })
    // Nor is the old one asked any more: the server does not belong to it.
    expect(tokenRequests()).toHaveLength(before)
    expect(other.seen.filter((one) => one.startsWith('POST'))).toEqual([])
    await servers.signIn(now().id)
    expect(other.registered).toHaveLength(1)
    expect(other.tokens.has(token!)).toBe(false)
    expect(new URL(now().signIn.url!).searchParams.get('client_id')).not.toBe(there.registered[0]!.client_id)
  })

  it.each([
    ['javascript:alert(1)//'],
    ['file:///etc/passwd'],
    ['data:text/html,x'],
    ['http://login.example/authorize'],
    ['ms-settings:network'],
    ['https://user:pw@login.example/authorize'],
  ])('opens no %s', async (endpoint) => {
    there.metadata.authorization_endpoint = endpoint
    await expect(servers.signIn(now().id)).rejects.toMatchObject({ name: 'HostError' })
    expect(now().signIn).toMatchObject({ state: 'needed', url: null })
    expect(now().signIn.problem!.message).not.toBe('')
  })

  it('sends no secret to an endpoint without TLS', async () => {
    there.metadata.token_endpoint = 'http://token.example/token'
    await servers.signIn(now().id)
    expect(await comeBack(() => {})).toBe(200)
    expect(now().signIn.state).toBe('needed')
    expect(now().signIn.problem).not.toBeNull()
  })
})
