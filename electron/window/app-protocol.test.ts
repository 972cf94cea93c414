import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contentSecurityPolicy } from '../../src/control/page-files.ts'
import { appScheme, serveRenderer } from './app-protocol.ts'

let home: string
let serve: ReturnType<typeof serveRenderer>
const get = (path: string, init?: RequestInit) => serve(new Request(`app://drawbridge${path}`, init))

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'drawbridge-protocol-'))
  mkdirSync(join(home, 'renderer/assets'), { recursive: true })
  mkdirSync(join(home, 'renderer-evil'))
  writeFileSync(join(home, 'renderer/index.html'), '<h1>page</h1>')
  writeFileSync(join(home, 'renderer/assets/a.js'), 'run()')
  writeFileSync(join(home, 'renderer/.hidden.html'), 'canary')
  writeFileSync(join(home, 'renderer/assets/notes.txt'), 'canary')
  writeFileSync(join(home, 'secret.html'), 'canary')
  writeFileSync(join(home, 'renderer-evil/x.html'), 'canary')
  serve = serveRenderer(join(home, 'renderer'))
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe('app://drawbridge', () => {
  it('gives the page, with a policy that lets nothing foreign in or out', async () => {
    for (const path of ['/', '/index.html', '/?x=1#/tools']) {
      const answer = await get(path)
      expect(answer.status).toBe(200)
      expect(await answer.text()).toBe('<h1>page</h1>')
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(answer.headers.get('content-security-policy')).toBe(contentSecurityPolicy)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect(contentSecurityPolicy).not.toMatch(/unsafe|\*|https?:/)
  })

  it('gives scripts to module loads of the same origin', async () => {
    const answer = await get('/assets/a.js', {
      headers: { origin: 'app://drawbridge', 'sec-fetch-site': 'same-origin' },
    })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/javascript; charset=utf-8',
    ])
  })

  it.each([
    '/missing.html',
    '/assets',
    '/assets/',
    '/tools',
    '/assets/notes.txt',
    '/.hidden.html',
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/%2e%2e%2fsecret.html',
    '/..%2fsecret.html',
    '/assets/..%2f..%2fsecret.html',
    '/..%5csecret.html',
    '/%2e%2e%2frenderer-evil/x.html',
    '//etc/passwd',
    '/%00index.html',
    '/index.html%00.js',
    '/%E0%A4%A',
    '/C:%5csecret.html',
  ])('answers %s with 404 and no content of the disk', async (path) => {
    const answer = await get(path)
    expect(answer.status).toBe(404)
    expect(await answer.text()).toBe('Not found')
  })

  it.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['a look-alike', { origin: 'app://drawbridge.evil' }],
    ['a cross-site load', { 'sec-fetch-site': 'cross-site' }],
    ['a same-site load', { 'sec-fetch-site': 'same-site' }],
  ])('refuses %s', async (_what, headers) => {
    expect((await get('/index.html', { headers })).status).toBe(403)
  })

  it('refuses other methods and other hosts', async () => {
    expect((await get('/', { method: 'POST', body: 'x' })).status).toBe(405)
    expect((await get('/', { method: 'HEAD' })).status).toBe(200)
    expect((await serve(new Request('app://elsewhere/index.html'))).status).toBe(404)
  })

  it('is registered without the privileges that would open it', () => {
    expect(appScheme).toEqual({
      scheme: 'app',
      privileges: { standard: true, secure: true, supportFetchAPI: true },
    })
  })
})
