import { afterEach, beforeEach, expect, it } from 'vitest'
import { originOfTunnel } from '../../mcp/tunnelled.ts'
import { connect, documentApp, refresh, registerApp, startAuthorization } from '../testing/app.ts'
import { openStage, type Stage } from '../testing/stage.ts'

/** A tunnel without an address: OpenAI names its resource, people sign in for it at the address of this computer. */
const tunnelOf = (digit: string) => `tunnel_${digit.repeat(32)}`
const ours = originOfTunnel(tunnelOf('a'))
const named = (digit: string, host = 'tunnel-service.gateway.openai.org') =>
  `https://${host}/v1/mcp/${tunnelOf(digit)}`

const client_id = 'https://app.example/oauth/client.json'
const redirect = 'https://app.example/callback'
let stage: Stage
beforeEach(async () => {
  const origins = () => [stage?.origin ?? '', ours]
  stage = await openStage({
    origins,
    signsInAt: (origin) => (origin === ours ? stage.origin : origin),
    documentFetch: async () => Response.json({ client_id, client_name: 'Cloud', redirect_uris: [redirect] }),
  })
  stage.resource = named('a')
})
afterEach(() => stage.close())

const isGood = async (token: string, resource: string) =>
  (await stage.server.authenticate(`Bearer ${token}`, resource)).ok

it('its tokens open it and nothing else, by whichever name it was asked for', async () => {
  for (const resource of [named('a'), named('a', 'api.openai.com'), `${ours}/mcp`]) {
    stage.resource = resource
    const app = await registerApp(stage)
    const tokens = await connect(stage, app)
    expect(await isGood(tokens.access_token, `${ours}/mcp`)).toBe(true)
    expect(await isGood(tokens.access_token, `${stage.origin}/mcp`)).toBe(false)
    const next = await refresh(app, tokens.refresh_token)
    expect(await isGood(next.access_token, `${ours}/mcp`)).toBe(true)
  }
  stage.resource = `${stage.origin}/mcp`
  const here = await connect(stage, await registerApp(stage))
  expect(await isGood(here.access_token, `${ours}/mcp`)).toBe(false)
})

it.each([
  ['another tunnel', named('b')],
  ['a host that is not OpenAI’s', named('a', 'openai.org.evil.example')],
  ['a workspace of another address', `${originOfTunnel(tunnelOf('b'))}/mcp/home`],
])('%s is no resource of ours', async (_what, resource) => {
  const app = await registerApp(stage)
  stage.server.window.open('other')
  const { answer } = await startAuthorization(stage, app, { resource })
  expect(answer.body).toContain('invalid_target')
  expect(stage.server.connections.list()).toEqual([])
})

it('who leaves it leaves none of its tokens behind, and those of this computer go on', async () => {
  const app = await registerApp(stage)
  const tokens = await connect(stage, app)
  stage.resource = `${stage.origin}/mcp`
  const here = await connect(stage, await registerApp(stage, 'Editor'))
  stage.server.leave(ours)
  expect(await isGood(tokens.access_token, `${ours}/mcp`)).toBe(false)
  await expect(refresh(app, tokens.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })
  expect(await isGood(here.access_token, `${stage.origin}/mcp`)).toBe(true)
})

it('who comes back in the same browser is known there', async () => {
  const app = await documentApp(stage, client_id, redirect)
  await connect(stage, app)
  stage.server.window.open('other')
  await startAuthorization(stage, app)
  expect(stage.server.connections.list()).toMatchObject([{ returning: true, needsDigits: false }])
})
