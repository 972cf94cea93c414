import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deploymentPage } from '../../scripts/server-pages.ts'
import { readServeSettings, serveSettings } from './serve-settings.ts'
import { startHarness } from './testing/harness.ts'

const nothing = () => {
  throw new Error('no such file')
}
const read = (env: Record<string, string>, typed = {}) => readServeSettings(typed, env, nothing)

describe('what serve is told', () => {
  it('comes from variables, and from options before those', () => {
    const env = {
      DRAWBRIDGE_PORT: '4000',
      DRAWBRIDGE_UI_PORT: '0',
      DRAWBRIDGE_LOG_LEVEL: 'warn',
      DRAWBRIDGE_CORS_ORIGINS: 'https://app.example, http://10.0.0.2:3000/',
      DRAWBRIDGE_TUNNEL: 'own-address',
      DRAWBRIDGE_TUNNEL_ADDRESS: 'https://home.example',
      DRAWBRIDGE_TUNNEL_HOST: 'http://127.0.0.1:9',
    }
    expect(read({ ...env })).toEqual({
      port: 4000,
      uiPort: 0,
      logLevel: 'warn',
      corsOrigins: ['https://app.example', 'http://10.0.0.2:3000'],
      tunnel: { id: 'own-address', values: { address: 'https://home.example' } },
    })
    const typed = {
      port: '5000',
      logLevel: 'debug',
      corsOrigin: ['https://b.example'],
      tunnel: 'localtunnel',
    }
    expect(read({ ...env, DRAWBRIDGE_TUNNEL_ADDRESS: '' }, typed)).toMatchObject({
      port: 5000,
      logLevel: 'debug',
      corsOrigins: ['https://b.example'],
      tunnel: { id: 'localtunnel', values: {} },
    })
    expect(read({ DRAWBRIDGE_PORT: '' })).toEqual({ corsOrigins: [] })
  })

  it('takes a secret out of the environment, also from a file', () => {
    const env: Record<string, string> = {
      DRAWBRIDGE_TUNNEL: 'cloudflare',
      DRAWBRIDGE_TUNNEL_TOKEN_FILE: '/run/secrets/token',
    }
    const { tunnel } = readServeSettings({}, env, (file) => `what ${file} holds\n`)
    expect(tunnel).toEqual({ id: 'cloudflare', values: { token: 'what /run/secrets/token holds' } })
    expect(Object.keys(env)).toEqual(['DRAWBRIDGE_TUNNEL'])
  })

  it.each([
    [{ DRAWBRIDGE_PORT: '99999' }, 'DRAWBRIDGE_PORT has a value'],
    [{ DRAWBRIDGE_PORT: ' 80' }, 'DRAWBRIDGE_PORT has a value'],
    [{ DRAWBRIDGE_UI_PORT: '-1' }, 'DRAWBRIDGE_UI_PORT has a value'],
    [{ DRAWBRIDGE_LOG_LEVEL: 'DEBUG' }, 'DRAWBRIDGE_LOG_LEVEL has a value'],
    [{ DRAWBRIDGE_CORS_ORIGINS: '*' }, 'DRAWBRIDGE_CORS_ORIGINS has a value'],
    [{ DRAWBRIDGE_CORS_ORIGINS: 'https://a.example/path' }, 'DRAWBRIDGE_CORS_ORIGINS has a value'],
    [{ DRAWBRIDGE_CORS_ORIGINS: 'null' }, 'DRAWBRIDGE_CORS_ORIGINS has a value'],
    [{ DRAWBRIDGE_TUNNEL: 'cloudflair' }, 'DRAWBRIDGE_TUNNEL has a value'],
    [{ DRAWBRIDGE_TUNNEL_TOKEN: 'x' }, 'DRAWBRIDGE_TUNNEL_TOKEN is set, but no way'],
    [{ DRAWBRIDGE_TUNNEL: 'ngrok', DRAWBRIDGE_TUNNEL_AUTHTOKEN_FILE: '/no' }, 'cannot be read'],
  ])('refuses what does not fit, by its name: %j', (env, words) => {
    expect(() => read(env as never)).toThrow(words)
  })

  it('does not repeat what does not fit: it may be a secret in the wrong place', () => {
    expect(() => read({ DRAWBRIDGE_PORT: 'sk-secret-123' })).toThrow(expect.not.stringContaining('secret'))
  })

  it('is the same list in its help and in docs/deployment.md', async () => {
    const h = await startHarness()
    const { out } = await h.drawbridge('serve', '--help')
    await h.stop()
    for (const { variable } of Object.values(serveSettings)) expect(out).toContain(variable)
    const page = readFileSync(join(import.meta.dirname, '../../docs/deployment.md'), 'utf8')
    expect(page, 'node scripts/server-pages.ts').toBe(deploymentPage(page))
  })
})
