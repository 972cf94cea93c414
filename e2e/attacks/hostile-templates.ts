import type { Hostile } from '../../src/oauth/testing/hostile-requests.ts'

/** What an attacker may know: names of things that exist, and credentials that are worth nothing any more. */
export interface Knowledge {
  origin: string
  /** '' for the default workspace, `/w/home` for another. */
  oauth: string
  /** Path of the MCP endpoint. */
  mcp: string
  clientId: string
  redirect: string
  /** A well-known client, whose redirect URIs an attacker cannot own. */
  pinned: { clientId: string; redirect: string }
  /** Registered by hand; its secret is not known. */
  confidential: string
  dead: { code: string; refresh: string; access: string; key: string; verifier: string }
}

export const evil = 'https://evil.example/steal'

type Form = [string, string][]
type Named = Record<string, Hostile>

/** Honest requests turned bad in one way each; the mutators turn them further. */
export function hostileTemplates(known: Knowledge): Named {
  return {
    ...authorize(known),
    ...pages(known),
    ...token(known),
    ...others(known),
    ...register(known),
    ...mcp(known),
  }
}

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const uid = 'aaaaaaaaaaaaaaaaaaaaa'
const get = (path: string, form: Form = [], headers = {}): Hostile => ({ method: 'GET', path, form, headers })
const send = (path: string, form: Form = [], headers = {}): Hostile => ({
  method: 'POST',
  path,
  form,
  headers,
})
const named = (prefix: string, list: Hostile[]): Named =>
  Object.fromEntries(list.map((one, n) => [`${prefix} ${n}`, one]))

function authorize({ origin, oauth, mcp, clientId, redirect, pinned, confidential, dead }: Knowledge): Named {
  const path = `/oauth${oauth}/authorize`
  const honest: Record<string, string> = {
    client_id: clientId,
    redirect_uri: redirect,
    response_type: 'code',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    state: 'state',
    resource: origin + mcp,
    scope: 'mcp:use',
  }
  const form = (change: Record<string, string | null>): Form =>
    Object.entries({ ...honest, ...change }).filter((pair): pair is [string, string] => pair[1] !== null)
  const changed: Record<string, (string | null)[]> = {
    redirect_uri: [
      null,
      evil,
      `${redirect}/../steal`,
      `${redirect}?next=${evil}`,
      `${redirect}#${evil}`,
      redirect.replace('127.0.0.1', 'evil.example'),
      redirect.replace('//', '//evil.example@'),
      redirect.replace('127.0.0.1', '0x7f.1'),
      redirect.replace('http:', 'https:'),
      'javascript:alert(1)',
      'data:text/html,x',
      `//evil.example/${redirect}`,
    ],
    client_id: [
      null,
      pinned.clientId,
      confidential,
      'https://evil.example/client.json',
      'https://127.0.0.1/client.json',
      'https://chatgpt.com.evil.example/oauth/client.json',
      'https://chatgpt.com/oauth/../oauth/client.json',
      '__proto__',
      `${clientId}\u0000`,
    ],
    response_type: [null, 'token', 'id_token', 'code token', 'none'],
    response_mode: ['fragment', 'form_post', 'web_message', 'jwt'],
    code_challenge: [null, 'short', 'a'.repeat(129)],
    code_challenge_method: [null, 'plain', 'S512'],
    resource: [
      evil,
      origin,
      `${origin}${mcp}/`,
      `${origin}/mcp/nobody`,
      `${origin}/mcp/home`,
      `${origin}/mcp/default`,
    ],
    scope: ['openid offline_access admin', 'mcp:use '.repeat(400), '*'],
    prompt: ['none', 'login', 'create', 'consent none'],
  }
  const added: Record<string, string>[] = [
    { request: 'eyJhbGciOiJub25lIn0.e30.' },
    { request_uri: 'http://127.0.0.1:1/request.jwt' },
    { registration: `{"redirect_uris":["${evil}"]}` },
    { claims: '{"id_token":{"auth_time":{"essential":true}}}' },
    { id_token_hint: dead.access, login_hint: 'owner' },
    { approved: 'true', grantId: 'grant_x.y', consent: 'yes' },
    { digits: '000', access: 'everything' },
    { dpop_jkt: 'a'.repeat(43), authorization_details: '[{"type":"all"}]' },
  ]
  const list = Object.entries(changed).flatMap(([name, values]) =>
    values.map((value) => get(path, form({ [name]: value }))),
  )
  list.push(...added.map((more) => get(path, form(more))))
  list.push(
    get(path, form({})),
    get(path, [...form({}), ['redirect_uri', evil]]),
    get(path, [['redirect_uri', evil], ...form({})]),
    get(path, [...form({}), ['resource', evil]]),
    get(path, form({ client_id: pinned.clientId, redirect_uri: pinned.redirect, prompt: 'none' })),
    get(path, form({ client_id: pinned.clientId, redirect_uri: evil })),
    send(path, form({})),
  )
  return named(`authorize${oauth}`, list)
}

function pages({ oauth, redirect }: Knowledge): Named {
  const cookie = `db_wait=${uid}; db_resume=${uid}; db_known_grant_x=${uid}`
  return named(`pages${oauth}`, [
    get(`/oauth/wait/${uid}`),
    get(`/oauth/wait/${uid}`, [], { cookie }),
    get(
      `/oauth/wait/${uid}`,
      [
        ['digits', '123'],
        ['approve', 'true'],
      ],
      { cookie },
    ),
    send(`/oauth/wait/${uid}`, [['allow', 'yes']], { cookie }),
    get('/oauth/wait/../authorize'),
    get(`/oauth${oauth}/authorize/${uid}`, [], { cookie }),
    get(`/oauth${oauth}/authorize/${uid}`, [['redirect_uri', evil]], { cookie }),
    send(`/oauth${oauth}/authorize/${uid}`, [['redirect_uri', redirect]], { cookie }),
    send(`/oauth${oauth}/authorize/${uid}/confirm`, [['digits', '000']], { cookie }),
    send(`/oauth${oauth}/interaction/${uid}/login`, [['prompt', 'login']], { cookie }),
  ])
}

function token({ origin, oauth, mcp, clientId, redirect, pinned, confidential, dead }: Knowledge): Named {
  const path = `/oauth${oauth}/token`
  const client: [string, string] = ['client_id', clientId]
  const code = (code: string, ...more: Form): Form => [
    ['grant_type', 'authorization_code'],
    ['code', code],
    ['code_verifier', dead.verifier],
    ['redirect_uri', redirect],
    ...more,
  ]
  const refresh = (value: string, ...more: Form): Form => [
    ['grant_type', 'refresh_token'],
    ['refresh_token', value],
    ...more,
  ]
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${secret}`).toString('base64')}`,
  })
  const assertion = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lciJ9.'
  return named(`token${oauth}`, [
    send(path),
    send(path, [client]),
    send(path, code('x'.repeat(43), client)),
    send(path, code(dead.code, client)),
    send(path, code(dead.code.slice(0, 10), client)),
    send(path, code(dead.code, ['client_id', pinned.clientId])),
    send(path, code(dead.code, client, ['resource', evil])),
    send(path, code(dead.code, client, ['code', dead.code])),
    send(path, refresh('r'.repeat(43), client)),
    send(path, refresh(dead.refresh, client)),
    send(path, refresh(dead.refresh, ['client_id', pinned.clientId])),
    send(path, refresh(dead.refresh, client, ['scope', 'mcp:use mcp:write admin'])),
    send(path, refresh(dead.refresh, client, ['resource', `${origin}/mcp/home`])),
    send(path, refresh(dead.access, client)),
    send(path, refresh(dead.key, client)),
    send(path, [['grant_type', 'client_credentials'], client]),
    send(path, [
      ['grant_type', 'client_credentials'],
      ['client_id', confidential],
    ]),
    send(path, [
      ['grant_type', 'client_credentials'],
      ['client_id', confidential],
      ['client_secret', 'db_secret_x'],
    ]),
    send(
      path,
      [
        ['grant_type', 'client_credentials'],
        ['resource', origin + mcp],
      ],
      basic(confidential, ''),
    ),
    send(path, [['grant_type', 'client_credentials']], basic(confidential, 'db_secret_x')),
    send(path, [['grant_type', 'client_credentials']], basic(clientId, clientId)),
    send(path, refresh(dead.refresh), basic(clientId, '')),
    send(path, refresh(dead.refresh, ['client_id', pinned.clientId]), basic(clientId, 'x')),
    send(path, [['grant_type', 'password'], ['username', 'owner'], ['password', 'x'], client]),
    send(path, [['grant_type', 'implicit'], client]),
    send(path, [
      ['grant_type', 'urn:ietf:params:oauth:grant-type:device_code'],
      ['device_code', 'x'],
      client,
    ]),
    send(path, [
      ['grant_type', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      ['assertion', assertion],
      client,
    ]),
    send(path, [
      ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      ['subject_token', dead.access],
      client,
    ]),
    send(
      path,
      code(
        dead.code,
        client,
        ['client_assertion', assertion],
        ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
      ),
    ),
    {
      ...send(path, [], { 'content-type': 'application/json' }),
      body: JSON.stringify({ grant_type: 'refresh_token', refresh_token: dead.refresh, client_id: clientId }),
    },
    get(path, refresh(dead.refresh, client)),
  ])
}

function others({ oauth, clientId, pinned, dead, mcp }: Knowledge): Named {
  const path = `/oauth${oauth}/revoke`
  const client: [string, string] = ['client_id', clientId]
  const wellKnown = ['oauth-protected-resource', 'oauth-authorization-server', 'openid-configuration']
  return {
    ...named(`revoke${oauth}`, [
      send(path),
      send(path, [['token', dead.refresh]]),
      send(path, [['token', dead.refresh], client]),
      send(path, [['token', dead.access], ['token_type_hint', 'refresh_token'], client]),
      send(path, [['token', dead.key], client]),
      send(path, [
        ['token', 't'.repeat(43)],
        ['client_id', pinned.clientId],
      ]),
      send(`/oauth${oauth}/introspect`, [['token', dead.access], client]),
      send(`/oauth${oauth}/device/auth`, [client]),
      send(`/oauth${oauth}/par`, [client]),
      get(`/oauth${oauth}/userinfo`, [], { authorization: `Bearer ${dead.access}` }),
    ]),
    ...named(`metadata${oauth}`, [
      ...wellKnown.flatMap((document) => [
        get(`/.well-known/${document}${mcp}`, [], { 'x-forwarded-host': 'evil.example' }),
        get(`/.well-known/${document}/mcp/../../admin`),
        get(`${mcp}/.well-known/${document}`, [['resource', evil]]),
      ]),
      get(`/.well-known/oauth-protected-resource/mcp/${'a'.repeat(300)}`),
      get('/.well-known/jwks.json'),
      get(`/oauth${oauth}/jwks`, [], { host: 'evil.example' }),
      send('/.well-known/oauth-authorization-server', [['issuer', evil]]),
    ]),
  }
}

function register({ oauth, clientId, redirect }: Knowledge): Named {
  const json = { 'content-type': 'application/json' }
  const raw = (body: string, headers: Record<string, string> = json): Hostile => ({
    ...send(`/oauth${oauth}/register`, [], headers),
    body,
  })
  const document = (more: object) =>
    raw(JSON.stringify({ redirect_uris: [redirect], client_name: 'X', ...more }))
  return named(`register${oauth}`, [
    document({ redirect_uris: [evil], client_name: 'ChatGPT', trusted: true, skip_consent: true }),
    document({ redirect_uris: ['javascript:alert(1)'] }),
    document({ redirect_uris: ['java\nscript:alert(1)'] }),
    document({ redirect_uris: ['http://evil.example/'] }),
    document({ redirect_uris: [redirect, evil] }),
    document({ redirect_uris: [] }),
    document({ redirect_uris: Array.from({ length: 21 }, (_, n) => `https://a${n}.example/`) }),
    document({ redirect_uris: { length: 1, 0: evil } }),
    document({ client_id: clientId, redirect_uris: [evil] }),
    document({ sector_identifier_uri: 'https://127.0.0.1/', jwks_uri: 'http://169.254.169.254/' }),
    document({ grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_basic' }),
    document({ grant_types: ['authorization_code', 'client_credentials', 'implicit'] }),
    document({ response_types: ['token', 'id_token', 'code'] }),
    document({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'oct', k: 'AA' }] } }),
    document({ scope: 'mcp:use admin *', access: 'everything', tools: null }),
    document({ software_statement: 'eyJhbGciOiJub25lIn0.e30.' }),
    document({ client_name: '<img src=x onerror=alert(1)>\u202e\u0000'.repeat(30) }),
    document({ client_secret: 'known', client_secret_expires_at: 0, registration_access_token: 'known' }),
    document({ initiate_login_uri: evil, logo_uri: 'http://127.0.0.1:1/x.png', contacts: ['x'] }),
    document({ application_type: 'web', subject_type: 'pairwise', id_token_signed_response_alg: 'none' }),
    raw('['.repeat(8_000)),
    raw(`{"redirect_uris":["${evil}"],"__proto__":{"a":1},"jwks":${'['.repeat(3_000)}${']'.repeat(3_000)}}`),
    raw('{"redirect_uris":["https://a.example/"],"redirect_uris":["javascript:alert(1)"]}'),
    raw('\ufeff{"redirect_uris":["https://a.example/"]}'),
    raw('redirect_uris=https://a.example/', { 'content-type': 'application/x-www-form-urlencoded' }),
    raw(`{"redirect_uris":["${redirect}"]}`, { 'content-type': 'text/plain' }),
    get(`/oauth${oauth}/register/${clientId}`),
    { ...raw('{}'), method: 'DELETE', path: `/oauth${oauth}/register/${clientId}` },
  ])
}

function mcp({ mcp: path, dead, origin }: Knowledge): Named {
  const call = (
    headers: Record<string, string>,
    body = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}',
  ) => ({
    ...send(path, [], {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    }),
    body,
  })
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  return named(`mcp ${path}`, [
    call({}),
    call(bearer(dead.access)),
    call(bearer(dead.refresh)),
    call(bearer(dead.code)),
    call(bearer(dead.key)),
    call(bearer('')),
    call(bearer(`${dead.access}, Bearer ${dead.key}`)),
    call({ authorization: `Basic ${Buffer.from(`owner:${dead.key}`).toString('base64')}` }),
    call({ authorization: dead.key }),
    call({ cookie: `access_token=${dead.key}`, 'x-api-key': dead.key }),
    call({ 'x-user': 'owner', 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' }),
    call({ 'mcp-session-id': 'a'.repeat(36) }),
    call({ origin: 'https://evil.example' }),
    call({ origin: 'null' }),
    call({ origin: `${origin}1` }),
    call({ host: 'evil.example' }),
    call({ host: '127.0.0.1' }),
    call({}, '['.repeat(60_000)),
    call({ 'content-encoding': 'gzip' }),
    { ...call({}), path: `${path}?access_token=${dead.key}` },
    get(path, [], { accept: 'text/event-stream', 'last-event-id': '1' }),
    { ...get(path), method: 'DELETE', headers: { 'mcp-session-id': 'x' } },
  ])
}
