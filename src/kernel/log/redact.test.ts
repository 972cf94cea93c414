import { describe, expect, it } from 'vitest'
import { HostError } from '../errors.ts'
import { longestHold, slowness, surelyHeld } from '../testing/held-thread.ts'
import { createRedactor, redactedMark } from './redact.ts'

// Put together here, so that no scanner takes this file for a leak.
const github = `ghp_${'a1B2'.repeat(9)}`
const jwt = `eyJ${'hbGciOiJ'}.${'eyJzdWIiOiIx'}.${'c2lnbmF0dXJl'}`

describe('secrets in texts', () => {
  const { text } = createRedactor()

  it.each([
    ['GitHub', github],
    ['OpenAI', `sk-${'x'.repeat(24)}`],
    ['Stripe', `sk_live_${'x'.repeat(12)}`],
    ['npm', `npm_${'x'.repeat(24)}`],
    ['Slack', `xoxb-${'1'.repeat(12)}`],
    ['AWS', `AKIA${'Z'.repeat(16)}`],
    ['our own key', `db_key_${'x'.repeat(43)}`],
    ['a secret of a client of ours', `db_secret_${'x'.repeat(43)}`],
    ['our own admin key', `db_admin_${'x'.repeat(43)}`],
    ['JWT', jwt],
    ['JWT after other letters', `x-${jwt}`],
    ['private key', `-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----`],
    ['private key without its end', `-----BEGIN PRIVATE KEY-----\nabc`],
  ])('%s', (_name, secret) => {
    const shown = text(`before ${secret} after`)
    expect(shown).toContain(redactedMark)
    expect(shown).not.toContain(secret.slice(-8).trim())
    expect(shown).toContain('before')
  })

  it.each([
    ['Authorization: Bearer abcdefgh12345', 'Authorization: Bearer [redacted]'],
    ['https://bob:hunter2hunter@host/x', 'https://bob:[redacted]@host/x'],
    ['GET /x?a=1&access_token=abc&b=2', 'GET /x?a=1&access_token=[redacted]&b=2'],
    ['{"password":"p\\"q","n":1}', '{"password":"[redacted]","n":1}'],
    [JSON.stringify('{"password":"p\\"q\\\\","n":1}'), JSON.stringify('{"password":"[redacted]","n":1}')],
    ['DB_PASSWORD=hunter2 NEXT=1', 'DB_PASSWORD=[redacted] NEXT=1'],
  ])('%s', (input, output) => expect(text(input)).toBe(output))

  it.each([
    'Plain words about a token and a secret, nothing more.',
    'https://example.com/a/b?page=2',
    'github.com-mirror.example',
    'The key of the map is a_b-c: "d"',
    '192.168.100.200 and v1.2.3',
  ])('leaves alone: %s', (input) => expect(text(input)).toBe(input))
})

describe('known secrets', () => {
  it('are found inside longer texts, in every way they are written', () => {
    const redactor = createRedactor()
    redactor.add('pa"ss wörd')
    expect(redactor.text('x=pa"ss wörd!')).toBe('x=[redacted]!')
    expect(redactor.text(JSON.stringify({ x: 'pa"ss wörd' }))).toBe('{"x":"[redacted]"}')
    expect(redactor.text(`/?q=${encodeURIComponent('pa"ss wörd')}`)).toBe('/?q=[redacted]')
  })

  it('the longer of two wins, whatever the order, and the mark itself is never touched', () => {
    const redactor = createRedactor()
    redactor.add('abcdef')
    redactor.add('redacted')
    redactor.add('abcdef-and-more')
    expect(redactor.text('abcdef-and-more abcdef')).toBe('[redacted] [redacted]')
  })

  it('may hold any character', () => {
    const redactor = createRedactor()
    redactor.add('a.*+?^$(){}|[]\\/-b')
    expect(redactor.text('<a.*+?^$(){}|[]\\/-b> axxb')).toBe('<[redacted]> axxb')
  })

  it('an authorization value also counts without its scheme', () => {
    const redactor = createRedactor()
    redactor.add('Bearer tiny-token')
    expect(redactor.text('it was tiny-token')).toBe('it was [redacted]')
  })

  it('short ones are ignored', () => {
    const redactor = createRedactor()
    redactor.add('')
    redactor.add('true')
    expect(redactor.text('true')).toBe('true')
  })
})

describe('values', () => {
  const redactor = createRedactor()

  it('hides fields by their name, at any depth', () => {
    expect(
      redactor.value({
        a: [{ Password: 'x', apiKey: 1, GITHUB_TOKEN: 'y', 'x-api-key': { deep: 1 }, accessToken: ['z'] }],
        token: null,
        secret: true,
      }),
    ).toEqual({
      a: [
        {
          Password: '[redacted]',
          apiKey: '[redacted]',
          GITHUB_TOKEN: '[redacted]',
          'x-api-key': '[redacted]',
          accessToken: '[redacted]',
        },
      ],
      token: null,
      secret: true,
    })
  })

  it('keeps what is no secret', () => {
    const harmless = {
      nextPageToken: 'abc',
      page_token: 'x',
      tokens: 5,
      monkey: 'b',
      keyboard: 'c',
      author: 'd',
    }
    expect(redactor.value(harmless)).toEqual(harmless)
  })

  it('survives 100,000 levels', () => {
    let deep: unknown = 'bottom'
    for (let level = 0; level < 100_000; level += 1) deep = level % 2 ? [deep] : { deep }
    const text = JSON.stringify(redactor.value(deep))
    expect(text).toContain('[too deep]')
    expect(text.length).toBeLessThan(2_000)
  })

  it('does not unfold a small value without end', () => {
    let wide: unknown = 'x'
    for (let level = 0; level < 40; level += 1) wide = [wide, wide]
    const started = performance.now()
    const text = JSON.stringify(redactor.value(wide))
    expect(performance.now() - started).toBeLessThan(1_000)
    expect(text).toContain('more]')
  })

  it('cuts wide lists and objects', () => {
    const list = redactor.value(Array.from({ length: 1_000 }, (_, index) => index)) as unknown[]
    expect(list).toHaveLength(401)
    expect(list.at(-1)).toBe('[600 more]')
    const object = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`n${index}`, index]))
    expect(Object.keys(redactor.value(object) as object)).toHaveLength(401)
  })

  it('__proto__ stays an ordinary field', () => {
    const copy = redactor.value(JSON.parse('{"__proto__":{"admin":true},"constructor":1,"a":2}')) as object
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect((copy as { admin?: boolean }).admin).toBeUndefined()
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"admin":true},"constructor":1,"a":2}')
  })

  it('tells all of an error, secrets aside', () => {
    const cause = new Error(`request with ${github} failed`)
    const error = new HostError({
      code: 'x',
      told: { message: 'It failed.', hint: '' },
      detail: `key ${github}`,
      cause,
    })
    const shown = redactor.value({ error }) as { error: string }
    expect(shown.error).toContain('It failed.')
    expect(shown.error).toContain('detail: key [redacted]')
    expect(shown.error).toContain('request with [redacted] failed')
    expect(JSON.stringify(shown)).not.toContain(github)
    const circular = new Error('round')
    circular.cause = circular
    expect(redactor.value(circular)).toContain('round')
  })

  it('makes JSON of everything else', () => {
    expect(
      JSON.stringify(redactor.value({ n: 12n, at: new Date(0), bytes: Buffer.from('secret'), u: undefined })),
    ).toBe('{"n":"12","at":"1970-01-01T00:00:00.000Z","bytes":"[6 bytes]"}')
    expect(redactor.value(undefined)).toBeUndefined()
  })
})

it.each([
  ['eyJaaaaaaaa-', ''],
  ['eyJaaaaaaaaa.', ''],
  ['://a:', ''],
  ['-----BEGIN PRIVATE KEY', ''],
  ['"token":"\\', ''],
  ['Bearer ', ''],
  ['A_', 'TOKEN'],
  ['?a_', 'token'],
  ['a.', 'eyJ'],
])('2 MB of %j take no long', (piece, tail) => {
  const redactor = createRedactor()
  redactor.add('some known secret')
  const started = performance.now()
  redactor.text(piece.repeat(Math.ceil(2_000_000 / piece.length)) + tail)
  expect(performance.now() - started).toBeLessThan(2_000)
})

describe('JSON', () => {
  const redactor = createRedactor()
  redactor.add('kn"own\nhidden')
  redactor.add('Bearer q"uoted\\value')
  let deep: unknown = 1
  for (let level = 0; level < 70; level += 1) deep = level % 2 ? [deep] : { deep }
  const camel = ['Cookie', 'Token', 'Secret', 'Password', 'Passwd', 'Passphrase', 'Credential', 'ApiKey']
  const names = [...camel, 'Authorization', 'Credentials', 'PrivateKey', 'AccessKey', 'CodeVerifier']

  it.each<[string, unknown]>([
    ['plain', { path: '/tmp/a', list: [1, null, true, 'two\nlines "quoted"'], empty: {} }],
    ['nothing', undefined],
    ['a text', 'words'],
    ['a number that is none', [Number.NaN, -0]],
    ['__proto__', JSON.parse('{"__proto__":{"a":1}}')],
    ['half a letter', { a: '\ud800' }],
    ['deep', deep],
    ['bigint', { n: 10n }],
    ['long', { text: 'x'.repeat(5_000), [`${'k'.repeat(30)}`]: github }],
    ['shapes behind a line break', { a: `\n${github}`, b: `"sk-${'x'.repeat(24)}`, c: `\t${jwt}` }],
    ['a key over lines', ['-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----']],
    ['an address', { a: 'https://bob:hunter2hunter@host/x', b: '?access_token=abc' }],
    ['JSON in a text', { a: '{"password":"p\\"q"}', b: 'DB_PASSWORD=hunter2' }],
    ['a shape as a name', { [github]: 1 }],
    ['a known secret', { a: 'x kn"own\nhidden y' }],
    ['a known secret without its scheme', { a: 'q"uoted\\value' }],
    ['a known secret as a name', { 'kn"own\nhidden': 1 }],
    ...camel.map((name): [string, unknown] => [`x-${name}`, { [`x-${name}`]: 'h1dden', n: 1 }]),
    ...names.map((name): [string, unknown] => [`my${name}`, [{ [`my${name}`]: { a: 'h1dden' } }]]),
    ...names.map((name): [string, unknown] => [name.toUpperCase(), { [name.toUpperCase()]: 12345 }]),
  ])('is as if the copy were written out: %s', (_name, value) => {
    for (let again = 0; again < 2; again += 1)
      expect(redactor.json(value)).toBe(JSON.stringify(redactor.value(value)) ?? 'null')
  })

  it('survives 100,000 levels', () => {
    let value: unknown = 1
    for (let level = 0; level < 100_000; level += 1) value = [value]
    expect(redactor.json(value)).toContain('[too deep]')
  })

  it('two names that become the same stay two', () => {
    const same = { [github]: 1, [github.replace('a1B2', 'c3D4')]: 2, '[redacted] (2)': 3 }
    expect(Object.values(JSON.parse(redactor.json(same)))).toEqual([1, 2, 3])
  })
})

describe('JSON of which only the beginning is kept', () => {
  it('is redacted as far as that, a secret at its end included', () => {
    const redactor = createRedactor()
    redactor.add('the-known-secret-of-somebody')
    for (let at = 15_960; at < 16_010; at += 1) {
      const json = redactor.json(
        { a: `${'x'.repeat(at)}the-known-secret-of-somebody ${'y'.repeat(50_000)}` },
        16_000,
      )
      expect(json).not.toContain('the-k')
      expect(json).toContain('characters in all')
    }
    const hidden = redactor.json({ a: `-----BEGIN PRIVATE KEY-----${'k'.repeat(60_000)}` }, 16_000)
    expect(hidden).toBe('{"a":"[redacted]… [shortened: 60027 characters in all]"}')
    expect(redactor.json(['x'.repeat(60_000), 'never looked at', 3], 16_000)).toMatch(
      /characters in all\]","\[2 more\]"\]$/,
    )
    expect(redactor.json({ a: 1, password: 'x' }, 16_000)).toBe('{"a":1,"password":"[redacted]"}')
  })

  it('costs the same whatever comes after', async () => {
    const redactor = createRedactor()
    const large = {
      a: 'eyJ://a:sk-Bearer token= '.repeat(160_000),
      b: Array.from({ length: 100_000 }, () => ({ c: 'x' })),
    }
    const limit = 20 * slowness()
    const held = await surelyHeld(limit, () => longestHold(async () => redactor.json(large, 16_000)))
    expect(held).toBeLessThan(limit)
  })
})

describe('links that open something for whoever has them', () => {
  const kept = 'https://files.example/a.pdf'
  it.each([
    [
      'Azure',
      `${kept}?sv=2024-08-04&se=2026-12-01T00%3A00%3A00Z&sr=b&sp=r&sig=`,
      'k3yB%2BytesAndMore%3D',
      '',
    ],
    [
      'Amazon',
      `${kept}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261101T000000Z&X-Amz-Expires=900&X-Amz-Signature=`,
      'deadbeef00112233',
      '&x-id=GetObject',
    ],
    ['Amazon, for a role', `${kept}?X-Amz-Security-Token=`, 'IQoJb3JpZ2luX2Vj', '&X-Amz-Expires=60'],
    ['Google', `${kept}?X-Goog-Date=20261101&X-Goog-Signature=`, '8f2a55cc', ''],
    ['CloudFront', `${kept}?Expires=1700000000&Signature=`, 'abc~DEF-ghi', '&Key-Pair-Id=K2'],
    ['a token', `${kept}?token=`, 'short', ''],
    ['a share', `${kept}?a=1&shareToken=`, 'zzz1', '#page=2'],
    ['in JSON that was made for HTML', `{"url":"${kept}?a=1\\u0026sig=`, 'abcdef', '"}'],
    ['in HTML', `<a href="${kept}?a=1&amp;sig=`, 'abcdef', '">'],
    [
      'in another link',
      'https://view.example/?src=https%3A%2F%2Ffiles.example%2Fa%3Fsp%3Dr%26sig%3D',
      'abc%2Bdef',
      '&w=1',
    ],
    ['a hook of Slack', 'https://hooks.slack.com/services/', 'T00000000/B00000000/XXXXyyyyZZZZ', ' now'],
    ['a hook of Discord', 'https://discord.com/api/webhooks/123456/', 'aBcDeFgHiJkLmNoP', ''],
    ['a bot of Telegram', 'https://api.telegram.org/bot', '123456:AAE-abcdefghijk', '/getMe'],
  ])('%s', (_what, before, secret, after) => {
    const redactor = createRedactor()
    const text = `See ${before}${secret}${after}`
    expect(redactor.text(text)).toBe(`See ${before}[redacted]${after}`)
    expect(redactor.json({ path: text })).toBe(JSON.stringify({ path: `See ${before}[redacted]${after}` }))
    expect(redactor.value([text])).toEqual([`See ${before}[redacted]${after}`])
  })

  it.each([
    'https://x.example/?design=blue&page=2',
    'signal=5',
    'https://x.example/?a=1&nextPageToken=abc&b=2',
    'https://x.example/?q=signature',
    'signature: none',
    '/services/Tools',
  ])('%s stays as it is', (text) => expect(createRedactor().text(text)).toBe(text))
})

describe('what is cut', () => {
  const secret = 'Correct.Horse.Battery.Staple.0123456789'
  const redactor = createRedactor()
  redactor.add(secret)
  // Every place of the secret around the one where it is cut.
  const places = Array.from({ length: 60 }, (_, n) => 60 + n)

  it.each([
    ['a text', (text: string) => redactor.beginning(text, 100)],
    ['a value', (text: string) => JSON.stringify(redactor.value({ text }, 100))],
    [
      'an error',
      (text: string) => String(redactor.value(new HostError({ code: 'internal', detail: text }), 200)),
    ],
    ['JSON', (text: string) => redactor.json({ text, more: 'y'.repeat(9_000) }, 100)],
  ])('is redacted before: %s', (_name, kept) => {
    for (const place of places) {
      const shown = kept(`${'x'.repeat(place)}${secret}${'z'.repeat(20_000)}`)
      expect(shown).not.toContain(secret.slice(0, 5))
      expect(shown.length).toBeLessThan(500)
    }
  })

  it('is whole where it is short enough', () => {
    expect(redactor.beginning(`a ${secret} b`, 100)).toBe('a [redacted] b')
    expect(redactor.value({ a: ['b', secret] }, 100)).toEqual({ a: ['b', redactedMark] })
  })

  it('a secret of several lines is known by each of them', () => {
    const lines = ['first line of a key, AbCdEf', 'x', 'third line of that key, GhIjKl']
    const { add, text } = createRedactor()
    add(lines.join('\n'))
    expect(lines.map((line) => text(`> ${line}`))).toEqual(['> [redacted]', '> x', '> [redacted]'])
  })
})
