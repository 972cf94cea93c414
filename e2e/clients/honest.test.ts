import * as oauth from 'oauth4webapi'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ClientCredentials } from '../../src/contract/access.ts'
import { type Assistant, connectAssistant } from '../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'

/**
 * A strict OAuth client (oauth4webapi checks issuer, `iss`, state, token types, cache headers and every answer's shape)
 * goes all the ways there are, over the whole host.
 */
let at: InProcess
beforeAll(async () => {
  at = await startInProcess({ notes: true })
  await at.ask('workspaces.create', { name: 'team', title: 'Team', sources: ['github'] })
})
afterAll(() => at?.stop())
afterEach(async () => {
  await at.ask('connect.close')
  for (const { clientId } of await at.ask('clients.list')) await at.ask('clients.remove', { clientId })
  for (const { id } of await at.ask('grants.list')) await at.ask('grants.revoke', { id })
})

const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
const redirect = 'https://app.example/callback'
const mcpUrls = { default: () => `${at.local}/mcp`, team: () => `${at.local}/mcp/team` }
const workspaces = ['default', 'team'] as const
const insecure = { [oauth.allowInsecureRequests]: true } as const

const status = async (assistant: Assistant, token?: string) => (await assistant.post(list, token)).status

/** What the library says when the server refuses. */
const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it was not refused'),
    (error: { error?: string; cause?: [{ parameters: { error?: string } }] }) =>
      // To those who came with HTTP Basic it is said in a challenge (RFC 6749 §5.2).
      error.error ?? error.cause?.[0].parameters.error,
  )

async function livesAndEnds(assistant: Assistant, revoked: 'access' | 'refresh' = 'refresh'): Promise<void> {
  const { post, tokens } = assistant
  const tools = (await (await post(list)).json()) as { result: { tools: { name: string }[] } }
  expect(tools.result.tools.map((tool) => tool.name)).toContain('get_github_stars')

  const before = { ...tokens }
  await assistant.refresh()
  expect(tokens.refresh).not.toBe(before.refresh)
  expect([await status(assistant, before.access), await status(assistant)]).toEqual([200, 200])

  // RFC 7009 §2.1: either kind of token takes its whole approval along.
  await assistant.revoke(revoked)
  expect([await status(assistant, before.access), await status(assistant)]).toEqual([401, 401])
  expect(await refused(assistant.refresh())).toBe('invalid_grant')
  if (revoked === 'refresh') expect(await at.ask('grants.list')).toEqual([])
}

describe.each(workspaces)('code with PKCE, refresh and revocation in the workspace %s', (workspace) => {
  it.each(['refresh', 'access'] as const)(
    'as a client that registers itself, ending its %s token',
    async (revoked) => {
      const assistant = await connectAssistant(
        mcpUrls[workspace](),
        { kind: 'dynamic', name: 'Honest', redirect },
        await at.letIn(),
      )
      expect(assistant.issuer).toBe(workspace === 'default' ? at.local : `${at.local}/mcp/${workspace}`)
      await livesAndEnds(assistant, revoked)
    },
  )

  it.each([
    ['none', undefined],
    ['client_secret_basic', oauth.ClientSecretBasic],
    ['client_secret_post', oauth.ClientSecretPost],
  ] as const)('registered by hand, %s', async (_method, method) => {
    const credentials = await at.ask('clients.register', {
      name: 'By hand',
      redirectUris: [redirect],
      confidential: method !== undefined,
      workspace,
    })
    expect(credentials).toMatchObject({ workspace, resource: mcpUrls[workspace]() })
    expect(credentials.clientSecret === null).toBe(method === undefined)
    const assistant = await connectAssistant(
      mcpUrls[workspace](),
      { kind: 'by-hand', clientId: credentials.clientId, redirect },
      await at.letIn(),
      fetch,
      method === undefined ? {} : { clientAuth: method(credentials.clientSecret!) },
    )
    expect(assistant.issuer).toBe(credentials.issuer)
    await livesAndEnds(assistant)
  })
})

it('a secret is needed by who has one, and it must be the right one', async () => {
  const { clientId, clientSecret } = await at.ask('clients.register', {
    name: 'With a secret',
    redirectUris: [redirect],
    confidential: true,
  })
  const connect = async (clientAuth: oauth.ClientAuth) =>
    connectAssistant(`${at.local}/mcp`, { kind: 'by-hand', clientId, redirect }, await at.letIn(), fetch, {
      clientAuth,
    })
  for (const [what, clientAuth] of [
    ['none', oauth.None()],
    ['wrong, basic', oauth.ClientSecretBasic('db_secret_wrong')],
    ['wrong, post', oauth.ClientSecretPost('db_secret_wrong')],
    ['its beginning', oauth.ClientSecretPost(clientSecret!.slice(0, -1))],
  ] as const) {
    const refusal = connect(clientAuth).then(
      () => expect.unreachable(what),
      (error: { error?: string; status?: number }) => error,
    )
    expect((await refusal).status, what).toBe(401)
  }
  expect(await status(await connect(oauth.ClientSecretBasic(clientSecret!)))).toBe(200)
})

describe.each(workspaces)('client_credentials in the workspace %s', (workspace) => {
  it.each([
    ['client_secret_basic', oauth.ClientSecretBasic],
    ['client_secret_post', oauth.ClientSecretPost],
  ] as const)('%s', async (_method, method) => {
    const credentials = await at.ask('clients.register', {
      name: 'Night job',
      grantTypes: ['client_credentials'],
      confidential: true,
      workspace,
      access: 'look',
    })
    expect(credentials.clientSecret).toMatch(/^db_secret_/)
    // It is let in at once, and stands among the others.
    expect(await at.ask('grants.list')).toMatchObject([
      {
        name: 'MCP — Night job',
        kind: 'client',
        clientId: credentials.clientId,
        access: 'look',
        workspace,
        expiresAt: null,
      },
    ])
    const { as, client, token } = await clientCredentials(credentials, method(credentials.clientSecret!))
    const got = await token()
    expect(got.token_type).toBe('bearer')
    expect(got.expires_in).toBe(3600)
    expect(got.refresh_token).toBeUndefined()

    const call = (name: string, bearer = got.access_token) =>
      fetch(credentials.resource, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
        body: JSON.stringify(
          name === ''
            ? list
            : { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name, arguments: { text: 'x' } } },
        ),
      })
    const tools = (await (await call('')).json()) as { result: { tools: { name: string }[] } }
    const names = tools.result.tools.map((tool) => tool.name)
    expect(names).toContain('get_github_stars')
    // It was given looks only.
    expect(names).not.toContain('notes__add_note')
    const change = (await (await call('notes__add_note')).json()) as { result?: { isError?: boolean } }
    expect(change.result?.isError ?? true).toBe(true)

    // RFC 7009: it may end a token by itself, and fetch another.
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(
        as,
        client,
        method(credentials.clientSecret!),
        got.access_token,
        insecure,
      ),
    )
    expect((await call('')).status).toBe(401)
    const second = await token()
    expect((await call('', second.access_token)).status).toBe(200)
    // Elsewhere it is nobody.
    const elsewhere = mcpUrls[workspace === 'default' ? 'team' : 'default']()
    const foreign = await fetch(elsewhere, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${second.access_token}` },
      body: JSON.stringify(list),
    })
    expect(foreign.status).toBe(401)

    await at.ask('clients.remove', { clientId: credentials.clientId })
    expect((await call('', second.access_token)).status).toBe(401)
    expect(await refused(token())).toBe('invalid_client')
    expect(await at.ask('grants.list')).toEqual([])
  })
})

it('client_credentials are for those who were registered for them', async () => {
  const interactive = await at.ask('clients.register', {
    name: 'Interactive',
    redirectUris: [redirect],
    confidential: true,
  })
  const { token } = await clientCredentials(interactive, oauth.ClientSecretBasic(interactive.clientSecret!))
  // RFC 6749 §5.2 would have it unauthorized_client; oidc-provider says the other of its two words for it.
  expect(await refused(token())).toBe('invalid_request')
  // Without a secret nobody could tell who it is.
  const withoutSecret = await at.refusal('clients.register', {
    name: 'No secret',
    grantTypes: ['client_credentials'],
    confidential: false,
  })
  expect(withoutSecret.message).not.toBe('')
  expect(withoutSecret.code).not.toBe('internal')
  // The other way round: it cannot send anybody to the owner.
  const job = await at.ask('clients.register', {
    name: 'Night job',
    grantTypes: ['client_credentials'],
    confidential: true,
  })
  await expect(
    connectAssistant(
      `${at.local}/mcp`,
      { kind: 'by-hand', clientId: job.clientId, redirect },
      await at.letIn(),
      fetch,
      { clientAuth: oauth.ClientSecretBasic(job.clientSecret!) },
    ),
  ).rejects.toThrow(/\/oauth\/authorize → 400/)
})

async function clientCredentials(credentials: ClientCredentials, clientAuth: oauth.ClientAuth) {
  const issuer = new URL(credentials.issuer)
  const as = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }),
  )
  expect(as.token_endpoint).toBe(credentials.tokenEndpoint)
  expect(as.authorization_endpoint).toBe(credentials.authorizationEndpoint)
  expect(as.registration_endpoint).toBe(credentials.registrationEndpoint)
  expect(as.grant_types_supported).toContain('client_credentials')
  const client: oauth.Client = { client_id: credentials.clientId }
  const token = async () =>
    oauth.processClientCredentialsResponse(
      as,
      client,
      await oauth.clientCredentialsGrantRequest(
        as,
        client,
        clientAuth,
        { resource: credentials.resource },
        insecure,
      ),
    )
  return { as, client, token }
}
