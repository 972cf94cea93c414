import { describe, expect, it } from 'vitest'
import { issuerOf } from './issuers.ts'
import { parseOauthPath, parseWellKnown } from './paths.ts'

const uid = 'V1StGXR8_Z5jdHi6B-myT'

describe('paths of an issuer', () => {
  it.each([
    ['default', 'https://b.example', '/oauth', 'https://b.example/mcp'],
    ['home', 'https://b.example/mcp/home', '/oauth/w/home', 'https://b.example/mcp/home'],
  ])('lead back to it: %s', (workspace, id, base, resource) => {
    const issuer = issuerOf('https://b.example', workspace)
    expect(issuer).toMatchObject({ id, resource, origin: 'https://b.example', workspace })
    const { paths } = issuer
    for (const [path, endpoint] of [
      [paths.authorization, 'authorize'],
      [paths.token, 'token'],
      [paths.registration, 'register'],
      [paths.revocation, 'revoke'],
      [paths.jwks, 'jwks'],
    ] as const) {
      expect(path.startsWith(`${base}/`)).toBe(true)
      expect(parseOauthPath(path)).toEqual({ workspace, endpoint, uid: '' })
    }
    expect(parseOauthPath(paths.wait(uid))).toEqual({ workspace, endpoint: 'wait', uid })
    expect(parseOauthPath(paths.resume(uid))).toEqual({ workspace, endpoint: 'resume', uid })
  })

  it.each([
    '/oauth',
    '/oauth/',
    '/oauth/me',
    '/oauth/constructor',
    `/oauth/__proto__/${uid}`,
    `/oauth/token/${uid}`,
    '/oauth/wait',
    '/oauth/wait/short',
    `/oauth/wait/${uid}/`,
    '/oauth/token/',
    '/oauth//token',
    '/oauth/w/token',
    '/oauth/w//token',
    '/oauth/w/default/token',
    '/oauth/w/./token',
    '/oauth/w/../token',
    '/oauth/w/%68ome/token',
    '/oauth/w/home%2ftoken',
    '/oauth/w/home/w/home/token',
    `/oauth/w/${'a'.repeat(41)}/token`,
    '/OAUTH/token',
    ' /oauth/token',
    '/oauth/token\n',
  ])('and %j leads nowhere', (path) => {
    expect(parseOauthPath(path)).toBeNull()
  })

  it.each([
    ['/.well-known/oauth-protected-resource', 'oauth-protected-resource', ''],
    ['/.well-known/oauth-authorization-server/mcp/home', 'oauth-authorization-server', '/mcp/home'],
    ['/mcp/home/.well-known/openid-configuration', 'openid-configuration', '/mcp/home'],
    ['/.well-known/oauth-protected-resource/', 'oauth-protected-resource', ''],
    ['/.well-known/oauth-protected-resource/sse', 'oauth-protected-resource', '/sse'],
    ['/sse/home/.well-known/openid-configuration', 'openid-configuration', '/sse/home'],
    ['/.well-known/oauth-protected-resource/mcp/', 'oauth-protected-resource', '/mcp'],
    ['/.well-known/oauth-authorization-server/mcp/home/', 'oauth-authorization-server', '/mcp/home'],
  ])('%s is metadata', (path, document, suffix) => {
    expect(parseWellKnown(path)).toEqual({ document, suffix })
  })

  it.each([
    '/.well-known/oauth-protected-resource/mcp//',
    '/.well-known/oauth-protected-resource/other',
    '/.well-known/oauth-protected-resource/mcp/a/b',
    '/mcp/.well-known/oauth-authorization-server/mcp',
    '/sse/.well-known/oauth-authorization-server/mcp',
    '/.well-known/oauth-protected-resource/sse/a/b',
    '/.well-known/oauth-protected-resource/ssex',
    '/.well-known/oauth-protected-resource/messages',
    '/.well-known/jwks.json',
    '/.well-known/',
  ])('%s is none', (path) => {
    expect(parseWellKnown(path)).toBeNull()
  })
})
