import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type App, connect, documentApp, isLive, refresh, registerApp } from './testing/app.ts'
import { openStage, type Stage } from './testing/stage.ts'

/** Seeded, so that a failure can be found again (mulberry32). */
function random(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { next, pick: <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]! }
}

type Form = [string, string][]
interface Hostile {
  method: string
  path: string
  form: Form
  headers: Record<string, string>
  body?: string
}

const evil = 'https://evil.example/steal'
const nasty = [
  '',
  ' ',
  '\0',
  '%00',
  '\r\nSet-Cookie: a=b',
  '../../admin',
  '..;/',
  '<script>alert(1)</script>',
  '{{7*7}}',
  "' OR 1=1 --",
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  '-1',
  '1e999',
  '[]',
  '{}',
  'a'.repeat(3_000),
  '\ud800',
  'é\u202e',
  evil,
  'https://127.0.0.1/',
  'http://169.254.169.254/latest',
  'javascript:alert(1)',
  'owner',
  'none',
  'plain',
  'S256',
  '*',
  '%',
]
const names = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'resource',
  'code_challenge',
  'code_challenge_method',
  'prompt',
  'request',
  'request_uri',
  'registration',
  'claims',
  'nonce',
  'max_age',
  'id_token_hint',
  'grant_type',
  'code',
  'code_verifier',
  'refresh_token',
  'token',
  'token_type_hint',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'username',
  'password',
  'assertion',
  'device_code',
  'audience',
  '__proto__',
  'grant_id',
  'approved',
]

/** What honest and dishonest requests start from. */
const templates = (stage: Stage, app: App): Hostile[] => {
  const authorize: Form = [
    ['client_id', app.client.client_id],
    ['redirect_uri', app.redirectUri],
    ['response_type', 'code'],
    ['code_challenge', 'a'.repeat(43)],
    ['code_challenge_method', 'S256'],
    ['state', 's'],
    ['resource', stage.resource],
  ]
  const get = (path: string, form: Form): Hostile => ({ method: 'GET', path, form, headers: {} })
  const send = (path: string, form: Form): Hostile => ({ method: 'POST', path, form, headers: {} })
  const register = (document: object): Hostile => ({
    ...send('/oauth/register', []),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(document),
  })
  const client: [string, string] = ['client_id', app.client.client_id]
  return [
    get('/oauth/authorize', authorize),
    get('/oauth/authorize', [...authorize, ['redirect_uri', evil]]),
    get(
      '/oauth/authorize',
      authorize.map(([name, value]) => (name === 'redirect_uri' ? [name, evil] : [name, value])),
    ),
    get(
      '/oauth/authorize',
      authorize.map(([name, value]) =>
        name === 'client_id' ? [name, 'https://evil.example/c.json'] : [name, value],
      ),
    ),
    get('/oauth/authorize', [...authorize, ['prompt', 'none']]),
    get('/oauth/authorize', [...authorize, ['approved', 'true'], ['grantId', 'grant_x.y']]),
    get('/oauth/authorize/aaaaaaaaaaaaaaaaaaaaa', authorize),
    get('/oauth/wait/aaaaaaaaaaaaaaaaaaaaa', []),
    send('/oauth/authorize', authorize),
    send('/oauth/wait/aaaaaaaaaaaaaaaaaaaaa', [['allow', 'yes']]),
    send('/oauth/authorize/aaaaaaaaaaaaaaaaaaaaa/approve', [['digits', '000']]),
    send('/oauth/token', [
      ['grant_type', 'authorization_code'],
      ['code', 'x'.repeat(43)],
      ['code_verifier', 'v'.repeat(43)],
      ['redirect_uri', app.redirectUri],
      client,
    ]),
    send('/oauth/token', [['grant_type', 'refresh_token'], ['refresh_token', 'r'.repeat(43)], client]),
    send('/oauth/token', [['grant_type', 'client_credentials'], client]),
    send('/oauth/token', [['grant_type', 'password'], ['username', 'owner'], ['password', 'x'], client]),
    send('/oauth/token', [
      ['grant_type', 'urn:ietf:params:oauth:grant-type:device_code'],
      ['device_code', 'x'],
      client,
    ]),
    send('/oauth/token', [
      ['grant_type', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      ['assertion', 'eyJhbGciOiJub25lIn0.e30.'],
      client,
    ]),
    send('/oauth/revoke', [['token', 't'.repeat(43)], client]),
    send('/oauth/introspect', [['token', 't']]),
    register({ redirect_uris: [evil], client_name: 'ChatGPT', trusted: true, skip_consent: true }),
    register({ redirect_uris: ['javascript:alert(1)'] }),
    register({ redirect_uris: ['http://evil.example/'], sector_identifier_uri: 'https://127.0.0.1/' }),
    register({ client_id: app.client.client_id, redirect_uris: [evil] }),
    { ...register({}), body: '['.repeat(8_000) },
    {
      ...register({}),
      body: `{"redirect_uris":["${evil}"],"__proto__":{"a":1},"jwks":${'['.repeat(3_000)}${']'.repeat(3_000)}}`,
    },
  ]
}

const mutators: ((request: Hostile, r: ReturnType<typeof random>) => void)[] = [
  (request, { pick }) => void request.form.push([pick(names), pick(nasty)]),
  (request, { pick }) => {
    if (request.form.length > 0)
      request.form[Math.floor(pick([0, 0.3, 0.6, 0.9]) * request.form.length)]![1] = pick(nasty)
  },
  (request, { pick }) => void request.form.splice(pick([0, 1, 2, 3]), 1),
  (request, { pick }) => {
    if (request.form.length > 0) request.form.push([...pick(request.form)])
  },
  (request, { pick }) => {
    request.headers[
      pick(['x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'x-original-url', 'origin', 'referer'])
    ] = evil
  },
  (request, { pick }) => {
    const value = pick(['Basic b3duZXI6eA==', 'Basic %', 'Bearer x', 'DPoP x', 'Basic OmE=', 'Negotiate'])
    request.headers.authorization = value
  },
  (request, { pick }) => {
    request.headers['content-type'] = pick([
      'application/json, application/x-www-form-urlencoded',
      'text/plain',
      'application/x-www-form-urlencoded; charset=bogus',
      'multipart/form-data',
      'application/json; charset=utf-16',
      'APPLICATION/JSON',
      '\t',
      'application/jwt',
    ])
  },
  (request, { pick }) => {
    request.headers.cookie = pick([
      'db_wait=aaaaaaaaaaaaaaaaaaaaa; db_resume=aaaaaaaaaaaaaaaaaaaaa',
      'db_none=x',
      'db_wait=',
      '=;=;',
      'a'.repeat(2_000),
    ])
  },
  (request, { pick }) => {
    request.method = pick(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])
  },
  (request, { pick }) => {
    request.path += pick(['/', '//', '/..', '?x', '/%2e%2e/', '.json', '%00', ';a=b', '/../authorize', '#'])
  },
  (request, { pick }) => {
    request.path = request.path.replace(
      '/oauth',
      pick(['/OAuth', '//oauth', '/oauth/.', '/oauth/../oauth', '/oauth;x']),
    )
  },
  (request, { pick }) => {
    if (request.body !== undefined)
      request.body = pick([
        request.body.slice(0, 20),
        `${request.body}x`,
        'null',
        '""',
        '0',
        '',
        'x'.repeat(20_000),
      ])
  },
]

let stage: Stage
let app: App
beforeAll(async () => {
  stage = await openStage({ registrationsPerHour: 200 })
  app = await registerApp(stage, 'Victim')
})
afterAll(() => stage.close())

const send = async ({ method, path, form, headers, body }: Hostile): Promise<Response> => {
  const encoded = new URLSearchParams(
    form.map(([name, value]): [string, string] => [name, value.toWellFormed()]),
  ).toString()
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const query = hasBody || encoded === '' ? '' : `${path.includes('?') ? '&' : '?'}${encoded}`
  return fetch(new URL(stage.origin + path + query), {
    method,
    redirect: 'manual',
    headers: hasBody ? { 'content-type': 'application/x-www-form-urlencoded', ...headers } : headers,
    ...(hasBody ? { body: body ?? encoded } : {}),
  })
}

describe('hostile requests', () => {
  it('500 of them: no grant, no foreign redirect, no 5xx; an honest app still connects', async () => {
    const r = random(20261121)
    const statuses = new Map<number, number>()
    for (let n = 0; n < 500; n += 1) {
      // half of them inside an open window, where more of the server can be reached
      if (n % 2 === 0) stage.server.window.open('other')
      else stage.server.window.close()
      const request = structuredClone(r.pick(templates(stage, app)))
      for (let change = Math.floor(r.next() * 4); change > 0; change -= 1) r.pick(mutators)(request, r)
      const answer = await send(request)
      const told = `${n}: ${JSON.stringify(request).slice(0, 600)}`
      expect(answer.status, told).toBeLessThan(500)
      const location = answer.headers.get('location')
      if (location !== null) {
        const target = new URL(location, stage.origin)
        const ours = target.origin === stage.origin && target.pathname.startsWith('/oauth/wait/')
        expect(ours, `${told} → ${location}`).toBe(true)
      }
      expect(answer.headers.get('set-cookie') ?? '', told).not.toMatch(/\ba=b\b/)
      await answer.arrayBuffer()
      expect(stage.server.grants.list(), told).toEqual([])
      for (const { id } of stage.server.connections.list()) stage.server.connections.deny(id)
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    }
    // the test is worth something only if the requests went different ways
    expect([...statuses.keys()].sort()).toEqual(expect.arrayContaining([201, 303, 400, 403, 404, 405]))
    expect(stage.log.filter((entry) => entry.level === 'error')).toEqual([])
    const { access_token, grant } = await connect(stage, app)
    expect(await isLive(stage, access_token)).toBe(true)
    expect(stage.server.grants.list()).toEqual([expect.objectContaining({ id: grant.id })])
  }, 60_000)

  it('registrations are capped for everybody together, and bounded in the database', async () => {
    const capped = await openStage({ registrationsPerHour: 20 })
    const as = { issuer: capped.origin, registration_endpoint: `${capped.origin}/oauth/register` }
    const attempt = (n: number) =>
      fetch(as.registration_endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.0.0.${n}` },
        body: JSON.stringify({ redirect_uris: [`https://app${n}.example/cb`] }),
      })
    const statuses = []
    for (let n = 0; n < 30; n += 1) statuses.push((await attempt(n)).status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(10)
    const refused = await attempt(31)
    expect(refused.headers.get('retry-after')).toBe('3600')
    // a day of the most that the cap allows leaves a hundred
    for (let hour = 0; hour < 8; hour += 1) {
      capped.clock.advance(3_600_001)
      for (let n = 0; n < 20; n += 1) expect((await attempt(n)).status).toBe(201)
    }
    expect(capped.counts().oauth_records).toBe(100)
    await capped.close()
  }, 20_000)

  it('registrations are JSON of sixteen kilobytes at most', async () => {
    const url = `${stage.origin}/oauth/register`
    const body = JSON.stringify({ redirect_uris: ['https://app.example/cb'] })
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jwt',
      'application/json; charset=utf-16',
    ])
      expect(
        (await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })).status,
        type,
      ).toBe(400)
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(url, { method: 'POST', headers, body: ' '.repeat(17_000) + body })).status).toBe(413)
    const streamed = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 40; n += 1) controller.enqueue(new TextEncoder().encode(' '.repeat(1_000)))
        controller.close()
      },
    })
    const chunked = fetch(url, { method: 'POST', headers, body: streamed, duplex: 'half' } as RequestInit)
    expect((await chunked).status).toBe(413)
    expect((await fetch(url)).status).toBe(405)
  })

  it('a document nobody vouches for is never fetched for a stranger at the token endpoint', async () => {
    let looked = 0
    const watched = await openStage({
      outside: {
        lookup: async () => {
          looked += 1
          return [{ address: '127.0.0.1', family: 4 }]
        },
        request: (() => {
          throw new Error('must not be reached')
        }) as never,
        ports: [443],
      },
    })
    const client_id = 'https://stranger.example/client.json'
    const as = { issuer: watched.origin, token_endpoint: `${watched.origin}/oauth/token` }
    const ask = () =>
      fetch(as.token_endpoint, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id }),
      })
    expect((await ask()).status).toBe(400)
    watched.server.window.open('other')
    expect((await ask()).status).toBe(400)
    expect(looked).toBe(0)
    // inside the window the page may be asked for: looked up, found private, refused
    const url = `${watched.origin}/oauth/authorize?${new URLSearchParams({ client_id, response_type: 'code', redirect_uri: 'https://stranger.example/cb', code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' })}`
    const page = await fetch(url, { redirect: 'manual' })
    expect(page.status).toBe(400)
    expect(looked).toBe(1)
    await watched.close()
  })
})

describe('a live metadata document', () => {
  it('is read once, kept at consent and used for tokens without the network', async () => {
    const client_id = 'https://app.example/oauth/client.json'
    const document = JSON.stringify({
      client_id,
      client_name: 'Live',
      redirect_uris: ['https://app.example/cb'],
      logo_uri: 'https://x.example/l.png',
    })
    let fetched = 0
    const live = await openStage({
      outside: {
        lookup: async () => [{ address: '93.184.215.14', family: 4 }],
        // the wire itself is tested beside the guard; here it answers at once
        request: ((_url: URL, _options: object, done: (response: unknown) => void) => {
          fetched += 1
          const response = Object.assign(new PassThrough(), {
            statusCode: 200,
            headers: { 'content-type': 'application/json' },
          })
          response.end(document)
          return Object.assign(new EventEmitter(), { end: () => done(response), destroy() {} })
        }) as never,
        ports: [443],
      },
    })
    const liveApp = await documentApp(live, client_id, 'https://app.example/cb')
    const tokens = await connect(live, liveApp)
    expect(tokens.grant.name).toBe('MCP — Live')
    expect(fetched).toBe(1)
    await live.restart()
    const next = await refresh(liveApp, tokens.refresh_token)
    expect(await isLive(live, next.access_token)).toBe(true)
    expect(fetched).toBe(1)
    await live.close()
  })
})
