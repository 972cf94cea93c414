import { describe, expect, it } from 'vitest'
import { applicationType, checkRedirectUri, redirectHost, samePlace } from './redirects.ts'

const good: [string, 'https' | 'loopback' | 'private', string][] = [
  ['https://chatgpt.com/connector_platform_oauth_redirect', 'https', 'chatgpt.com'],
  ['https://chatgpt.com/connector/oauth/cb_42', 'https', 'chatgpt.com'],
  ['https://platform.openai.com/apps-manage/oauth', 'https', 'platform.openai.com'],
  ['https://claude.com/api/mcp/auth_callback', 'https', 'claude.com'],
  ['https://vscode.dev/redirect', 'https', 'vscode.dev'],
  ['https://www.cursor.com/agents/mcp/oauth/callback', 'https', 'www.cursor.com'],
  ['https://claude.ai/api/mcp/auth_callback', 'https', 'claude.ai'],
  ['https://chat.openai.com/connector_platform_oauth_redirect', 'https', 'chat.openai.com'],
  ['https://insiders.vscode.dev/redirect', 'https', 'insiders.vscode.dev'],
  ['http://127.0.0.1:1455/callback/a1_B-2', 'loopback', '127.0.0.1'],
  ['http://localhost:54545/callback', 'loopback', 'localhost'],
  ['http://localhost:7777/oauth/callback', 'loopback', 'localhost'],
  ['https://app.example:8443/cb?tenant=a&x=%20y', 'https', 'app.example:8443'],
  ['https://app.example', 'https', 'app.example'],
  ['http://127.0.0.1/callback', 'loopback', '127.0.0.1'],
  ['http://127.0.0.1:33418', 'loopback', '127.0.0.1'],
  ['http://127.0.0.1:33418/', 'loopback', '127.0.0.1'],
  ['http://localhost:8787/callback', 'loopback', 'localhost'],
  ['http://localhost/oauth/callback', 'loopback', 'localhost'],
  ['http://[::1]:5000/cb', 'loopback', '[::1]'],
  ['cursor://anysphere.cursor-mcp/oauth/callback', 'private', 'cursor://anysphere.cursor-mcp'],
  ['vscode://ms.mcp/cb', 'private', 'vscode://ms.mcp'],
  ['com.example.app:/oauth2redirect', 'private', 'com.example.app:'],
]

const bad: unknown[] = [
  // not text, not an address
  ...[
    undefined,
    null,
    7,
    {},
    [],
    '',
    ' ',
    'callback',
    '/cb',
    '//evil.example/cb',
    '?x',
    'https:',
    'https://',
    'http:///cb',
  ],
  // plain http outside this computer, and other spellings of this computer
  ...[
    'http://evil.example/cb',
    'http://10.0.0.1/cb',
    'http://192.168.1.1/cb',
    'http://0.0.0.0/cb',
    'http://127.0.0.2/cb',
  ],
  ...[
    'http://127.1/cb',
    'http://0x7f.1/cb',
    'http://0x7f000001/cb',
    'http://2130706433/cb',
    'http://0177.0.0.1/cb',
  ],
  ...[
    'http://localhost./cb',
    'http://LOCALHOST/cb',
    'http://Localhost/cb',
    'http://127.0.0.1./cb',
    'http://[::ffff:127.0.0.1]/cb',
  ],
  ...[
    'http://[0:0:0:0:0:0:0:1]/cb',
    'http://localhost.evil.example/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://[::]/cb',
  ],
  ...['http://127。0。0。1/cb', 'http://①②⑦.0.0.1/cb', 'http://loc%61lhost/cb', 'http://foo.localhost/cb'],
  ...['https://localhost/cb', 'https://127.0.0.1/cb', 'https://[::1]/cb'],
  // user information
  ...[
    'https://user@app.example/cb',
    'https://user:pw@app.example/cb',
    'https://@app.example/cb',
    'https://a@b@app.example/',
  ],
  ...[
    'https://chatgpt.com@evil.example/cb',
    'https://chatgpt.com%40evil.example/cb',
    'http://u:p@127.0.0.1:9/cb',
  ],
  ...[
    'http://127.0.0.1:80@evil.example/cb',
    'https://evil.example\\@chatgpt.com/cb',
    'cursor://user@host/cb',
  ],
  // fragments
  ...[
    'https://app.example/cb#',
    'https://app.example/cb#x',
    'https://app.example/#/cb',
    'http://127.0.0.1/cb#x',
    'cursor://x/cb#y',
  ],
  // dangerous schemes, in every disguise
  ...[
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    '\tjavascript:alert(1)',
    'java\nscript:alert(1)',
    'javascript://app.example/%0aalert(1)',
  ],
  ...[
    'data:text/html,x',
    'DATA:text/html;base64,eA==',
    'file:///etc/passwd',
    'FILE:///c:/x',
    'vbscript:x',
    'blob:https://a.example/1',
  ],
  ...[
    'about:blank',
    'view-source:https://a.example',
    'filesystem:https://a.example/x',
    'ws://a.example/',
    'wss://a.example/',
  ],
  ...[
    'ftp://a.example/',
    'mailto:a@a.example',
    'tel:1',
    'sms:1',
    'chrome://settings',
    'chrome-extension://x/y',
    'edge://settings',
  ],
  ...[
    'intent://x#Intent;end',
    'ms-settings:x',
    'ms-msdt:/id',
    'search-ms:query=x',
    'shell:startup',
    'ssh://a.example',
    'telnet://a.example',
  ],
  ...[
    'ldap://a.example',
    'gopher://a.example',
    'smb://a.example/x',
    'jar:https://a.example!/',
    'app://index.html',
    'drawbridge://x/y',
    'urn:ietf:wg:oauth:2.0:oob',
  ],
  ...[
    'x-apple.systempreferences:/x',
    'resource://x/y',
    'moz-extension://x/y',
    'git://x/y',
    'cursor:x',
    'JAVASCRIPT%3aalert(1)',
  ],
  // white space and control characters
  ...[
    ' https://app.example/cb',
    'https://app.example/cb ',
    'https://app.example/c b',
    'https://app.example/cb\n',
    'https://app.example/\tcb',
  ],
  ...[
    'https://app.example/cb\u0000',
    'https://app.example\u200b/cb',
    'https://app.example/\u202ecb',
    'https://app\r\n.example/',
    'https://\u00a0app.example/',
  ],
  ...[
    'https://app.example/%0d%0aLocation:x',
    'https://app.example/%00',
    'https://app.example/%7f',
    'https://app.example/%1b',
  ],
  // paths that mean two things
  ...[
    'https://app.example/a/../cb',
    'https://app.example/a/%2e%2e/cb',
    'https://app.example/a/%2E./cb',
    'https://app.example/./cb',
    'https://app.example/..;/cb',
  ],
  ...[
    'https://app.example/a/..;x=1/cb',
    'https://app.example/a%2fcb',
    'https://app.example/a%5ccb',
    'https://app.example\\cb',
    'https:\\\\app.example\\cb',
  ],
  ...['https:app.example/cb', 'https:/app.example/cb', 'https:///app.example/cb', 'cursor://x/a/../b'],
  // hosts that are not plain hosts
  ...[
    'https://app.example:443/cb',
    'https://APP.example/cb',
    'https://app.example./cb',
    'https://*.example/cb',
    'https://app..example/cb',
  ],
  ...[
    'https://аpp.example/cb',
    'https://app%2eexample/cb',
    'https://app.example%00.evil.example/',
    'https://app.example:99999/cb',
  ],
  ...[
    'https://app_name.example/cb',
    'https://app.example:/cb',
    'https://app.example:0443/cb',
    'https://0x7f.1/cb',
    'https://[fe80::1%25eth0]/cb',
  ],
  ...[
    'HTTPS://app.example/cb',
    'HtTp://127.0.0.1/cb',
    'https://app.example/<script>',
    'https://app.example/"x',
    'https://app.example/{x}',
  ],
  ...[
    'https://app.example/`x`',
    'https://app.example/|x',
    'https://app.example/^x',
    `https://app.example/${'a'.repeat(2_000)}`,
  ],
]

describe('redirect URIs', () => {
  it.each(good)('accepts %s', (uri, kind, host) => {
    expect(checkRedirectUri(uri)).toEqual({ ok: true, kind })
    expect(redirectHost(uri)).toBe(host)
  })

  it(`refuses ${bad.length} others`, () => {
    expect(good.length + bad.length).toBeGreaterThan(150)
    expect(bad.filter((uri) => checkRedirectUri(uri).ok)).toEqual([])
  })

  it('make a client native as soon as one leads to this computer', () => {
    expect(applicationType(['https'])).toBe('web')
    expect(applicationType(['https', 'loopback'])).toBe('native')
    expect(applicationType(['private'])).toBe('native')
  })

  it('knows that the loopback names are one computer, and nothing else is', () => {
    expect(samePlace('127.0.0.1')).toBe(samePlace('localhost'))
    expect(samePlace('app.example')).not.toBe(samePlace('localhost'))
  })
})
