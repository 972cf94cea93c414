import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Reply } from '../contract/pipe.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createPrivateListener, type PrivateListener } from './private-listener.ts'

/** A script as a build makes one: words that come again and again, and some that do not. */
const script = `export const words = ${JSON.stringify('the bridge is down, '.repeat(400) + randomBytes(2_000).toString('hex'))}`
const tricky = { message: `$& "quotes" <script>alert(1)</script> ${'x'.repeat(5)} $1` }

let listener: PrivateListener
let port: number
let cookie: string
let asked: number
let told: (name: string, payload: unknown, revision?: number) => void = () => {}

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-delivery-'))
  const ui = join(dir, 'renderer')
  mkdirSync(join(ui, 'assets'), { recursive: true })
  writeFileSync(
    join(ui, 'index.html'),
    '<!doctype html><html><head><meta name="drawbridge-csrf" content=""></head></html>',
  )
  writeFileSync(join(ui, 'assets', 'index-Abc12345.js'), script)
  writeFileSync(join(ui, 'assets', 'small-Abc12345.js'), 'export {}')
  writeFileSync(join(ui, 'picture.png'), randomBytes(5_000))
  asked = 0
  listener = createPrivateListener({
    ...{ port: 0, dataDir: dir, clock: { now: () => Date.now() }, log: silentLog },
    ui: {
      dir: ui,
      status: async () => {
        asked += 1
        return { ok: true, value: tricky, revision: 7, after: 7 }
      },
    },
    on: (listen) => {
      told = listen
      return () => {}
    },
    revision: () => 41,
    dispatch: async (): Promise<Reply> => ({ ok: true, value: null }),
  })
  ;({ port } = await listener.listen())
  const opened = await send(new URL(listener.oneTimeLink()).pathname)
  cookie = String(opened.headers['set-cookie']).split(';')[0]!
})
afterAll(() => listener.close())

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Buffer
}
const send = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<Answer>((resolve, reject) => {
    const req = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { ...(cookie && { cookie }), ...headers },
        agent: false,
      },
      (res) => {
        const parts: Buffer[] = []
        res.on('data', (part: Buffer) => parts.push(part))
        res.on('end', () =>
          resolve({ status: res.statusCode!, headers: res.headers, body: Buffer.concat(parts) }),
        )
      },
    )
    req.on('error', reject).end()
  })
const file = (accepted: string | null, more = {}, method = 'GET') =>
  send(
    '/assets/index-Abc12345.js',
    { ...(accepted === null ? {} : { 'accept-encoding': accepted }), ...more },
    method,
  )

describe('scripts', () => {
  const encodings: [string | null, string | undefined][] = [
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['BR', 'br'],
    ['br;q=0.001', 'br'],
    ['br;q=0', undefined],
    ['identity', undefined],
    ['', undefined],
    [null, undefined],
  ]
  it.each(encodings)('to whom takes %j: %s', async (accepted, encoding) => {
    const { status, headers, body } = await file(accepted)
    expect(status).toBe(200)
    expect(headers['content-encoding']).toBe(encoding)
    expect(headers.vary).toBe('Accept-Encoding')
    expect(headers['content-type']).toMatch(/^text\/javascript/)
    expect(headers['cache-control']).toBe('private, max-age=31536000, immutable')
    expect(headers['x-content-type-options']).toBe('nosniff')
    const text =
      encoding === 'br' ? brotliDecompressSync(body) : encoding === 'gzip' ? gunzipSync(body) : body
    expect(text.toString()).toBe(script)
    if (encoding) expect(body.length).toBeLessThan(script.length / 2)
    expect(headers['content-length']).toBe(String(body.length))
  })

  it('are not sent again to whom has them, and each encoding has a tag of its own', async () => {
    const tags = new Set<string>()
    for (const accepted of ['br', 'gzip', '']) {
      const etag = String((await file(accepted)).headers.etag)
      tags.add(etag)
      const again = await file(accepted, { 'if-none-match': etag })
      expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, etag])
    }
    expect(tags.size).toBe(3)
    const other = await file('br', { 'if-none-match': [...tags][1]! })
    expect(other.status).toBe(200)
  })

  it('HEAD says what GET would', async () => {
    const { status, headers, body } = await file('br', {}, 'HEAD')
    expect([status, headers['content-encoding'], body.length]).toEqual([200, 'br', 0])
  })

  it('what is small or a picture goes as it is', async () => {
    for (const path of ['/assets/small-Abc12345.js', '/picture.png']) {
      const { status, headers } = await send(path, { 'accept-encoding': 'br' })
      expect([status, headers['content-encoding']]).toEqual([200, undefined])
    }
  })

  it('are for whom was let in, and nothing outside the folder is ever packed', async () => {
    for (const path of [
      '/../control.json',
      '/%2e%2e/control.json',
      '/assets/..%2f..%2fcontrol.json',
      '/.hidden.js',
    ])
      expect((await send(path, { 'accept-encoding': 'br' })).status, path).toBeGreaterThanOrEqual(400)
    const known = cookie
    cookie = ''
    expect((await file('br')).status).toBe(401)
    cookie = known
  })
})

describe('the page', () => {
  it('comes with the first answer, as text that can do nothing', async () => {
    const before = asked
    const html = (await send('/')).body.toString()
    expect(asked).toBe(before + 1)
    const content = /<meta name="drawbridge-status" content="([^"]*)">/.exec(html)?.[1]
    const text = content!.replace(/&#(\d+);/g, (_all, code) => String.fromCharCode(Number(code)))
    expect(JSON.parse(text)).toEqual({ ok: true, value: tricky, revision: 7, after: 7 })
    expect(html).not.toContain('<script>alert')
    expect(html).toMatch(/<meta name="drawbridge-csrf" content="[\w-]{20,}">/)
  })
})

describe('the stream of events', () => {
  it('begins with the number of the last one, and numbers each', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const req = request(
        { host: '127.0.0.1', port, path: '/api/events', headers: { cookie }, agent: false },
        (res) => {
          let all = ''
          res.setEncoding('utf8').on('data', (part: string) => {
            all += part
            if (part.includes('hello')) told('grants.changed', {}, 42)
            if (!all.includes('grants.changed')) return
            resolve(all)
            req.destroy()
          })
        },
      )
      req.on('error', reject).end()
    })
    expect(text).toContain('event: hello\nid: 41\ndata: {}\n\n')
    expect(text).toContain('id: 42\ndata: {"name":"grants.changed","payload":{}}\n\n')
  })
})
