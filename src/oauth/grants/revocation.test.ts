import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type App,
  connect,
  finishAuthorization,
  isLive,
  ownerAllows,
  post,
  redeem,
  refresh,
  registerApp,
  startAuthorization,
} from '../testing/app.ts'
import { digitsOn } from '../testing/browser.ts'
import { openStage, type Stage } from '../testing/stage.ts'

const hour = 60 * 60_000
let stage: Stage
let told: Record<'revoked' | 'suspended', string[]>
const listen = () => {
  told = { revoked: [], suspended: [] }
  stage.server.events.on('grant.revoked', ({ grantId }) => void told.revoked.push(grantId))
  stage.server.events.on('grant.suspended', ({ grantId }) => void told.suspended.push(grantId))
}
beforeEach(async () => {
  stage = await openStage({ toolNames: () => ['a__x', 'b__y'] })
  listen()
})
afterEach(() => stage.close())

const keyWorks = async (token: string) =>
  (await stage.server.authenticate(`Bearer ${token}`, stage.resource)).ok
const refreshes = async (app: App, refresh_token: string) => {
  const form = { grant_type: 'refresh_token', refresh_token, client_id: app.client.client_id }
  const response = await post(app.as.token_endpoint!, form)
  return ((await response.json()) as { error?: string }).error ?? 'ok'
}
/** The app comes back; the request the owner sees. */
async function comeBack(app: App) {
  stage.server.window.open('other')
  const started = await startAuthorization(stage, app)
  const [request] = stage.server.connections.list()
  return { started, request: request! }
}

describe('an access with an end', () => {
  it('ends by itself for tokens that are in use, is told, and can be prolonged', async () => {
    const app = await registerApp(stage)
    const { grant, access_token, refresh_token } = await connect(stage, app)
    const expiresAt = stage.clock.now() + 10 * 60_000
    expect(stage.server.grants.update(grant.id, { expiresAt })).toMatchObject({ expiresAt })
    expect(await isLive(stage, access_token)).toBe(true)
    stage.clock.advance(10 * 60_000)
    expect(await isLive(stage, access_token)).toBe(false)
    expect(await refreshes(app, refresh_token)).toBe('invalid_grant')
    stage.server.sweep()
    stage.server.sweep()
    expect(told).toEqual({ revoked: [], suspended: [grant.id] })
    expect(stage.server.grants.list()).toMatchObject([{ id: grant.id, sessions: [] }])

    stage.server.grants.update(grant.id, { expiresAt: null })
    expect(await isLive(stage, access_token)).toBe(true)
    expect(await refreshes(app, refresh_token)).toBe('ok')
  })

  it('is told at its time without anybody calling', async () => {
    const { grant } = await connect(stage, await registerApp(stage))
    stage.server.grants.update(grant.id, { expiresAt: stage.clock.now() + 150 })
    await expect.poll(() => told.suspended, { timeout: 2_000 }).toEqual([grant.id])
  })

  it('needs digits to come back, and is the same entry then', async () => {
    const app = await registerApp(stage)
    const { grant } = await connect(stage, app)
    stage.server.grants.update(grant.id, { expiresAt: stage.clock.now() + 1_000 })
    stage.clock.advance(2_000)
    const { started, request } = await comeBack(app)
    expect(request).toMatchObject({ returning: true, needsDigits: true })
    const expiresAt = stage.clock.now() + hour
    const digits = digitsOn(started.answer.body)!
    const choice = { digits, access: 'look' as const, tools: ['a__x'] }
    await expect(
      stage.server.connections.approve(request.id, { ...choice, expiresAt: stage.clock.now() - 1 }),
    ).rejects.toMatchObject({ code: 'expiry-past' })
    const again = await stage.server.connections.approve(request.id, { ...choice, expiresAt })
    expect(again).toMatchObject({ id: grant.id, expiresAt, tools: ['a__x'], access: 'look' })
  })

  it('may be a key’s, with tools, and never begins in the past', async () => {
    const expiresAt = stage.clock.now() + hour
    const key = { name: 'Laptop', access: 'ask' as const, workspace: 'default', tools: ['a__x'], expiresAt }
    const { grant, token } = stage.server.grants.createKey(key)
    expect(grant).toMatchObject({ tools: ['a__x'], expiresAt, clientId: null, sessions: [] })
    expect(await keyWorks(token)).toBe(true)
    stage.clock.advance(hour)
    expect(await keyWorks(token)).toBe(false)
    const { grants } = stage.server
    expect(() => grants.createKey({ ...key, name: 'B' })).toThrow(/in the past/)
    expect(() => grants.update(grant.id, { expiresAt: 1 })).toThrow(/in the past/)
    expect(() => grants.createKey({ ...key, name: 'C', expiresAt: null, tools: ['gone'] })).toThrow(/tool/)
    expect(() => grants.update(grant.id, { tools: ['gone'] })).toThrow(/tool/)
    // renaming an expired entry does not have to mend it first
    expect(grants.update(grant.id, { name: 'Old laptop', expiresAt, tools: ['a__x', 'b__y'] })).toMatchObject(
      {
        name: 'Old laptop',
        tools: ['a__x', 'b__y'],
      },
    )
  })
})

describe('sessions', () => {
  it('are the live approvals, with their first and last use and where they came through', async () => {
    const app = await registerApp(stage)
    const first = await connect(stage, app)
    expect(stage.server.grants.list()[0]).toMatchObject({
      lastOrigin: null,
      sessions: [{ origin: stage.origin, lastUsedAt: null }],
    })
    stage.clock.advance(hour / 2)
    await isLive(stage, first.access_token)
    const used = stage.clock.now()
    const second = await connect(stage, app)
    expect(second.grant.id).toBe(first.grant.id)
    const [grant] = stage.server.grants.list()
    expect(grant!.lastOrigin).toBe(stage.origin)
    expect(grant!.sessions).toHaveLength(2)
    const lastUses = grant!.sessions.map((one) => one.lastUsedAt ?? 0).sort()
    expect(lastUses[0]).toBe(0)
    expect(Math.abs(lastUses[1]! - used)).toBeLessThan(5_000)
    for (const one of grant!.sessions) expect(one.startedAt).toBeLessThanOrEqual(stage.clock.now())

    // refreshing is the same session; revoking ends only one
    await refresh(app, second.refresh_token)
    expect(stage.server.grants.list()[0]!.sessions).toHaveLength(2)
    await post(app.as.revocation_endpoint!, {
      token: first.refresh_token,
      client_id: app.client.client_id,
    })
    expect(stage.server.grants.list()[0]!.sessions).toHaveLength(1)
    await stage.restart()
    expect(stage.server.grants.list()[0]!.sessions).toHaveLength(1)
    stage.clock.advance(91 * 24 * hour)
    expect(stage.server.grants.list()[0]!.sessions).toEqual([])
  })

  it('leave nothing behind when they end', async () => {
    const { grant, access_token } = await connect(stage, await registerApp(stage))
    await isLive(stage, access_token)
    stage.server.grants.revoke(grant.id)
    const left = stage.db.prepare("SELECT model FROM oauth_records WHERE model <> 'Client'").all()
    expect(left).toEqual([])
  })
})

describe('asking again', () => {
  it('ends tokens and remembered browsers, keeps the entry, and wants digits', async () => {
    const app = await registerApp(stage)
    const before = await connect(stage, app, { access: 'everything' })
    // the browser is remembered: one click would do
    const click = await comeBack(app)
    expect(click.request).toMatchObject({ returning: true, needsDigits: false })
    await ownerAllows(stage, click.started, 'everything')
    await redeem(stage, app, click.started, await finishAuthorization(app, click.started))

    const left = stage.server.grants.askAgain(before.grant.id)
    expect(left).toMatchObject({ id: before.grant.id, access: 'everything', sessions: [] })
    expect(told).toEqual({ revoked: [], suspended: [before.grant.id] })
    expect(await isLive(stage, before.access_token)).toBe(false)
    expect(await refreshes(app, before.refresh_token)).toBe('invalid_grant')
    const again = await comeBack(app)
    expect(again.request).toMatchObject({ returning: true, needsDigits: true })
    expect((await ownerAllows(stage, again.started)).id).toBe(before.grant.id)
    expect(stage.server.grants.list()).toHaveLength(1)
  })

  it('and revoking, end a request that would have passed without digits', async () => {
    const app = await registerApp(stage)
    const { grant } = await connect(stage, app)
    const { grants, connections } = stage.server
    for (const end of [grants.askAgain, grants.revoke]) {
      const { request } = await comeBack(app)
      end(grant.id)
      await expect(
        connections.approve(request.id, { access: 'everything', tools: null }),
      ).rejects.toMatchObject({
        code: 'request-gone',
      })
    }
    expect(grants.list()).toEqual([])
  })

  it('is not for what lets itself in', async () => {
    const { grant } = stage.server.grants.createKey({ name: 'K', access: 'ask', workspace: 'default' })
    expect(() => stage.server.grants.askAgain(grant.id)).toThrow(/lets itself in/)
    expect(() => stage.server.grants.askAgain('grant_none')).toThrow(/does not exist/)
  })
})

describe('renewing the keys', () => {
  it.each([false, true])('ends everything that was given out (named keys too: %s)', async (keys) => {
    const app = await registerApp(stage)
    const { grant, access_token, refresh_token } = await connect(stage, app)
    const key = stage.server.grants.createKey({ name: 'K', access: 'ask', workspace: 'default' })
    const job = await stage.server.clients.register(
      {
        ...{ name: 'Job', redirectUris: [], grantTypes: ['client_credentials'], scopes: [] },
        ...{ confidential: true, workspace: 'default', access: 'look' },
      },
      stage.origin,
    )
    const form = {
      ...{ grant_type: 'client_credentials', client_id: job.clientId },
      client_secret: job.clientSecret!,
    }
    const jobToken = ((await (await post(job.tokenEndpoint, form)).json()) as { access_token: string })
      .access_token
    const signingKey = async () => (await fetch(`${stage.origin}/oauth/jwks`)).text()
    const before = await signingKey()
    const waiting = await comeBack(await registerApp(stage, 'Waiting'))
    const machine = stage.server.grants.list().find((one) => one.clientId === job.clientId)!.id

    await stage.server.rotate({ keys })
    expect(await signingKey()).not.toBe(before)
    for (const token of [access_token, jobToken]) expect(await isLive(stage, token)).toBe(false)
    expect(await refreshes(app, refresh_token)).toBe('invalid_grant')
    expect(stage.server.connections.list()).toEqual([])
    expect(stage.server.window.state().open).toBe(false)
    expect((await fetch(waiting.started.answer.url)).status).not.toBe(200)
    expect(await keyWorks(key.token)).toBe(!keys)
    expect((await post(job.tokenEndpoint, form)).status).toBe(keys ? 400 : 200)
    expect(told.suspended.sort()).toEqual([grant.id, ...(keys ? [] : [machine])].sort())
    expect(told.revoked.sort()).toEqual(keys ? [key.grant.id, machine].sort() : [])
    // of the interrupted authorization nothing is left but that it was refused
    const models = stage.db.prepare('SELECT DISTINCT model FROM oauth_records').all() as { model: string }[]
    expect(
      models.map(({ model }) => model).filter((one) => one !== 'Client' && one !== 'Interaction'),
    ).toEqual(keys ? [] : ['ClientCredentials'])

    await stage.restart()
    const { request, started } = await comeBack(app)
    expect(request).toMatchObject({ returning: true, needsDigits: true })
    expect((await ownerAllows(stage, started)).id).toBe(grant.id)
    const fresh = await redeem(stage, app, started, await finishAuthorization(app, started))
    expect(await isLive(stage, fresh.access_token)).toBe(true)
  })
})

describe('a workspace that goes', () => {
  it('takes its grants, keys and waiting request along, and nobody else’s', async () => {
    const kept = await connect(stage, await registerApp(stage))
    const { grants } = stage.server
    const home = grants.createKey({ name: 'Home', access: 'ask', workspace: 'home' })
    const here = grants.createKey({ name: 'Here', access: 'ask', workspace: 'default' })
    grants.revokeWorkspace('home')
    expect(told.revoked).toEqual([home.grant.id])
    expect(await keyWorks(here.token)).toBe(true)
    expect(await isLive(stage, kept.access_token)).toBe(true)
  })
})

describe('a pause', () => {
  const standing = (token: string) => {
    const found = stage.server.authenticate(`Bearer ${token}`, stage.resource)
    return found.ok ? (found.principal.pausedUntil ?? 'goes on') : found.error
  }
  const pausedTold = () => {
    const ids: string[] = []
    stage.server.events.on('grant.paused', ({ grantId }) => void ids.push(grantId))
    return ids
  }

  it('holds at once for tokens and keys in use, lets them refresh, and ends when it is said to', async () => {
    const app = await registerApp(stage)
    const { grant, access_token, refresh_token } = await connect(stage, app)
    const key = stage.server.grants.createKey({ name: 'k', access: 'ask', workspace: 'default' })
    expect([standing(access_token), standing(key.token)]).toEqual(['goes on', 'goes on'])
    const ids = pausedTold()
    const until = stage.clock.now() + hour
    expect(stage.server.grants.pause(grant.id, until)).toMatchObject({ pausedUntil: until })
    stage.server.grants.pause(key.grant.id, until)
    expect([standing(access_token), standing(key.token)]).toEqual([until, until])
    expect(ids).toEqual([grant.id, key.grant.id])
    expect(await refreshes(app, refresh_token)).toBe('ok')
    stage.server.grants.pause(grant.id, null)
    expect(standing(access_token)).toBe('goes on')
    expect(standing(key.token)).toBe(until)
    expect(told).toEqual({ revoked: [], suspended: [] })
    expect(() => stage.server.grants.pause('none', until)).toThrow(
      expect.objectContaining({ code: 'grant-gone' }),
    )
  })

  it('ends by itself, and whoever watches is told', async () => {
    const { grant, token } = stage.server.grants.createKey({ name: 'k', access: 'ask', workspace: 'default' })
    stage.server.grants.pause(grant.id, stage.clock.now() + hour)
    let changes = 0
    stage.server.events.on('grants.changed', () => {
      changes += 1
    })
    expect(standing(token)).not.toBe('goes on')
    stage.clock.advance(hour)
    // To the moment, for a token in use, whether or not anything woke up for it.
    expect(standing(token)).toBe('goes on')
    stage.server.sweep()
    expect(changes).toBe(1)
    expect(stage.server.grants.list()).toMatchObject([{ pausedUntil: null }])
    // and is told without anybody sweeping
    changes = 0
    stage.server.grants.pause(grant.id, stage.clock.now() + 150)
    stage.clock.advance(150)
    await expect.poll(() => changes, { timeout: 2_000 }).toBe(2)
  })
})

describe('the end of all access', () => {
  it('is at once, for all there is', async () => {
    const app = await registerApp(stage)
    const { grant, access_token, refresh_token } = await connect(stage, app)
    const key = stage.server.grants.createKey({ name: 'k', access: 'everything', workspace: 'default' })
    const machine = await stage.server.clients.register(
      {
        name: 'Agent',
        redirectUris: [],
        grantTypes: ['client_credentials'],
        scopes: [],
        confidential: true,
        workspace: 'default',
        access: 'look',
      },
      stage.origin,
    )
    const askMachine = async () => {
      const form = {
        grant_type: 'client_credentials',
        client_id: machine.clientId,
        client_secret: machine.clientSecret!,
        resource: stage.resource,
      }
      return (await post(machine.tokenEndpoint, form)).status
    }
    expect(await askMachine()).toBe(200)
    expect([await isLive(stage, access_token), await keyWorks(key.token)]).toEqual([true, true])
    const { request } = await comeBack(app)
    stage.server.grants.endAll()
    expect(stage.server.grants.list()).toEqual([])
    expect([await isLive(stage, access_token), await keyWorks(key.token)]).toEqual([false, false])
    expect(await refreshes(app, refresh_token)).toBe('invalid_grant')
    expect(await askMachine()).toBeGreaterThanOrEqual(400)
    expect(told.revoked).toEqual(expect.arrayContaining([grant.id, key.grant.id]))
    expect(told.revoked).toHaveLength(3)
    expect(stage.server.window.state().open).toBe(false)
    await expect(stage.server.connections.approve(request.id, { access: 'ask' } as never)).rejects.toThrow()
    // Who comes back is a stranger.
    expect((await comeBack(app)).request).toMatchObject({ returning: false, needsDigits: true })
  })
})

describe('where the disk takes nothing', () => {
  const full = (isFull: boolean) => stage.db.exec(`PRAGMA query_only = ${isFull ? 1 : 0}`)
  const ways: [string, 'client' | 'all' | 'none', (grantId: string) => unknown][] = [
    ['one entry', 'client', (id) => stage.server.grants.revoke(id)],
    ['all access', 'all', () => stage.server.grants.endAll()],
    ['a workspace', 'all', () => stage.server.grants.revokeWorkspace('default')],
    ['what was given out', 'none', () => stage.server.rotate({ keys: false })],
    ['what was given out, and keys', 'all', () => stage.server.rotate({ keys: true })],
    ['a sign-in', 'none', (id) => stage.server.grants.askAgain(id)],
  ]
  it.each(ways)('ending %s ends it all the same, at once and for good, and says so', async (_, ends, end) => {
    const app = await registerApp(stage)
    const { grant, access_token, refresh_token } = await connect(stage, app)
    const key = stage.server.grants.createKey({ name: 'k', access: 'ask', workspace: 'default' })
    await comeBack(app)
    const keyEnds = ends === 'all'
    full(true)
    await expect((async () => end(grant.id))()).rejects.toThrow(/readonly/)
    expect(await isLive(stage, access_token)).toBe(false)
    if (keyEnds) expect(await keyWorks(key.token)).toBe(false)
    expect([...told.revoked, ...told.suspended]).toContain(grant.id)
    expect(told.revoked.includes(key.grant.id)).toBe(keyEnds)
    expect(stage.server.connections.list()).toEqual([])
    full(false)
    stage.server.sweep()
    await stage.restart()
    expect([await isLive(stage, access_token), await keyWorks(key.token)]).toEqual([false, !keyEnds])
    expect(await refreshes(app, refresh_token)).toBe('invalid_grant')
  })

  it('what has ended is gone before anything new is written', async () => {
    const app = await registerApp(stage)
    const { grant, access_token, refresh_token } = await connect(stage, app)
    full(true)
    expect(() => stage.server.grants.askAgain(grant.id)).toThrow(/readonly/)
    full(false)
    const { started } = await comeBack(app)
    await ownerAllows(stage, started)
    const fresh = await redeem(stage, app, started, await finishAuthorization(app, started))
    expect([await isLive(stage, access_token), await isLive(stage, fresh.access_token)]).toEqual([
      false,
      true,
    ])
    expect(await refreshes(app, refresh_token)).toBe('invalid_grant')
    expect(await isLive(stage, fresh.access_token)).toBe(true)
  })

  it('pausing the bridge forgets who is half let in', async () => {
    const waiting = await comeBack(await registerApp(stage))
    full(true)
    expect(() => stage.server.grants.suspendAll()).toThrow(/readonly/)
    expect([stage.server.connections.list(), stage.server.window.state().open]).toEqual([[], false])
    full(false)
    expect((await fetch(waiting.started.answer.url)).status).not.toBe(200)
  })
})
