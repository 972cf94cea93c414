import { mcp, register } from './hostile-documents.ts'
import { evil, type Form, get, type Knowledge, type Named, named, send, stranger } from './hostile-parts.ts'

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
  // an open redirector is what a stranger wants of errors (RFC 9700 §4.11.2)
  const own = { client_id: stranger, redirect_uri: evil }
  const wrong: Record<string, string | null>[] = [
    {},
    { prompt: 'none' },
    { resource: evil },
    { response_type: 'token' },
    { response_mode: 'fragment' },
    { code_challenge: null },
    { code_challenge_method: 'plain' },
    { request_uri: evil },
  ]
  list.push(...wrong.map((more) => get(path, form({ ...own, ...more }))))
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
