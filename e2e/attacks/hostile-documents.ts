import type { Hostile } from '../../src/oauth/testing/hostile-requests.ts'
import { evil, get, type Knowledge, type Named, named, send } from './hostile-parts.ts'

/** Registrations that ask for too much, or are no registrations. */
export function register({ oauth, clientId, redirect }: Knowledge): Named {
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

/** Calls of the MCP endpoint by somebody without a token that is worth anything. */
export function mcp({ mcp: path, dead, origin }: Knowledge): Named {
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
