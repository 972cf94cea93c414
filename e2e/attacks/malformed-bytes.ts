import { connect } from 'node:net'
import fc from 'fast-check'

/** Bytes that are no proper HTTP request. `{token}` and `{host}` are filled in. */
const requests: [string, string][] = [
  ['no version', 'POST /mcp\r\n\r\n'],
  ['a version of its own', 'POST /mcp HTTP/9.9\r\nHost: {host}\r\n\r\n'],
  ['no host', 'POST /mcp HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Length: 2\r\n\r\n{}'],
  ['two hosts', 'POST /mcp HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\n{}'],
  [
    'two lengths',
    'POST /mcp HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x',
  ],
  [
    'a length and chunks',
    'POST /mcp HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /mcp HTTP/1.1\r\n\r\n',
  ],
  [
    'a chunk of a size that is none',
    'POST /mcp HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
  ],
  [
    'a chunk as large as the world',
    'POST /mcp HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}',
  ],
  [
    'a body that does not come',
    'POST /mcp HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"jsonrpc"',
  ],
  ['a negative length', 'POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Length: -1\r\n\r\n'],
  ['headers without end', `GET /mcp HTTP/1.1\r\nHost: {host}\r\n${'X-A: b\r\n'.repeat(3_000)}`],
  ['a header too long', `GET /mcp HTTP/1.1\r\nHost: {host}\r\nX-A: ${'a'.repeat(40_000)}\r\n\r\n`],
  ['a zero in a header', 'GET /mcp HTTP/1.1\r\nHost: {host}\r\nX-A: a\u0000b\r\n\r\n'],
  ['a folded header', 'GET /mcp HTTP/1.1\r\nHost: {host}\r\nX-A: a\r\n b\r\n\r\n'],
  ['a space before the colon', 'GET /mcp HTTP/1.1\r\nHost : {host}\r\n\r\n'],
  ['bare line feeds', 'GET /mcp HTTP/1.1\nHost: {host}\n\n'],
  ['the whole address', 'GET http://{host}/mcp HTTP/1.1\r\nHost: {host}\r\n\r\n'],
  ['another address', 'GET http://evil.example/mcp HTTP/1.1\r\nHost: {host}\r\n\r\n'],
  ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'],
  ['an upgrade', 'GET /mcp HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
  ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['the star', 'OPTIONS * HTTP/1.1\r\nHost: {host}\r\n\r\n'],
  ['a path with a line feed', 'GET /mcp%0d%0aX: y HTTP/1.1\r\nHost: {host}\r\n\r\n'],
  [
    'an expectation',
    'POST /mcp HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nExpect: 200-maybe\r\nContent-Length: 2\r\n\r\n{}',
  ],
  ['fifty at once', 'GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n'.repeat(50)],
  ['nothing', ''],
]

export interface Garbage {
  bytes: Buffer
  how: string
}

const random = fc
  .uint8Array({ minLength: 1, maxLength: 2_000 })
  .map((bytes): Garbage => ({ bytes: Buffer.from(bytes), how: 'noise' }))

/** The same seed gives the same bytes. */
export const garbage = (host: string, token: string): fc.Arbitrary<Garbage> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...requests).map(([how, text]) => filled(how, text, host, token)),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...requests), fc.nat(), fc.nat(255))
        .map(([[how, text], spot, byte]) => {
          const one = filled(`${how}, one byte changed`, text, host, token)
          if (one.bytes.length > 0) one.bytes[spot % one.bytes.length] = byte
          return one
        }),
    },
    { weight: 1, arbitrary: random },
  )

const filled = (how: string, text: string, host: string, token: string): Garbage => ({
  how,
  bytes: Buffer.from(text.replaceAll('{host}', host).replaceAll('{token}', token), 'latin1'),
})

/** What came back, as text. A server may keep waiting for the rest: that is cut short after `patience` ms of silence. */
export function sendBytes(host: string, port: number, bytes: Buffer, patience = 100): Promise<string> {
  return new Promise((resolve) => {
    let got = ''
    const socket = connect({ host, port }, () => socket.write(bytes))
    socket.setTimeout(patience, () => socket.destroy())
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(got))
  })
}
