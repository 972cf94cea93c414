import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { moveProcessClock, type ProcessClock } from './fixture-clock.ts'
import { pinnedClient, sendRaw } from './raw-requests.ts'

/** Where a client may be sent back to: at registration, and again at the authorize page (RFC 8252 §7.3, RFC 9700 §4.1). */
let under: InProcess
let clock: ProcessClock
beforeAll(async () => {
  clock = moveProcessClock()
  under = await startInProcess()
}, 30_000)
afterAll(async () => {
  clock.restore()
  await under?.stop()
})

const accepted = [
  'https://chatgpt.com/connector_platform_oauth_redirect',
  'https://chatgpt.com/connector/oauth/cb_42',
  'https://chat.openai.com/connector_platform_oauth_redirect',
  'https://platform.openai.com/apps-manage/oauth',
  'https://claude.ai/api/mcp/auth_callback',
  'https://claude.com/api/mcp/auth_callback',
  'https://vscode.dev/redirect',
  'https://insiders.vscode.dev/redirect',
  'https://www.cursor.com/agents/mcp/oauth/callback',
  'https://app.example',
  'https://app.example/',
  'https://app.example:8443/cb',
  'https://app.example/cb?tenant=a&x=%20y',
  'https://app.example/cb?next=/a/b',
  'http://127.0.0.1/callback',
  'http://127.0.0.1:33418',
  'http://127.0.0.1:33418/',
  'http://127.0.0.1:8787/oauth/callback',
  'http://localhost:8787/callback',
  'http://localhost/callback',
  'http://localhost:1455/auth/callback',
  'http://[::1]:5000/cb',
  'cursor://anysphere.cursor-mcp/oauth/callback',
  'vscode://ms.mcp/cb',
  'com.example.app:/oauth2redirect',
]

const refused = [
  // not an address
  '',
  ' ',
  'callback',
  '/cb',
  '//evil.example/cb',
  '?x',
  'https:',
  'https://',
  'http:///cb',
  'https:///cb',
  'https:app.example/cb',
  'https:/app.example/cb',
  // http elsewhere, and other spellings of this computer
  'http://evil.example/cb',
  'http://10.0.0.1/cb',
  'http://192.168.1.1/cb',
  'http://0.0.0.0/cb',
  'http://127.0.0.2/cb',
  'http://127.1/cb',
  'http://0x7f.1/cb',
  'http://0x7f000001/cb',
  'http://2130706433/cb',
  'http://0177.0.0.1/cb',
  'http://localhost./cb',
  'http://LOCALHOST/cb',
  'http://127.0.0.1./cb',
  'http://[::ffff:127.0.0.1]/cb',
  'http://[0:0:0:0:0:0:0:1]/cb',
  'http://localhost.evil.example/cb',
  'http://127.0.0.1.evil.example/cb',
  'http://[::]/cb',
  'http://127。0。0。1/cb',
  'http://①②⑦.0.0.1/cb',
  'http://loc%61lhost/cb',
  'http://foo.localhost/cb',
  'https://localhost/cb',
  'https://127.0.0.1/cb',
  'https://[::1]/cb',
  // user information
  'https://user@app.example/cb',
  'https://user:pw@app.example/cb',
  'https://@app.example/cb',
  'https://a@b@app.example/',
  'https://chatgpt.com@evil.example/cb',
  'https://chatgpt.com%40evil.example/cb',
  'http://u:p@127.0.0.1:9/cb',
  'http://127.0.0.1:80@evil.example/cb',
  'https://evil.example\\@chatgpt.com/cb',
  'cursor://user@host/cb',
  // fragments
  'https://app.example/cb#',
  'https://app.example/cb#x',
  'https://app.example/#/cb',
  'http://127.0.0.1/cb#x',
  'cursor://x/cb#y',
  // schemes that do something by themselves
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  '\tjavascript:alert(1)',
  'java\nscript:alert(1)',
  'javascript://app.example/%0aalert(1)',
  'JAVASCRIPT%3aalert(1)',
  'data:text/html,x',
  'DATA:text/html;base64,eA==',
  'file:///etc/passwd',
  'FILE:///c:/x',
  'vbscript:x',
  'blob:https://a.example/1',
  'about:blank',
  'view-source:https://a.example',
  'filesystem:https://a.example/x',
  'ws://a.example/',
  'wss://a.example/',
  'ftp://a.example/',
  'mailto:a@a.example',
  'tel:1',
  'sms:1',
  'chrome://settings',
  'chrome-extension://x/y',
  'edge://settings',
  'intent://x#Intent;end',
  'ms-settings:x',
  'ms-msdt:/id',
  'search-ms:query=x',
  'shell:startup',
  'ssh://a.example',
  'telnet://a.example',
  'ldap://a.example',
  'gopher://a.example',
  'smb://a.example/x',
  'jar:https://a.example!/',
  'app://index.html',
  'drawbridge://x/y',
  'urn:ietf:wg:oauth:2.0:oob',
  'x-apple.systempreferences:/x',
  'resource://x/y',
  'moz-extension://x/y',
  'git://x/y',
  'cursor:x',
  // white space, control and look-alike characters
  ' https://app.example/cb',
  'https://app.example/cb ',
  'https://app.example/c b',
  'https://app.example/cb\n',
  'https://app.example/\tcb',
  'https://app.example/cb\0',
  'https://app.example\u200b/cb',
  'https://app.example/\u202ecb',
  'https://app\r\n.example/',
  'https://\u00a0app.example/',
  'https://app.example/%0d%0aLocation:x',
  'https://app.example/%00',
  'https://app.example/%7f',
  'https://аpp.example/cb',
  // paths that mean two things
  'https://app.example/a/../cb',
  'https://app.example/a/%2e%2e/cb',
  'https://app.example/a/%2E./cb',
  'https://app.example/./cb',
  'https://app.example/..;/cb',
  'https://app.example/a/..;x=1/cb',
  'https://app.example/a%2fcb',
  'https://app.example/a%5ccb',
  'https://app.example\\cb',
  'https:\\\\app.example\\cb',
  'cursor://x/a/../b',
  // hosts that are no plain hosts
  'https://app.example:443/cb',
  'https://APP.example/cb',
  'https://app.example./cb',
  'https://*.example/cb',
  'https://app..example/cb',
  'https://app%2eexample/cb',
  'https://app.example%00.evil.example/',
  'https://app.example:99999/cb',
  'https://app_name.example/cb',
  'https://app.example:/cb',
  'https://app.example:0443/cb',
  'https://0x7f.1/cb',
  'https://[fe80::1%25eth0]/cb',
  'HTTPS://app.example/cb',
  'HtTp://127.0.0.1/cb',
  'https://app.example/<script>',
  'https://app.example/"x',
  'https://app.example/{x}',
  'https://app.example/`x`',
  'https://app.example/|x',
  'https://app.example/^x',
  `https://app.example/${'a'.repeat(2_000)}`,
]

const register = async (uris: string[]) => {
  // the hour's twenty registrations are not what is tested here
  clock.move(200_000)
  const answer = await sendRaw(under, {
    method: 'POST',
    path: '/oauth/register',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'Corpus', redirect_uris: uris }),
  })
  return { status: answer.status, ...(JSON.parse(answer.text) as { client_id?: string; error?: string }) }
}

/** Whether the authorize page takes it: then the owner is asked, and about the right place. */
const authorize = async (clientId: string, redirectUri: string) => {
  await under.ask('connect.open', { client: 'other' })
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri.toWellFormed(),
    response_type: 'code',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  const answer = await sendRaw(under, { path: `/oauth/authorize?${query}` })
  const [waiting] = await under.ask('connections.list')
  if (waiting) await under.ask('connections.deny', { id: waiting.id })
  return { status: answer.status, location: answer.headers.location, host: waiting?.redirectHost }
}

describe('redirect URIs', () => {
  it(`${accepted.length} are taken, at registration and at the page`, { timeout: 60_000 }, async () => {
    for (const uri of accepted) {
      const { status, client_id } = await register([uri])
      expect(status, uri).toBe(201)
      const page = await authorize(client_id!, uri)
      expect(page, uri).toMatchObject({ status: 303, location: expect.stringContaining('/oauth/wait/') })
      expect(uri, uri).toContain(page.host)
    }
  })

  it(`${refused.length} are refused, alone and behind a good one, and by a page that knows the client`, {
    timeout: 60_000,
  }, async () => {
    expect(accepted.length + refused.length).toBeGreaterThanOrEqual(150)
    const good = 'https://app.example/cb'
    const { client_id: web } = await register([good])
    const { client_id: native } = await register(['http://127.0.0.1/callback', good])
    for (const uri of refused) {
      for (const uris of [[uri], [good, uri]])
        expect(await register(uris), JSON.stringify(uris)).toMatchObject({
          status: 400,
          error: 'invalid_redirect_uri',
        })
      for (const clientId of [web!, native!, (pinnedClient('corpus') as { clientId: string }).clientId]) {
        // left out, it means the only one that is registered
        if (uri === '') continue
        const page = await authorize(clientId, uri)
        expect([400, 414], JSON.stringify([uri, page])).toContain(page.status)
        expect(page.location, uri).toBeUndefined()
        expect(page.host, uri).toBeUndefined()
      }
    }
  })

  it('match exactly, but for the port of this computer', { timeout: 30_000 }, async () => {
    const { client_id: web } = await register(['https://app.example/cb'])
    const { client_id: native } = await register(['http://127.0.0.1:1/callback', 'http://[::1]/callback'])
    const taken = async (clientId: string, uri: string) => (await authorize(clientId, uri)).status === 303
    expect(await taken(web!, 'https://app.example/cb')).toBe(true)
    for (const uri of [
      'https://app.example/cb/',
      'https://app.example/CB',
      'https://app.example/cb?x',
      'https://app.example:8443/cb',
      'https://app.example/cb/../cb',
      'https://app.example.evil.example/cb',
      'https://sub.app.example/cb',
      'http://app.example/cb',
      'http://127.0.0.1/callback',
    ])
      expect(await taken(web!, uri), uri).toBe(false)
    for (const uri of [
      'http://127.0.0.1:1/callback',
      'http://127.0.0.1:65000/callback',
      'http://127.0.0.1/callback',
      'http://[::1]:9/callback',
    ])
      expect(await taken(native!, uri), uri).toBe(true)
    for (const uri of [
      'http://localhost:1/callback',
      'http://127.0.0.1:1/callback/',
      'http://127.0.0.1:1/callback?x=1',
      'http://127.0.0.1:1/Callback',
      'http://u:p@127.0.0.1:9/callback',
      'http://0x7f.1:9/callback',
      'http://127.0.0.1:99999/callback',
      'https://127.0.0.1:1/callback',
    ])
      expect(await taken(native!, uri), uri).toBe(false)
  })
})
