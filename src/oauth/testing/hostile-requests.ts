import type { App } from './app.ts'
import type { Stage } from './stage.ts'

/** Seeded, so that a failure can be found again (mulberry32). */
export function random(seed: number) {
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
export interface Hostile {
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
export const templates = (stage: Stage, app: App): Hostile[] => {
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

export const mutators: ((request: Hostile, r: ReturnType<typeof random>) => void)[] = [
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
