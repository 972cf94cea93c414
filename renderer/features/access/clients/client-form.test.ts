import { expect, it } from 'vitest'
import type { ClientCredentials } from '../../../../src/contract/access.ts'
import { checkClient, credentialsFile, EMPTY_CLIENT, fileNameFor } from './client-form.ts'

it('an app with a browser needs a redirect address; one by itself needs none and always has a secret', () => {
  const browser = { ...EMPTY_CLIENT, name: 'Notebook' }
  expect(checkClient(browser)).toMatchObject({ ok: false, wrong: { redirects: expect.any(String) } })
  expect(checkClient({ ...browser, redirects: 'notebook.example/callback' })).toMatchObject({ ok: false })
  expect(
    checkClient({
      ...browser,
      redirects: ' https://a.example/cb \n\nmyapp://cb\n',
      scopes: 'mcp:use, mcp:read',
    }),
  ).toEqual({
    ok: true,
    input: {
      name: 'Notebook',
      redirectUris: ['https://a.example/cb', 'myapp://cb'],
      grantTypes: ['authorization_code', 'refresh_token'],
      scopes: ['mcp:use', 'mcp:read'],
      confidential: false,
      workspace: 'default',
      access: 'look',
    },
  })
  expect(checkClient({ ...browser, kind: 'alone', redirects: 'left over' })).toMatchObject({
    ok: true,
    input: { redirectUris: [], grantTypes: ['client_credentials'], confidential: true },
  })
  expect(checkClient({ ...browser, kind: 'alone', name: ' ' })).toMatchObject({
    ok: false,
    wrong: { name: 'A name is needed.' },
  })
})

it('writes the credentials with the names other programs know', () => {
  const credentials: ClientCredentials = {
    clientId: 'abc',
    name: 'Night job',
    redirectUris: [],
    grantTypes: ['client_credentials'],
    scopes: ['mcp:use'],
    confidential: true,
    workspace: 'default',
    createdAt: 1,
    clientSecret: 'db_secret_x',
    issuer: 'https://a.example',
    resource: 'https://a.example/mcp',
    authorizationEndpoint: 'https://a.example/oauth/authorize',
    tokenEndpoint: 'https://a.example/oauth/token',
    registrationEndpoint: 'https://a.example/oauth/register',
  }
  expect(JSON.parse(credentialsFile(credentials))).toMatchObject({
    client_id: 'abc',
    client_secret: 'db_secret_x',
    token_endpoint_auth_method: 'client_secret_basic',
    scope: 'mcp:use',
  })
  expect(
    JSON.parse(credentialsFile({ ...credentials, confidential: false, clientSecret: null })),
  ).not.toHaveProperty('client_secret')
  expect(fileNameFor('Night job')).toBe('night-job-credentials.json')
  expect(fileNameFor('../../..')).toBe('app-credentials.json')
})
