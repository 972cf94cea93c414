/** Long because the table of defects, one row for each finding, is only readable as one. */
import { afterEach, describe, expect, it } from 'vitest'
import { findingTitle } from '../../contract/agreed/words/finding-title.ts'
import { Diagnosis } from '../../contract/doctor.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { createDoctor, type DoctorDeps } from './doctor.ts'
import {
  type Answer,
  challenge,
  type Defects,
  html,
  instance,
  issuerDocument,
  json,
  resourceDocument,
  startBrokenServer,
} from './testing/broken-server.ts'

type Server = Awaited<ReturnType<typeof startBrokenServer>>
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** Short for what hangs on purpose, long for a busy computer. */
const limits = { request: 2_000, total: 20_000, slow: 60_000 }

async function diagnose(defects: Defects, more: Partial<DoctorDeps> = {}) {
  const server = await startBrokenServer(defects)
  servers.push(server)
  const doctor = createDoctor({
    clock: systemClock,
    log: silentLog,
    redactor: createRedactor(),
    fetch,
    address: () => ({ publicUrl: server.url, localUrl: server.url }),
    instance,
    windowOpen: () => false,
    toolNames: () => ['one'],
    limits,
    ...more,
  })
  const diagnosis = Diagnosis.parse(await doctor.run({ workspace: 'default' }))
  return { server, doctor, diagnosis, find: (id: string) => diagnosis.findings.find((one) => one.id === id)! }
}

const wrong = (diagnosis: Diagnosis) =>
  diagnosis.findings
    .filter(({ state }) => state === 'failed' || state === 'warning')
    .map(({ id, state }) => `${id} ${state}`)

const open = { 'access-control-allow-origin': '*' }
const issuerWith =
  (change: Record<string, unknown> | ((origin: string) => Record<string, unknown>)): Answer =>
  (req, res, origin) => {
    const more = typeof change === 'function' ? change(origin) : change
    json({ ...issuerDocument(origin), ...more }, 200, open)(req, res, origin)
  }
const everyIssuer = (answer: Answer): Defects => ({
  'GET /.well-known/oauth-authorization-server': answer,
  'GET /.well-known/oauth-authorization-server/mcp': answer,
  'GET /.well-known/openid-configuration': answer,
})
const aboutWith =
  (change: (origin: string) => Record<string, unknown>): Answer =>
  (req, res, origin) =>
    json({ ...resourceDocument(origin), ...change(origin) }, 200, open)(req, res, origin)
const everyAbout = (answer: Answer): Defects => ({
  'GET /.well-known/oauth-protected-resource': answer,
  'GET /.well-known/oauth-protected-resource/mcp': answer,
})
const hang: Answer = () => {}
const redirect: Answer = (_req, res) =>
  void res.writeHead(302, { location: 'https://login.example/?next=1' }).end()
const refuse = (header: (origin: string) => string | null, status = 401): Answer => {
  return (req, res, origin) => {
    const value = req.headers.authorization ? challenge(origin, 'error="invalid_token", ') : header(origin)
    json({ error: 'x' }, status, value === null ? {} : { 'www-authenticate': value })(req, res, origin)
  }
}

const about = 'GET /.well-known/oauth-protected-resource/mcp'
const aboutRoot = 'GET /.well-known/oauth-protected-resource'
const first = 'GET /.well-known/oauth-authorization-server'

/** One defect each, and the one finding that must name it. */
const table: [defect: string, defects: Defects, finding: string, words: RegExp][] = [
  [
    'a web page everywhere',
    { '*': html(200, '<html><title>Hello</title>Hello</html>') },
    'ours failed',
    /web page \(200\)/,
  ],
  [
    'localtunnel’s page',
    { '*': html(401, '<html>Friendly reminder: tunnel password at loca.lt') },
    'ours failed',
    /password/,
  ],
  [
    'a page that wants a sign-in',
    { '*': html(200, '<form><input type=password></form>') },
    'ours failed',
    /sign in/,
  ],
  ['a redirect to a login everywhere', { '*': redirect }, 'ours failed', /login\.example.*switch that off/is],
  ['500 everywhere', { '*': json({ error: 'server_error' }, 500) }, 'ours failed', /error \(500\)/],
  ['502 everywhere', { '*': html(502, '<html>Bad gateway') }, 'ours failed', /cannot reach Drawbridge/],
  [
    'an address that the tunnel does not know',
    { '*': json('404', 404) },
    'ours failed',
    /does not know this address/,
  ],
  ['502 of a tunnel', { '*': json('bad gateway', 502) }, 'ours failed', /cannot reach Drawbridge/],
  [
    'our end of the tunnel alone',
    { '*': json('down', 502, { 'x-drawbridge-tunnel': 'local-down' }) },
    'ours failed',
    /does not answer on this computer.*start it again/is,
  ],
  ['silence', { '*': hang }, 'reach failed', /in time/],
  ['connections cut', { '*': (req) => void req.socket.destroy() }, 'reach failed', /broke off/],
  [
    'another Drawbridge',
    { 'GET /health': json({ name: 'drawbridge', instance: 'x' }) },
    'ours failed',
    /Another Drawbridge/,
  ],
  [
    'another program',
    { 'GET /health': json({ status: 'ok' }) },
    'ours failed',
    /Something else than Drawbridge/,
  ],
  ['a raised bridge', { '*': json({ error: 'raised' }, 503) }, 'ours failed', /raised.*Lower/s],
  ['another Host', { '*': json({ error: 'not-for-us' }, 421) }, 'ours failed', /Host header/],
  [
    'a clock of another day',
    {
      'GET /health': (req, res, origin) =>
        json({ name: 'drawbridge', instance }, 200, {
          date: new Date(Date.now() - 86_400_000 * 3).toUTCString(),
        })(req, res, origin),
    },
    'clock warning',
    /3 days apart/,
  ],
  ['an open door', { 'GET /mcp': json({ fine: true }) }, 'get-probe failed', /no permission/],
  ['404 for GET', { 'GET /mcp': json({ error: 'x' }, 404) }, 'get-probe failed', /was 404/],
  ['no challenge', { 'POST /mcp': refuse(() => null) }, 'challenge failed', /WWW-Authenticate/],
  [
    'a challenge without its document',
    { 'POST /mcp': refuse(() => 'Bearer scope="mcp:use"') },
    'challenge failed',
    /resource_metadata/,
  ],
  [
    'a challenge for elsewhere',
    { 'POST /mcp': refuse(() => challenge('http://other.example')) },
    'challenge failed',
    /another address/,
  ],
  [
    'a challenge without scope',
    { 'POST /mcp': refuse((origin) => challenge(origin).replace(/, scope.*/, '')) },
    'challenge warning',
    /scope/,
  ],
  [
    'a wrong token without its word',
    {
      'POST /mcp': (req, res, origin) =>
        json({}, 401, { 'www-authenticate': challenge(origin) })(req, res, origin),
    },
    'bad-token failed',
    /sign in again/,
  ],
  ['a missing document', { [about]: json({}, 404) }, 'resource-path failed', /no such document/],
  [
    'a missing document at the root',
    { [aboutRoot]: json({}, 404) },
    'resource-root warning',
    /no such document/,
  ],
  ['a document that is a page', { [about]: html(200, '<html>Hello') }, 'resource-path failed', /web page/],
  [
    'a document that is no JSON',
    { [about]: (_req, res) => void res.writeHead(200, { 'content-type': 'text/plain' }).end('hi') },
    'resource-path failed',
    /not JSON/,
  ],
  [
    'a document labelled as text',
    {
      [about]: (_req, res, origin) =>
        void res
          .writeHead(200, { ...open, 'content-type': 'text/plain' })
          .end(JSON.stringify(resourceDocument(origin))),
    },
    'resource-path failed',
    /labelled/,
  ],
  [
    'another resource',
    everyAbout(aboutWith(() => ({ resource: 'https://other.example/mcp' }))),
    'resource failed',
    /other\.example/,
  ],
  [
    'a resource with a slash',
    everyAbout(aboutWith((origin) => ({ resource: `${origin}/mcp/` }))),
    'resource failed',
    /slash too many/,
  ],
  [
    'nobody to sign in with',
    everyAbout(aboutWith(() => ({ authorization_servers: [] }))),
    'authorization-servers failed',
    /does not say who/,
  ],
  [
    'a sign-in elsewhere',
    everyAbout(aboutWith((origin) => ({ authorization_servers: [`${origin}/`] }))),
    'authorization-servers failed',
    /slash too many/,
  ],
  [
    'an issuer with a slash',
    everyIssuer(issuerWith((origin) => ({ issuer: `${origin}/` }))),
    'issuer failed',
    /slash too many/,
  ],
  [
    'another issuer',
    everyIssuer(issuerWith({ issuer: 'https://other.example' })),
    'issuer failed',
    /other\.example/,
  ],
  ['no first metadata', { [first]: json({}, 404) }, 'issuer-first failed', /no such document/],
  [
    'no second metadata',
    { 'GET /.well-known/openid-configuration': json({}, 404) },
    'issuer-second warning',
    /no such document/,
  ],
  [
    'no third metadata',
    { 'GET /.well-known/oauth-authorization-server/mcp': json({}, 404) },
    'issuer-third warning',
    /no such document/,
  ],
  ['metadata behind a login', { [first]: redirect }, 'issuer-first failed', /login\.example/],
  [
    'no S256',
    everyIssuer(issuerWith({ code_challenge_methods_supported: ['plain'] })),
    'pkce failed',
    /PKCE/,
  ],
  [
    'no iss',
    everyIssuer(issuerWith({ authorization_response_iss_parameter_supported: undefined })),
    'iss warning',
    /name on its answers/,
  ],
  [
    'secrets only',
    everyIssuer(issuerWith({ token_endpoint_auth_methods_supported: undefined })),
    'auth-methods failed',
    /keep no secret/,
  ],
  [
    'no registration',
    everyIssuer(issuerWith({ registration_endpoint: undefined })),
    'introduction warning',
    /registered first/,
  ],
  [
    'no client documents',
    everyIssuer(issuerWith({ client_id_metadata_document_supported: false })),
    'introduction warning',
    /of their own/,
  ],
  [
    'no way to introduce oneself',
    everyIssuer(
      issuerWith({ registration_endpoint: undefined, client_id_metadata_document_supported: false }),
    ),
    'introduction failed',
    /none can connect/,
  ],
  [
    'endpoints elsewhere',
    everyIssuer(issuerWith({ token_endpoint: 'http://127.0.0.1:1/token' })),
    'endpoints failed',
    /token_endpoint/,
  ],
  [
    'no CORS',
    { [about]: (req, res, origin) => json(resourceDocument(origin))(req, res, origin) },
    'cors failed',
    /browser page/,
  ],
  [
    'a registration that is accepted',
    { 'POST /oauth/register': json({ client_id: 'x' }, 201) },
    'registration failed',
    /accepted/,
  ],
  [
    'a registration that breaks',
    { 'POST /oauth/register': json({}, 500) },
    'registration failed',
    /error \(500\)/,
  ],
  [
    'a token endpoint with a page',
    { 'POST /oauth/token': html(400, '<html>Bad request') },
    'token failed',
    /web page/,
  ],
  [
    'a token endpoint that mumbles',
    { 'POST /oauth/token': json({ message: 'no' }, 400) },
    'token failed',
    /not one that assistants understand/,
  ],
  ['a token endpoint that hangs', { 'POST /oauth/token': hang }, 'token failed', /in time/],
  [
    'an authorize page that redirects',
    { 'GET /oauth/authorize': redirect },
    'stranger failed',
    /login\.example/,
  ],
  [
    'a strange authorize page',
    { 'GET /oauth/authorize': html(200, '<html>Welcome') },
    'stranger failed',
    /web page/,
  ],
  [
    'a tunnel’s page for browsers',
    { 'GET /oauth/authorize': html(511, '<html>loca.lt tunnel password') },
    'stranger warning',
    /public IP address/,
  ],
  [
    'a window that is not kept',
    { 'GET /oauth/authorize': html(400, '<title>No · Drawbridge</title>') },
    'window failed',
    /press Connect/,
  ],
  ['a refused preflight', { 'OPTIONS /oauth/token': json({}, 405) }, 'preflight warning', /OPTIONS/],
]

describe('the doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    const { diagnosis, server, find } = await diagnose({})
    expect(wrong(diagnosis)).toEqual([])
    expect(diagnosis).toMatchObject({ ok: true, through: 'public', url: server.url })
    expect(diagnosis.findings.filter(({ state }) => state === 'skipped').map(({ id }) => id)).toEqual([
      'sign-in',
    ])
    expect(find('sign-in').problem?.message).toContain('without you')
    for (const one of diagnosis.findings) {
      expect(one.problem === null, one.id).toBe(one.state === 'ok')
      if (one.state === 'ok') expect(one.received, one.id).not.toBe('')
    }
  })

  it.each(table)('names %s, and nothing else', async (_name, defects, finding, words) => {
    const { diagnosis, find } = await diagnose(defects)
    expect(wrong(diagnosis)).toEqual([finding])
    expect(diagnosis.ok).toBe(finding.endsWith('warning'))
    const { problem } = find(finding.split(' ')[0]!)
    expect(`${problem!.message} ${problem!.hint}`).toMatch(words)
    expect(problem!.hint).not.toBe('')
    if (!diagnosis.ok) expect(diagnosis.summary).toContain(problem!.message)
    // dashes and the like are for engineers; these are sentences for everybody
    for (const one of diagnosis.findings) if (one.problem) expect(one.problem.message).toMatch(/[.!?]$/)
  })

  it('says what a closed door is, and a name that nobody has', async () => {
    const gone = await startBrokenServer({})
    await gone.close()
    const { diagnosis: closed } = await diagnose(
      {},
      { address: () => ({ publicUrl: gone.url, localUrl: '' }) },
    )
    expect(closed.findings).toHaveLength(1)
    expect(closed.findings[0]!.problem!.code).toBe('refused')
    const nowhere = await diagnose(
      {},
      { address: () => ({ publicUrl: 'https://nobody.invalid/mcp', localUrl: '' }) },
    )
    expect(nowhere.diagnosis.findings[0]!.problem!.code).toBe('name-unknown')
    expect(nowhere.diagnosis.ok).toBe(false)
  })

  it('sends nothing to places that documents name elsewhere', async () => {
    const other = await startBrokenServer({})
    servers.push(other)
    await diagnose({
      ...everyIssuer(
        issuerWith({
          token_endpoint: `${other.origin}/oauth/token`,
          registration_endpoint: `${other.origin}/oauth/register`,
          authorization_endpoint: `${other.origin}/oauth/authorize`,
        }),
      ),
      'POST /mcp': refuse(() => challenge(other.origin)),
      'GET /mcp': (_req, res) => void res.writeHead(307, { location: other.url }).end(),
    })
    expect(other.seen).toEqual([])
  })

  it('reads no more than a little, and shows no secrets', async () => {
    const secret = `db_key_${'s'.repeat(40)}`
    const endless: Answer = (_req, res) => {
      res.writeHead(200, { 'content-type': 'application/json' })
      const more = () =>
        void (res.destroyed || res.write(`${secret} `.repeat(1_000))
          ? setImmediate(more)
          : res.once('drain', more))
      more()
    }
    const { diagnosis, find } = await diagnose({
      [about]: endless,
      [aboutRoot]: aboutWith(() => ({ resource: `${'long '.repeat(5_000)}` })),
      [first]: issuerWith({ issuer: `https://x.example/?token=ssssssssssss` }),
    })
    expect(find('resource-path').state).toBe('failed')
    expect(JSON.stringify(diagnosis).length).toBeLessThan(20_000)
    expect(find('resource-path').received.length).toBeLessThan(600)
    expect(JSON.stringify(diagnosis)).not.toContain('ssssss')
  })

  it('ends in time even where everything but the first answer hangs', async () => {
    const started = performance.now()
    const { diagnosis } = await diagnose(
      {
        '*': (req, res, origin) =>
          req.url === '/health' && json({ name: 'drawbridge', instance })(req, res, origin),
      },
      { limits: { request: 300, total: 500, slow: 100 } },
    )
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(diagnosis.ok).toBe(false)
    expect(diagnosis.summary).toContain('in time')
  })

  it('warns of slow answers', async () => {
    const { diagnosis, find } = await diagnose(
      { 'GET /mcp': (req, res, origin) => setTimeout(() => json({}, 405)(req, res, origin), 200) },
      { limits: { ...limits, slow: 150 } },
    )
    expect(wrong(diagnosis)).toEqual(['speed warning'])
    expect(find('speed').received).toContain('GET')
    expect(diagnosis.summary).toContain('could be better')
  })

  it('says so when the time to connect is open, and when there are no tools', async () => {
    const { diagnosis, find } = await diagnose(
      { 'GET /oauth/authorize': html(400, '<title>Not known · Drawbridge</title>') },
      { windowOpen: () => true, toolNames: () => [] },
    )
    expect(find('window').received).toContain('open right now')
    expect(wrong(diagnosis)).toEqual(['tools warning'])
  })

  it('checks on this computer where there is no public address, and says so', async () => {
    const server = await startBrokenServer({})
    servers.push(server)
    const deps = { address: () => ({ publicUrl: null, localUrl: server.url }) }
    const { diagnosis, doctor, find } = await diagnose({}, deps)
    expect(diagnosis).toMatchObject({ ok: true, through: 'local', url: server.url })
    expect(find('way')).toMatchObject({ state: 'skipped' })
    expect(diagnosis.summary).toContain('internet was not checked')
    await expect(doctor.run({ workspace: 'default', through: 'public' })).rejects.toMatchObject({
      code: 'no-public-address',
    })
    const asked = await diagnose(
      {},
      { address: () => ({ publicUrl: 'https://nobody.invalid/mcp', localUrl: server.url }) },
    )
    expect(asked.diagnosis.through).toBe('public')
    expect(await asked.doctor.run({ workspace: 'default', through: 'local' })).toMatchObject({
      ok: true,
      through: 'local',
    })
  })

  it('knows while it runs, and ends at once when it is stopped', async () => {
    const server = await startBrokenServer({ '*': hang })
    servers.push(server)
    const { doctor } = await diagnose(
      {},
      {
        address: () => ({ publicUrl: server.url, localUrl: server.url }),
        limits,
      },
    )
    expect(doctor.isRunning()).toBe(false)
    const started = performance.now()
    const run = doctor.run({ workspace: 'default' })
    expect(doctor.isRunning()).toBe(true)
    doctor.stop()
    expect((await run).ok).toBe(false)
    expect(performance.now() - started).toBeLessThan(1_500)
    expect(doctor.isRunning()).toBe(false)
  })
})

describe('what mends the way', () => {
  const states = [
    ['raised', /^The bridge is raised. Lower it/],
    ['opening', /Wait a moment/],
    ['offline', /^Go online\.$/],
    ['taken', /^Go online\.$/],
    ['open', /^Check the internet connection/],
  ] as const
  it.each(states)('with the bridge %s, is not Connect', async (state, hint) => {
    const { diagnosis } = await diagnose(
      {},
      {
        bridge: () => ({ state, hint: 'Go online.' }),
        fetch: () =>
          Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } })),
      },
    )
    const reach = diagnosis.findings.find(({ id }) => id === 'reach')!
    expect(reach.state).toBe('failed')
    expect(reach.problem!.hint).toMatch(hint)
    for (const { problem } of diagnosis.findings) expect(problem?.hint ?? '').not.toMatch(/press connect/i)
    expect(diagnosis.summary).not.toMatch(/press connect/i)
    expect(findingTitle(reach)).toBe(reach.problem!.message)
  })

  it('without a public address because the computer is offline, neither', async () => {
    const server = await startBrokenServer({})
    servers.push(server)
    const { diagnosis } = await diagnose(
      {},
      {
        address: () => ({ publicUrl: null, localUrl: server.url }),
        bridge: () => ({ state: 'offline', hint: 'Go online.' }),
      },
    )
    expect(diagnosis.findings[0]!.problem!.hint).toBe('Go online.')
  })
})
