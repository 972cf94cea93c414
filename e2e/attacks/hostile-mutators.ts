import { mutators as basic, type Hostile, type random } from '../../src/oauth/testing/hostile-requests.ts'

type Mutator = (request: Hostile, r: ReturnType<typeof random>) => void

const changeOne = (
  request: Hostile,
  r: ReturnType<typeof random>,
  change: (pair: [string, string]) => void,
) => {
  if (request.form.length > 0) change(r.pick(request.form))
}

/** Ways to make a request worse; those of the authorization server's own test, and what only a whole host can be sent. */
export const mutators: Mutator[] = [
  ...basic,
  // names in another case, with brackets, or with a letter that only looks the same (CVE-2026-27896)
  (request, r) =>
    changeOne(request, r, (pair) => {
      pair[0] = r.pick([
        pair[0].toUpperCase(),
        `${pair[0]}[]`,
        pair[0].replace('s', 'ſ'),
        ` ${pair[0]}`,
        `${pair[0]}\0`,
      ])
    }),
  (request, r) =>
    changeOne(request, r, (pair) => {
      pair[1] = r.pick([
        encodeURIComponent(encodeURIComponent(pair[1])),
        pair[1].replaceAll('a', '\u0430'),
        pair[1].toUpperCase(),
        `${pair[1]}.`,
        `${pair[1]}\r\nlocation: https://evil.example/`,
      ])
    }),
  // the same said twice and differently, in the query and in the body
  (request, r) => {
    const [name, value] = r.pick([
      ['redirect_uri', 'https://evil.example/steal'],
      ['client_id', 'x'],
      ['grant_type', 'client_credentials'],
      ['resource', 'https://evil.example/mcp'],
    ] as const)
    request.path += `${request.path.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`
  },
  (request, r) => {
    request.headers.host = r.pick([
      'evil.example',
      'localhost',
      '127.0.0.1',
      '127.0.0.1:1',
      '[::1]',
      'LOCALHOST:80',
      'a@b',
      '127.0.0.1.:80',
      '',
    ])
  },
  (request, r) => {
    request.headers.origin = r.pick([
      'null',
      'https://evil.example',
      'http://127.0.0.1',
      'https://chatgpt.com.evil.example',
      'file://',
      'chrome-extension://x',
    ])
  },
  (request, r) => {
    request.headers[r.pick(['x-http-method-override', 'x-method-override', 'x-original-method'])] = r.pick([
      'PUT',
      'DELETE',
      'GET',
    ])
  },
  (request, r) => {
    request.headers[r.pick(['x-padding', 'accept', 'user-agent', 'referer', 'accept-language'])] = 'a'.repeat(
      r.pick([1, 4_000, 12_000, 20_000]),
    )
  },
  (request, r) => {
    Object.assign(
      request.headers,
      r.pick([
        { 'x-forwarded-for': '127.0.0.1, ::1' },
        { 'x-real-ip': '127.0.0.1' },
        { forwarded: 'for="[::1]";host=evil.example;proto=https' },
        { 'x-forwarded-proto': 'javascript' },
        { 'x-rewrite-url': '/api/events' },
        { upgrade: 'h2c' },
      ]),
    )
  },
  (request, r) => {
    if (request.body !== undefined)
      request.body = request.body.replaceAll(
        r.pick(['"', ':', ',', '2.0', 'a']),
        r.pick(['\u0000', '\ud800', "'", '9'.repeat(400), '']),
      )
  },
  (request, r) => {
    request.method = r.pick(['TRACE', 'PROPFIND', 'QUERY', 'OPTIONS', 'HEAD', 'LOCK'])
  },
]
