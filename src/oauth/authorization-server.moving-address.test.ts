import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type App,
  connect,
  discover,
  documentApp,
  finishAuthorization,
  isLive,
  ownerAllows,
  post,
  redeem,
  refresh,
  registerApp,
  startAuthorization,
} from './testing/app.ts'
import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.close())

const claude = () =>
  documentApp(
    stage,
    'https://claude.ai/oauth/mcp-oauth-client-metadata',
    'https://claude.ai/api/mcp/auth_callback',
  )
const errorOf = async (response: Response) => ((await response.json()) as { error?: string }).error
const refreshForm = (app: App, refresh_token: string) => ({
  grant_type: 'refresh_token',
  refresh_token,
  client_id: app.client.client_id,
})
/** The client as it is after it was given the new address: it looks everything up again. */
const moved = async (app: App): Promise<App> => ({ ...app, as: await discover(stage) })

/** Back through the owner's window; says what the owner saw of the request. */
async function comeBack(app: App) {
  stage.server.window.open('other')
  const started = await startAuthorization(stage, app)
  const [request] = stage.server.connections.list()
  const grant = await ownerAllows(stage, started)
  const tokens = await redeem(stage, app, started, await finishAuthorization(app, started))
  return { request: request!, grant, tokens }
}

describe('an address that moved', () => {
  it.each(['default', 'home'])('is the issuer at once, and the old one nobody’s (%s)', async (workspace) => {
    stage.use(workspace)
    const app = await claude()
    const before = { ...stage }
    await stage.move()
    stage.use(workspace)
    const { pathname } = new URL(stage.resource)
    const wellKnown = (origin: string, name: string) => fetch(`${origin}/.well-known/${name}${pathname}`)
    for (const name of ['oauth-protected-resource', 'oauth-authorization-server', 'openid-configuration']) {
      expect((await wellKnown(before.origin, name)).status).toBe(404)
      const text = await (await wellKnown(stage.origin, name)).text()
      expect(text).toContain(JSON.stringify(stage.issuer))
      expect(text).not.toContain(before.origin)
    }
    for (const endpoint of [app.as.token_endpoint, app.as.registration_endpoint, app.as.revocation_endpoint])
      expect((await post(endpoint!, { token: 'x' })).status).toBe(404)
    expect((await fetch(app.as.authorization_endpoint!)).status).toBe(404)
  })

  it('leaves keys and what was allowed as it was', async () => {
    const key = stage.server.grants.createKey({
      name: 'Script',
      access: 'look',
      workspace: 'default',
      tools: null,
      expiresAt: null,
    })
    const { grant } = await connect(stage, await claude(), { access: 'look' })
    await stage.move()
    expect(await isLive(stage, key.token)).toBe(true)
    expect(stage.server.grants.list()).toContainEqual(
      expect.objectContaining({ id: grant.id, access: 'look' }),
    )
  })

  it.each([
    ['known by its document', claude],
    ['that registered', () => registerApp(stage)],
  ])(
    'lets a client come back to its entry by a click, and digits in a new browser: one %s',
    async (_, open) => {
      const app = await open()
      const first = await connect(stage, app)
      await stage.move()
      const again = await moved(app)
      const { request, grant, tokens } = await comeBack(again)
      expect(request).toMatchObject({ returning: true, needsDigits: true })
      expect(grant.id).toBe(first.grant.id)
      expect(stage.server.grants.list()).toHaveLength(1)
      expect(await isLive(stage, tokens.access_token)).toBe(true)
      expect((await comeBack(again)).request).toMatchObject({ returning: true, needsDigits: false })
    },
  )

  it('takes no token of the old one, and changes nothing when one is tried', async () => {
    const app = await claude()
    const tokens = await connect(stage, app)
    const old = { ...stage }
    await stage.move()
    expect(await isLive(stage, tokens.access_token)).toBe(false)
    const again = await moved(app)
    const before = stage.counts()
    for (const resource of [undefined, old.resource, stage.resource]) {
      const form = { ...refreshForm(app, tokens.refresh_token), ...(resource && { resource }) }
      const answer = await post(again.as.token_endpoint!, form)
      expect(answer.status).toBe(400)
      // the error that makes clients start over (RFC 6749 §5.2)
      expect(await errorOf(answer)).toBe('invalid_grant')
    }
    expect(stage.counts()).toEqual(before)
    // the address was only away for a moment: nothing was lost
    await stage.move(old.origin)
    expect(await refresh(app, tokens.refresh_token)).toHaveProperty('access_token')
  })

  it('ends what was given out at an address that was left for good', async () => {
    stage.use('home')
    const atHome = await connect(stage, await claude())
    stage.use('default')
    const app = await claude()
    const tokens = await connect(stage, app)
    const old = stage.origin
    await stage.move()
    const again = await moved(app)
    const here = await comeBack(again)
    stage.server.leave(old)
    // somebody else may have had it meanwhile, and with it what clients sent there
    await stage.move(old)
    for (const token of [tokens.refresh_token, atHome.refresh_token])
      expect(await errorOf(await post(app.as.token_endpoint!, refreshForm(app, token)))).toBe('invalid_grant')
    expect(await isLive(stage, tokens.access_token)).toBe(false)
    expect(stage.server.grants.list()).toHaveLength(2)
    expect(
      stage.db.prepare("SELECT count(*) AS n FROM oauth_records WHERE model = 'RefreshToken'").get(),
    ).toEqual({
      n: 1,
    })
    const bearer = `Bearer ${here.tokens.access_token}`
    expect((await stage.server.authenticate(bearer, `${again.as.issuer}/mcp`)).ok).toBe(true)
  })
})
