import { afterEach, beforeEach, expect, it } from 'vitest'
import { connect, post, refresh, registerApp } from '../testing/app.ts'
import { openStage, type Stage } from '../testing/stage.ts'

/** Clients of 2024-11-05 come by `/sse`, which is a resource of its own with the same issuer behind it. */
let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.close())

const json = async (path: string) => {
  const response = await fetch(stage.origin + path)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
const isGood = async (token: string, resource: string) =>
  (await stage.server.authenticate(`Bearer ${token}`, resource)).ok

it.each([
  ['default', '', ''],
  ['home', '/home', '/mcp/home'],
])('the metadata of %s leads from /sse to its issuer', async (workspace, suffix, issuerPath) => {
  stage.use(workspace)
  const issuer = stage.origin + issuerPath
  for (const path of [
    `/.well-known/oauth-protected-resource/sse${suffix}`,
    `/sse${suffix}/.well-known/oauth-protected-resource`,
  ])
    expect(await json(path)).toMatchObject({
      status: 200,
      body: { resource: `${stage.origin}/sse${suffix}`, authorization_servers: [issuer] },
    })
  expect((await json(`/.well-known/oauth-protected-resource/mcp${suffix}`)).body.resource).toBe(
    `${stage.origin}/mcp${suffix}`,
  )
  expect((await json(`/.well-known/oauth-authorization-server/sse${suffix}`)).body.issuer).toBe(issuer)
  expect(stage.server.challenge(`${stage.origin}/sse${suffix}`)).toContain(
    `resource_metadata="${stage.origin}/.well-known/oauth-protected-resource/sse${suffix}"`,
  )
  for (const path of ['sse/nobody', 'sse/default', 'sse/a/b', 'messages', 'ssex'])
    expect((await json(`/.well-known/oauth-protected-resource/${path}`)).status, path).toBe(404)
})

it.each(['default', 'home'])(
  'a token asked for /sse of %s opens that door and no other',
  async (workspace) => {
    stage.use(workspace)
    const mcp = stage.resource
    const sse = mcp.replace('/mcp', '/sse')
    const elsewhere = stage.origin + (workspace === 'home' ? '/sse' : '/sse/home')
    stage.resource = sse
    const app = await registerApp(stage)
    const { access_token, refresh_token } = await connect(stage, app)
    expect(await isGood(access_token, sse)).toBe(true)
    for (const other of [mcp, elsewhere, `${sse}/`, sse.replace('/sse', '/SSE')])
      expect(await isGood(access_token, other), other).toBe(false)

    const widened = await post(app.as.token_endpoint!, {
      grant_type: 'refresh_token',
      refresh_token,
      client_id: app.client.client_id,
      resource: mcp,
    })
    expect(await widened.json()).toMatchObject({ error: 'invalid_target' })
    const renewed = await refresh(app, refresh_token)
    expect(await isGood(renewed.access_token, sse)).toBe(true)
    expect(await isGood(renewed.access_token, mcp)).toBe(false)
  },
)

it('a token asked for /mcp does not open /sse, and a key opens both of its workspace', async () => {
  const { access_token } = await connect(stage, await registerApp(stage))
  expect(await isGood(access_token, `${stage.origin}/mcp`)).toBe(true)
  expect(await isGood(access_token, `${stage.origin}/sse`)).toBe(false)
  const { token } = stage.server.grants.createKey({ name: 'Key', access: 'ask', workspace: 'default' })
  for (const path of ['/mcp', '/sse', '/mcp'])
    expect(await isGood(token, stage.origin + path), path).toBe(true)
  for (const path of ['/mcp/home', '/sse/home', '/messages', '/'])
    expect(await isGood(token, stage.origin + path), path).toBe(false)
})
