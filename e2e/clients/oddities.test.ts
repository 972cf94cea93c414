import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isProgramOrigin } from '../../src/contract/preferences.ts'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'

/** What clients write that no specification has, and what people type into them: understood where it can only mean one thing, and otherwise told why not. */
let at: InProcess
let key: string
let client: string
const callback = 'http://127.0.0.1:4711/callback'
beforeAll(async () => {
  at = await startInProcess()
  key = (await at.ask('keys.create', { name: 'Editor', access: 'look' })).token
  await at.ask('connect.open', { client: 'other' })
  const registered = await fetch(`${at.local}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'Odd', redirect_uris: [callback] }),
  })
  client = ((await registered.json()) as { client_id: string }).client_id
}, 60_000)
afterAll(() => at?.stop())

/** By Node's own client: `fetch` would put headers right. */
const post = (headers: Record<string, string>, path = '/mcp') =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = httpRequest(
      at.local + path,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      },
      async (res) => {
        let body = ''
        for await (const chunk of res) body += chunk
        resolve({ status: res.statusCode!, body })
      },
    )
    sent.on('error', reject)
    sent.end('{"jsonrpc":"2.0","id":1,"method":"ping"}')
  })

describe('headers', () => {
  it.each(['', 'undefined', 'null', 'None'])(
    'of the protocol that hold "%s" hold nothing',
    async (nothing) => {
      for (const name of ['mcp-session-id', 'mcp-protocol-version'])
        expect(await post({ [name]: nothing }), name).toMatchObject({ status: 200 })
      expect((await post({ 'mcp-session-id': 'another' })).status).toBe(404)
    },
  )

  it('name us in capitals too, and nobody else', async () => {
    const { port } = new URL(at.local)
    expect((await post({ host: `LocalHost:${port}` })).status).toBe(200)
    for (const host of [
      `localhost.evil.example:${port}`,
      `localhost:${port}.`,
      'localhost',
      `localhost:${port}0`,
    ])
      expect((await post({ host })).status, host).toBe(421)
  })

  it.each([
    ['Bearer Bearer KEY', /says Bearer twice/],
    ['Bearer "KEY"', /quotes or brackets/],
    ['Bearer <KEY>', /quotes or brackets/],
    ['KEY', /The word Bearer is missing/],
  ])('with a key typed as %s say what is wrong', async (typed, words) => {
    const { status, body } = await post({ authorization: typed.replace('KEY', key) })
    expect([status, body]).toEqual([401, expect.stringMatching(words)])
    expect(body).not.toContain(key)
  })

  it('and addresses that hold a token where none is taken say where it belongs', async () => {
    const without = { authorization: '' }
    for (const { status, body } of [
      await post(without, `/mcp?access_token=${key}`),
      await post({ ...without, 'x-api-key': key }),
    ]) {
      expect([status, body]).toEqual([401, expect.stringContaining('Authorization: Bearer')])
      expect(body).not.toContain(key)
    }
  })
})

describe('signing in', () => {
  const authorize = (more: Record<string, string | string[] | null>) => {
    const params = new URLSearchParams({
      ...{ response_type: 'code', client_id: client, redirect_uri: callback, state: 's' },
      ...{ code_challenge_method: 'S256', code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' },
    })
    for (const [name, value] of Object.entries(more)) {
      params.delete(name)
      for (const one of value === null ? [] : [value].flat()) params.append(name, one)
    }
    const headers = { accept: 'text/html' }
    return fetch(`${at.local}/oauth/authorize?${params}`, { redirect: 'manual', headers })
  }
  const ask = async (more: Record<string, string | string[] | null>) => {
    await at.ask('connect.close')
    await at.ask('connect.open', { client: 'other' })
    return authorize(more)
  }

  it('takes our address however a client writes it, and no other', async () => {
    const mcp = `${at.local}/mcp`
    for (const resource of [mcp, `${mcp}/`, [mcp, mcp], [mcp, `${mcp}/`]]) {
      const asked = await ask({ resource })
      expect(asked.headers.get('location'), String(resource)).toMatch(/^\/oauth\/wait\//)
      expect(await at.ask('connections.list')).toMatchObject([{ workspace: 'default' }])
    }
    for (const resource of [[mcp, `${at.local}/sse`], 'https://other.example', `${at.local}/mcpx`])
      expect((await ask({ resource })).headers.get('location') ?? '', String(resource)).not.toContain(
        '/wait/',
      )
  })

  it.each<Record<string, string | null>>([
    { code_challenge: null, code_challenge_method: null },
    { code_challenge_method: 'plain' },
  ])('without PKCE says what is missing, and what works instead: %o', async (more) => {
    const page = await (await ask(more)).text()
    expect(page).toContain('did not protect its sign-in with PKCE')
    expect(page).toContain('or give the app a key instead: Access, ')
  })

  it('finds the documents with a slash behind them', async () => {
    for (const document of ['oauth-protected-resource', 'oauth-authorization-server', 'openid-configuration'])
      expect((await fetch(`${at.local}/.well-known/${document}/`)).status, document).toBe(200)
  })
})

describe('pages within programs', () => {
  const here = { 'content-type': 'application/json', authorization: '' }

  it('are told under which name their owner can let them in, and then may ask', async () => {
    for (const origin of ['tauri://localhost', 'chrome-extension://abcdefghijklmnop', 'app://obsidian.md']) {
      const refused = await post({ ...here, origin })
      expect([refused.status, refused.body]).toEqual([403, expect.stringContaining(`as ${origin}.`)])
      await at.ask('preferences.set', { localPages: [`${origin}/`] })
      expect((await post({ ...here, origin })).status, origin).toBe(401)
      await at.ask('preferences.set', { localPages: [] })
    }
  })

  it('are none that a page of the web could be', async () => {
    for (const origin of [
      'https://evil.example',
      'file://x',
      'null',
      'data://x',
      'app://',
      'app://a/b',
      'app://a@b',
    ])
      expect(isProgramOrigin(origin), origin).toBe(false)
    expect(await at.refusal('preferences.set', { localPages: ['https://evil.example'] })).toMatchObject({
      code: 'bad-page',
    })
    expect((await post({ ...here, origin: 'null' })).status).toBe(403)
  })
})
