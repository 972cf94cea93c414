import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTls } from 'node:https'
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProtocolError, UnsupportedProtocolVersionError } from '@modelcontextprotocol/client'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { asError, unexpected } from '../http/http-errors.ts'
import { closeAll, setUp } from '../testing/setup.ts'
import { SessionForgotten } from './forgotten.ts'
import { httpFailure } from './http-failures.ts'

const about = { name: 'Web', url: 'https://mcp.example/mcp' }
const coded = (code: string, message = code) => Object.assign(new Error(message), { code })
const told = (cause: unknown, waited: number | null = null, more = {}) => {
  const { code, message, hint } = httpFailure({ ...about, ...more }, cause, waited)
  return { code, text: `${message} ${hint}` }
}

describe('each cause has its own sentence and its own next step', () => {
  it.each<[string, unknown, string, RegExp]>([
    [
      'a forgotten session',
      new SessionForgotten(404, '', true),
      'server-session-ended',
      /forgotten the session.*new one is begun/,
    ],
    ['429', asError(429, '', 30_000), 'server-rate-limited', /no more requests.*in 30 seconds/],
    ['429 without a time', asError(429, ''), 'server-rate-limited', /no more requests.*in a few minutes/],
    ['401', asError(401, ''), 'server-refused', /who is asking.*Authorization/],
    [
      '403',
      asError(403, '{"error":"plan too small"}'),
      'server-refused',
      /does not allow this.*plan too small/,
    ],
    [
      '403 for a host',
      asError(403, 'Access is only allowed at localhost:8931'),
      'server-host-refused',
      /localhost:8931.*A key does not help/,
    ],
    [
      '403 for a host, as SDKs say it',
      asError(
        403,
        '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Invalid Host: mcp.example"},"id":null}',
      ),
      'server-host-refused',
      /Invalid Host.*Change the address/,
    ],
    ['421 for a host', asError(421, 'Invalid Host header'), 'server-host-refused', /name/],
    ['402', asError(402, '{"error":"no credit left"}'), 'server-refused', /to be paid.*no credit left.*plan/],
    ['408', asError(408, ''), 'server-error', /could not do this now.*Try again in a moment/],
    ['409', asError(409, 'edited meanwhile'), 'server-error', /could not do this now.*edited meanwhile/],
    ['425', asError(425, '', 3_000), 'server-error', /could not do this now.*Try again in 3 seconds/],
    ['421 without a word', asError(421, ''), 'server-host-refused', /does not answer under the name/],
    ['426', asError(426, ''), 'server-not-mcp', /another protocol.*https/],
    ['431', asError(431, ''), 'server-request-too-large', /headers are too large/],
    ['451', asError(451, ''), 'server-refused', /legal reasons/],
    ['511', asError(511, '<html>'), 'server-unreachable', /network wants you to sign in.*browser/],
    [
      '422 of FastAPI',
      asError(422, '{"detail":[{"loc":["body"],"msg":"field required"}]}'),
      'server-not-mcp',
      /did not accept.*field required/,
    ],
    [
      '404 with words',
      asError(404, '{"error":"The project is paused"}'),
      'server-not-mcp',
      /The project is paused/,
    ],
    ['404', asError(404, 'nope'), 'server-not-mcp', /under this address.*ends with \/mcp/],
    ['405', asError(405, ''), 'server-not-mcp', /under this address.*ends with \/mcp/],
    ['400', asError(400, '{"message":"tenant missing"}'), 'server-not-mcp', /did not accept.*tenant missing/],
    ['413', asError(413, ''), 'server-request-too-large', /too large.*Send less/],
    ['500', asError(500, ''), 'server-unreachable', /problem of its own.*few minutes/],
    ['503 with a time', asError(503, '', 120_000), 'server-unreachable', /busy.*in 2 minutes/],
    [
      'a page',
      unexpected('text/html', '<html><title>Welcome to nginx</title>'),
      'server-not-mcp',
      /web page.*Welcome to nginx.*ends with \/mcp/,
    ],
    [
      'a page behind 404',
      asError(404, '<!doctype html><title>Gone fishing</title>'),
      'server-not-mcp',
      /web page.*Gone fishing/,
    ],
    [
      'a redirect',
      asError(302, 'Redirect to https://login.example/ not followed'),
      'server-moved',
      /another address \(https:\/\/login\.example\/\).*sign in/,
    ],
    [
      'an unknown version',
      new UnsupportedProtocolVersionError({ supported: ['2031-01-01'], requested: '2026-07-28' }),
      'server-protocol-unknown',
      /2031-01-01.*newer version/,
    ],
    [
      'an unknown version at initialize',
      new Error("Server's protocol version is not supported: 1.0"),
      'server-protocol-unknown',
      /\(1\.0\).*newer version/,
    ],
    [
      'a refused handshake',
      new ProtocolError(-32603, 'the license has ended'),
      'server-not-mcp',
      /refused what it was asked first.*the license has ended/,
    ],
    [
      'a self-signed certificate',
      coded('DEPTH_ZERO_SELF_SIGNED_CERT'),
      'server-certificate',
      /self-signed.*NODE_EXTRA_CA_CERTS/,
    ],
    [
      'an unknown authority',
      coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
      'server-certificate',
      /signed by somebody.*NODE_EXTRA_CA_CERTS/,
    ],
    [
      'an unknown authority in the chain',
      coded('SELF_SIGNED_CERT_IN_CHAIN'),
      'server-certificate',
      /signed by somebody.*NODE_EXTRA_CA_CERTS/,
    ],
    ['an expired certificate', coded('CERT_HAS_EXPIRED'), 'server-certificate', /expired.*renew/],
    [
      'one that is not valid yet',
      coded('CERT_NOT_YET_VALID'),
      'server-certificate',
      /not valid yet.*date and time/,
    ],
    [
      'one for another name',
      coded('ERR_TLS_CERT_ALTNAME_INVALID'),
      'server-certificate',
      /another name.*typing mistake/,
    ],
    [
      'https where http is spoken',
      coded('ERR_SSL_WRONG_VERSION_NUMBER'),
      'server-unreachable',
      /not over https.*http:\/\//,
    ],
    ['something that is no HTTP', coded('HPE_INVALID_CONSTANT'), 'server-not-mcp', /not in HTTP.*https:\/\//],
    ['a body that cannot be unpacked', coded('Z_DATA_ERROR'), 'server-not-mcp', /cannot be read as MCP/],
    ['JSON that is none', new SyntaxError('Unexpected token'), 'server-not-mcp', /cannot be read as MCP/],
    ['an unknown name', coded('ENOTFOUND'), 'server-unreachable', /no computer of that name.*typing mistake/],
    ['no names at all', coded('EAI_AGAIN'), 'server-unreachable', /cannot be looked up.*online/],
    ['a closed port', coded('ECONNREFUSED'), 'server-unreachable', /no program answers.*Start the server/],
    [
      'a closed port at each address',
      new AggregateError([coded('ECONNREFUSED')]),
      'server-unreachable',
      /no program answers/,
    ],
    ['no way', coded('ENETUNREACH'), 'server-unreachable', /no way to it.*VPN/],
    [
      'no answer to a connection',
      coded('UND_ERR_CONNECT_TIMEOUT'),
      'server-unreachable',
      /does not answer.*firewall/,
    ],
    [
      'a closed connection',
      coded('UND_ERR_SOCKET', 'other side closed'),
      'server-unreachable',
      /closed the connection/,
    ],
    [
      'a proxy that wants a name',
      new Error('Proxy response (407) !== 200 when HTTP Tunneling'),
      'proxy-refused',
      /name and a password.*HTTPS_PROXY/,
    ],
    [
      'a proxy that refuses',
      new Error('Proxy response (403) !== 200 when HTTP Tunneling'),
      'proxy-refused',
      /did not lead us to mcp\.example \(HTTP 403\).*NO_PROXY/,
    ],
  ])('%s', (_what, cause, code, words) => {
    // As it arrives: somewhere down the chain.
    for (const error of [cause, new Error('outer', { cause })]) {
      const { code: is, text } = told(error)
      expect(is).toBe(code)
      expect(text).toMatch(words)
    }
  })

  it('says that nobody answered in time, and that the proxy is not there', () => {
    expect(told(new Error('time is up'), 30_000).text).toMatch(/within 30 seconds/)
    expect(told(coded('ECONNREFUSED'), null, { proxy: 'proxy.corp:8080' })).toMatchObject({
      code: 'proxy-refused',
      text: expect.stringContaining('(proxy.corp:8080)'),
    })
  })

  it('says “online” only where being offline may be it', () => {
    for (const code of [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'CERT_HAS_EXPIRED',
      'ECONNREFUSED',
      'ECONNRESET',
      'EPROTO',
    ])
      expect(told(coded(code)).text).not.toMatch(/online/)
    for (const status of [400, 401, 403, 404, 429, 500, 503])
      expect(told(asError(status, '')).text).not.toMatch(/online/)
  })

  it('quotes a server in one short line, without secrets and without what nobody would see', () => {
    const body = JSON.stringify({ error: { message: `no\u202e for sk-secret ${'x'.repeat(900)}\nmore` } })
    const { text } = told(asError(403, body), null, {
      redact: (line: string) => line.replaceAll('sk-secret', '•••'),
    })
    expect(text).toMatch(/no for ••• x+/)
    expect(text.length).toBeLessThan(600)
    expect(text).not.toMatch(/sk-secret|\u202e|\n/)
  })
})

describe('what real connections say', () => {
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-certificates-'))
  const servers: Server[] = []
  afterEach(async () => {
    await closeAll()
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
  })
  afterAll(() => rmSync(dir, { recursive: true, force: true }))

  const certificate = (name: string, more: string[]) => {
    const [key, cert] = [join(dir, `${name}.key`), join(dir, `${name}.pem`)]
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-keyout', key, '-out', cert, '-subj', `/CN=${name}`, ...more],
      ],
      { stdio: 'pipe' },
    )
    return { key: readFileSync(key), cert: readFileSync(cert) }
  }
  async function listen(server: Server): Promise<number> {
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  async function added(url: string) {
    const at = setUp({ firstBackoff: 20, start: 3_000 })
    const { state, error } = await at.servers.add({
      kind: 'http',
      name: 'Web',
      url,
      headers: {},
      timeout: 5_000,
    })
    return { state, code: error?.code, text: `${error?.message} ${error?.hint}` }
  }
  const nothing: RequestListener = (_req, res) => void res.end()

  it('names a self-signed certificate', async () => {
    const port = await listen(
      createTls(certificate('127.0.0.1', ['-days', '2', '-addext', 'subjectAltName=IP:127.0.0.1']), nothing),
    )
    const { code, text } = await added(`https://127.0.0.1:${port}/mcp`)
    expect(code).toBe('server-certificate')
    expect(text).toMatch(/self-signed/)
  })

  it('names http behind https, and https behind http', async () => {
    const plain = await listen(createServer(nothing))
    expect((await added(`https://127.0.0.1:${plain}/mcp`)).text).toMatch(/not over https/)
    const other = await listen(
      createTcp((socket) => socket.end('SSH-2.0-OpenSSH_9.9\r\n', () => socket.destroy())),
    )
    expect((await added(`http://127.0.0.1:${other}/mcp`)).text).toMatch(/not in HTTP/)
  })
})
