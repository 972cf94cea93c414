import type { FetchLike } from '@modelcontextprotocol/client'
import { expect, it } from 'vitest'
import { asItCallsItself, discover } from './discovery.ts'

const page = '<!doctype html><title>Welcome</title>'
/** What is at an address: metadata, a page, or nothing. */
type There = Record<string, object | string>
const fetchFrom =
  (there: There): FetchLike =>
  async (url) => {
    const found = there[String(url)]
    if (found === undefined) return new Response('not found', { status: 404 })
    const text = typeof found === 'string' ? found : JSON.stringify(found)
    return new Response(text, {
      headers: { 'content-type': typeof found === 'string' ? 'text/html' : 'application/json' },
    })
  }
const server = 'https://mcp.example/mcp'
const metadata = (issuer: string) => ({
  issuer,
  authorization_endpoint: 'https://as.example/authorize',
  token_endpoint: 'https://as.example/token',
  response_types_supported: ['code'],
})
const find = (there: There, more: { resourceMetadataUrl?: URL; serverUrl?: string; sure?: boolean } = {}) =>
  discover(
    {
      serverUrl: new URL(more.serverUrl ?? server),
      resourceMetadataUrl: more.resourceMetadataUrl,
      fetch: fetchFrom(there),
    },
    more.sure,
  )
const resourceAt = 'https://mcp.example/.well-known/oauth-protected-resource/mcp'
const named = (issuer: string, resource = server) => ({ resource, authorization_servers: [issuer] })
const asAt = 'https://as.example/.well-known/oauth-authorization-server'

it.each([
  ['https://as.example', 'https://as.example/'],
  ['https://as.example/', 'https://as.example'],
  ['https://as.example/', 'https://as.example/'],
])('takes an issuer that is named %s and calls itself %s', async (one, other) => {
  const found = await find({ [resourceAt]: named(one), [asAt]: metadata(other) })
  expect(found.authorizationServerMetadata?.issuer).toBe(other)
})

it.each([
  ['https://as.example', 'https://evil.example'],
  ['https://as.example', 'https://as.example//'],
  ['https://as.example', 'https://as.example/tenant'],
  ['https://as.example', 'http://as.example'],
  ['https://as.example', 'https://as.example:8443'],
  ['https://as.example', 'https://AS.example'],
  ['https://as.example', 'https://as.example?'],
])('and none that is named %s and calls itself %s', async (one, other) => {
  await expect(find({ [resourceAt]: named(one), [asAt]: metadata(other) })).rejects.toMatchObject({
    name: expect.stringMatching(/IssuerMismatch/),
  })
})

it.each<[string, There]>([
  ['a page', { [asAt]: page }],
  ['JSON that is something else', { [asAt]: { error: 'not found' } }],
  ['an empty answer', { [asAt]: '' }],
  ['null', { [asAt]: 'null' }],
])('tries the next address when the first has %s', async (_what, there) => {
  const found = await find({
    [resourceAt]: named('https://as.example'),
    ...there,
    'https://as.example/.well-known/openid-configuration': {
      ...metadata('https://as.example'),
      jwks_uri: 'https://as.example/jwks',
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    },
  })
  expect(found.authorizationServerMetadata?.issuer).toBe('https://as.example')
})

it('looks at the root of a server that answers with a page below it, or where the server pointed', async () => {
  const root = 'https://mcp.example/.well-known/oauth-protected-resource'
  const there = {
    [resourceAt]: page,
    [root]: named('https://as.example'),
    [asAt]: metadata('https://as.example'),
  }
  expect((await find(there)).resourceMetadata?.authorization_servers).toEqual(['https://as.example'])
  const resourceMetadataUrl = new URL('https://mcp.example/gone')
  expect((await find(there, { resourceMetadataUrl })).resourceMetadata?.resource).toBe(server)
})

it('does not take a site under repair for one without an authorization server, when it knows better', async () => {
  const there = { [resourceAt]: named('https://as.example'), [asAt]: page }
  expect((await find(there)).authorizationServerMetadata).toBeUndefined()
  await expect(find(there, { sure: true })).rejects.toThrow('a page is where the metadata was')
})

it('calls a server as it calls itself, if that differs by a slash at the end only', async () => {
  const call = async (resource: string, serverUrl = server) => {
    const there = {
      [resourceAt]: named('https://as.example', resource),
      [asAt]: metadata('https://as.example'),
    }
    return asItCallsItself(new URL(serverUrl), await find(there, { serverUrl })).href
  }
  expect(await call('https://mcp.example/mcp/')).toBe('https://mcp.example/mcp/')
  expect(await call('https://mcp.example/mcp', 'https://mcp.example/mcp/')).toBe('https://mcp.example/mcp')
  for (const other of ['https://evil.example/mcp/', 'https://mcp.example/mcp//', 'https://mcp.example/other'])
    expect(await call(other)).toBe(server)
})

it('calls a server as it calls itself behind what ends TLS, and by no name of another', async () => {
  const called = async (resource: string) => {
    const there = {
      [resourceAt]: named('https://as.example', resource),
      [asAt]: metadata('https://as.example'),
    }
    return asItCallsItself(new URL(server), await find(there)).href
  }
  expect(await called('http://mcp.example/mcp')).toBe('http://mcp.example/mcp')
  for (const other of [
    'http://mcp.example/other',
    'http://evil.example/mcp',
    'https://mcp.example:8443/mcp',
    'https://localhost/mcp',
  ])
    expect(await called(other)).toBe(server)
})

it('looks further where a server fails at an address that it does not know', async () => {
  const failing =
    (there: There, ...at: string[]): FetchLike =>
    async (url) =>
      at.includes(String(url)) ? new Response('oops', { status: 500 }) : fetchFrom(there)(url)
  const root = 'https://mcp.example/.well-known/oauth-protected-resource'
  const tenantAt = 'https://as.example/.well-known/oauth-authorization-server/tenant'
  const openidAt = 'https://as.example/tenant/.well-known/openid-configuration'
  const issuer = 'https://as.example/tenant'
  const more = { jwks_uri: `${issuer}/keys`, subject_types_supported: ['public'] }
  const openid = { ...metadata(issuer), ...more, id_token_signing_alg_values_supported: ['RS256'] }
  const there = { [root]: named(issuer), [openidAt]: openid }
  const place = { serverUrl: new URL(server), resourceMetadataUrl: undefined }
  const found = await discover({ ...place, fetch: failing(there, resourceAt, tenantAt) })
  expect(found.authorizationServerMetadata?.issuer).toBe(issuer)
  // One that is nowhere well is not one that has nothing.
  const ill = failing({ [resourceAt]: named('https://as.example') }, asAt)
  await expect(discover({ ...place, fetch: ill })).rejects.toThrow('HTTP 500')
})
