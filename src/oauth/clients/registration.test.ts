import { describe, expect, it } from 'vitest'
import { parseResource, resourceOf } from '../provider/resources.ts'
import { normalizeScope } from '../provider/scopes.ts'
import { claimedName } from './claimed-name.ts'
import { checkClientMetadata, createCap } from './registration.ts'

describe('declared metadata', () => {
  const redirect_uris = ['https://app.example/cb']

  it('is reduced to what we act on', () => {
    const check = checkClientMetadata({
      redirect_uris: [...redirect_uris, ...redirect_uris],
      client_name: 'A\u202eB',
      scope: 'admin',
      token_endpoint_auth_method: 'client_secret_basic',
      jwks_uri: 'https://10.0.0.1/keys',
      sector_identifier_uri: 'https://10.0.0.1/',
      client_secret: 'mine',
      client_id: 'mine',
      application_type: 'native',
      skip_consent: true,
      trusted: true,
    })
    expect(check).toEqual({
      ok: true,
      metadata: {
        client_name: 'AB',
        redirect_uris,
        application_type: 'web',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      },
    })
  })

  it.each([
    [null, 'invalid_client_metadata'],
    ['text', 'invalid_client_metadata'],
    [[], 'invalid_client_metadata'],
    [{}, 'invalid_redirect_uri'],
    [{ redirect_uris: [] }, 'invalid_redirect_uri'],
    [{ redirect_uris: 'https://app.example/cb' }, 'invalid_redirect_uri'],
    [{ redirect_uris: Array(21).fill('https://app.example/cb') }, 'invalid_redirect_uri'],
    [{ redirect_uris: [...redirect_uris, 'http://evil.example/'] }, 'invalid_redirect_uri'],
    [{ redirect_uris, grant_types: ['implicit'] }, 'invalid_client_metadata'],
    [{ redirect_uris, grant_types: 'authorization_code' }, 'invalid_client_metadata'],
    [{ redirect_uris, response_types: ['token'] }, 'invalid_client_metadata'],
  ])('is refused: %j', (declared, error) => {
    expect(checkClientMetadata(declared)).toMatchObject({ ok: false, error })
  })

  it('claims a name of one visible line', () => {
    expect(claimedName('  Chat\u200bGPT\n\u{e0041} ')).toBe('ChatGPT')
    expect(claimedName('ＣｈａｔＧＰＴ')).toBe('ChatGPT')
    expect(claimedName('\u202e\u0000')).toBe('Unnamed app')
    expect(claimedName(undefined)).toBe('Unnamed app')
    // marks that cover letters or run into the lines around, and a sign that stands for something unseen
    expect(claimedName(`C\u0336hat${'\u0301'.repeat(9)} ⟨U+202E⟩\nGPT`)).toBe(
      'Chat\u0301\u0301\u0301 U+202E⟩ GPT',
    )
    expect([...claimedName('😀'.repeat(500))]).toHaveLength(60)
  })

  it('is counted in a sliding hour', () => {
    let now = 0
    const cap = createCap(2, 1_000, () => now)
    expect([cap.take(), cap.take(), cap.take()]).toEqual([true, true, false])
    now = 1_001
    expect([cap.take(), cap.take(), cap.take()]).toEqual([true, true, false])
  })
})

describe('resources and scopes', () => {
  it('write a resource one way and read only that', () => {
    for (const workspace of ['default', 'home', 'my work', 'ä/b'])
      expect(parseResource(resourceOf('https://b.example', workspace))).toEqual({
        origin: 'https://b.example',
        workspace,
      })
    for (const other of [
      '',
      'x',
      'https://b.example',
      'https://b.example/mcp/',
      'https://b.example/MCP',
      'https://B.example/mcp',
    ])
      expect(parseResource(other), other).toBeNull()
    for (const other of [
      'https://b.example/mcp/default',
      'https://b.example/mcp?x',
      'https://b.example/mcp#',
      'https://u@b.example/mcp',
    ])
      expect(parseResource(other), other).toBeNull()
  })

  it.each([
    [undefined, 'mcp:use'],
    ['', 'mcp:use'],
    ['openid offline_access admin', 'mcp:use'],
    ['read', 'mcp:use mcp:read'],
    ['mcp:write  mcp:read', 'mcp:use mcp:read mcp:write'],
  ])('takes the scope %j as %j', (requested, scope) => {
    expect(normalizeScope(requested)).toBe(scope)
  })
})
