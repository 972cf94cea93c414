import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  type App,
  connect,
  finishAuthorization,
  isLive,
  redeem,
  refresh,
  registerApp,
  type Started,
  startAuthorization,
} from '../testing/app.ts'
import { digitsOn } from '../testing/browser.ts'
import { openStage, type Stage } from '../testing/stage.ts'

/** OpsTrails lets the owner choose an organization at consent: here, a workspace, where an app asked for all tools. */
let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
beforeEach(() => {
  stage.use('default')
  for (const { id } of stage.server.grants.list()) stage.server.grants.revoke(id)
  if (!stage.workspaces.includes('home')) stage.workspaces.push('home')
})

const allow = (started: Started, workspace?: string) => {
  const [request] = stage.server.connections.list()
  const digits = digitsOn(started.answer.body)
  return stage.server.connections.approve(request!.id, {
    ...(digits && { digits }),
    ...{ access: 'look', tools: null, workspace },
  })
}
async function letIn(app: App, workspace?: string) {
  stage.server.window.open('other')
  const started = await startAuthorization(stage, app)
  const grant = await allow(started, workspace)
  return { grant, ...(await redeem(stage, app, started, await finishAuthorization(app, started))) }
}
const who = (token: string, path = '/mcp') =>
  stage.server.authenticate(`Bearer ${token}`, `${stage.origin}${path}`)

it('gives the part that the owner chose, at the address that was asked at', async () => {
  const app = await registerApp(stage, 'Chosen')
  const { grant, access_token, refresh_token } = await letIn(app, 'home')
  expect(grant).toMatchObject({ workspace: 'home' })
  expect(await who(access_token)).toMatchObject({ ok: true, principal: { workspace: 'home' } })
  // It is a token for that one address, and no other.
  for (const path of ['/mcp/home', '/sse', '/sse/home', '/mcp/default'])
    expect(await who(access_token, path), path).toMatchObject({ ok: false })
  const next = await refresh(app, refresh_token)
  expect(await who(next.access_token)).toMatchObject({ principal: { workspace: 'home' } })
})

it('is as before when the client comes back and nothing else is said, and may be another then', async () => {
  const app = await registerApp(stage, 'Returning')
  const { grant, access_token } = await letIn(app, 'home')
  stage.server.window.open('other')
  const started = await startAuthorization(stage, app)
  expect(stage.server.connections.list()).toMatchObject([{ returning: true, workspace: 'default' }])
  expect(await allow(started)).toMatchObject({ id: grant.id, workspace: 'home' })
  expect(await who(access_token)).toMatchObject({ principal: { workspace: 'home' } })
  stage.server.window.open('other')
  const again = await allow(await startAuthorization(stage, app), 'default')
  expect(again).toMatchObject({ id: grant.id, workspace: 'default' })
  expect(stage.server.grants.list()).toHaveLength(1)
  // What it had before is of the same entry, and changes with it.
  expect(await who(access_token)).toMatchObject({ principal: { workspace: 'default' } })
})

it('never is another workspace than the address names', async () => {
  stage.use('home')
  stage.workspaces.push('office')
  const app = await registerApp(stage, 'At home')
  for (const other of ['office', 'default']) {
    stage.server.window.open('other')
    const started = await startAuthorization(stage, app)
    await expect(allow(started, other)).rejects.toMatchObject({ code: 'workspace-fixed-by-address' })
    // The request is still there, and can be answered as it was asked.
    expect(stage.server.connections.list()).toHaveLength(1)
    stage.server.connections.deny(stage.server.connections.list()[0]!.id)
  }
  expect(stage.server.grants.list()).toEqual([])
  expect((await connect(stage, app)).grant).toMatchObject({ workspace: 'home' })
  stage.workspaces.splice(stage.workspaces.indexOf('office'), 1)
})

it('has to be there, and ends with it', async () => {
  const app = await registerApp(stage, 'Gone')
  stage.server.window.open('other')
  const started = await startAuthorization(stage, app)
  await expect(allow(started, 'nowhere')).rejects.toMatchObject({ code: 'workspace-unknown' })
  stage.server.connections.deny(stage.server.connections.list()[0]!.id)
  const { access_token } = await letIn(app, 'home')
  expect(await isLive(stage, access_token)).toBe(true)
  stage.server.grants.revokeWorkspace('home')
  expect(await isLive(stage, access_token)).toBe(false)
})

it('cannot be chosen by whoever asks', async () => {
  const app = await registerApp(stage, 'Wishing')
  stage.server.window.open('other')
  const started = await startAuthorization(stage, app, { workspace: 'home', ws: 'home' })
  expect(await allow(started)).toMatchObject({ workspace: 'default' })
})

it('does not open the address of all tools to a key of one workspace', async () => {
  const { token } = stage.server.grants.createKey({ name: 'home key', access: 'look', workspace: 'home' })
  expect(await who(token)).toMatchObject({ ok: false })
  expect(await who(token, '/mcp/home')).toMatchObject({ ok: true })
})
