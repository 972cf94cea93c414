import { describe, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { Permit } from './permit.ts'
import { Service, tooMany } from './service.ts'

const now = Date.parse('2026-11-15T12:00:00Z')

/** What comes of a question for a text that is always answered so, and how often it was asked. */
async function asked(body: string | Buffer, init: ResponseInit) {
  let times = 0
  const service = new Service({
    ...{ name: 'Harbour', rights: '', baseUrl: 'https://harbour.example', isOwn: true },
    ...{ now: () => now, log: silentLog, userAgent: 'drawbridge/1', timings: { backoff: 5 } },
    async fetch() {
      times += 1
      return new Response(typeof body === 'string' ? body : new Uint8Array(body), init)
    },
  })
  const request = { method: 'GET', headers: {}, wantsText: true, mayRepeat: true, hasKey: false } as const
  const { signal } = new AbortController()
  const permit = new Permit({ name: 'Harbour', edition: () => 0 })
  const answer = await service
    .send('/', { ...request, signal, permit, end: service.end() })
    .catch((error) => error)
  return { answer, times }
}

describe('how long to wait', () => {
  const told = (wait: number) => tooMany('Harbour', wait, now).hint
  it.each([
    [30_000, 'Ask again in 30 seconds (after 2026-11-15 12:00 UTC).'],
    [3_600_000, 'Ask again in 60 minutes (after 2026-11-15 13:00 UTC).'],
    [1e20, 'Ask again in 1440 minutes (after 2026-11-16 12:00 UTC).'],
    [Number.POSITIVE_INFINITY, 'Ask again in 60 seconds (after 2026-11-15 12:01 UTC).'],
    [Number.NaN, 'Ask again in 60 seconds (after 2026-11-15 12:01 UTC).'],
  ])('is said whatever a service says: %s', (wait, hint) => {
    expect(told(wait)).toBe(hint)
  })

  it('is a limit, and no failed connection, however absurd its number is', async () => {
    for (const reset of ['1e999', '1e300', '9'.repeat(40)]) {
      const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
      const { answer, times } = await asked('', { status: 429, headers })
      expect([answer.code, times]).toEqual(['service-rate-limited', 1])
    }
  })
})

describe('a text', () => {
  it.each<[string | null, Buffer, string]>([
    ['text/calendar; charset=iso-8859-1', Buffer.from('Grüße', 'latin1'), 'Grüße'],
    ['text/calendar;x=y; Charset="UTF-16LE"', Buffer.from('Grüße', 'utf16le'), 'Grüße'],
    ['text/calendar; charset=utf-8', Buffer.from('Grüße'), 'Grüße'],
    ['text/calendar; charset=x-nobody', Buffer.from('Grüße'), 'Grüße'],
    ['text/calendar', Buffer.from('\ufeffGrüße'), 'Grüße'],
    [null, Buffer.from('Grüße'), 'Grüße'],
  ])('is in the character set that it says it is in: %s', async (type, body, text) => {
    const headers = new Headers(type === null ? [] : [['content-type', type]])
    expect((await asked(body, { headers })).answer).toMatchObject({ status: 200, body: text })
  })
})

describe('a redirect', () => {
  it.each(['http://[::1', 'file:///etc/passwd', 'mailto:anna@harbour.example'])(
    'to no place that can be asked is a garbled answer, and not tried again: %s',
    async (location) => {
      const { answer, times } = await asked('', { status: 302, headers: { location } })
      expect(answer).toMatchObject({
        code: 'service-answer-invalid',
        message: expect.stringContaining('Harbour'),
      })
      expect(times).toBe(1)
    },
  )

  it('to another place names it', async () => {
    const { answer } = await asked('', { status: 302, headers: { location: '//other.example/x' } })
    expect(answer).toMatchObject({
      code: 'service-refused',
      message: expect.stringContaining('other.example'),
    })
  })
})
