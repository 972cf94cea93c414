import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type App,
  connect,
  documentApp,
  finishAuthorization,
  isLive,
  ownerAllows,
  redeem,
  refresh,
  registerApp,
  startAuthorization,
} from '../testing/app.ts'
import { openStage, type Stage } from '../testing/stage.ts'

const hour = 60 * 60_000
let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.close())

/** The app comes back; the request the owner sees. */
async function comeBack(app: App) {
  stage.server.window.open('other')
  const started = await startAuthorization(stage, app)
  const [request] = stage.server.connections.list()
  return { started, request: request! }
}

describe('an app that registered itself', () => {
  it('is forgotten after a day unless it was let in, then never', async () => {
    const approved = await registerApp(stage, 'Approved')
    const { grant } = await connect(stage, approved)
    const stranger = await registerApp(stage, 'Stranger')
    const clients = () =>
      (
        stage.db.prepare("SELECT count(*) AS n FROM oauth_records WHERE model = 'Client'").get() as {
          n: number
        }
      ).n
    expect(clients()).toBe(2)
    stage.clock.advance(25 * hour)
    stage.server.sweep()
    expect(clients()).toBe(1)
    stage.clock.advance(400 * 24 * hour)
    stage.server.sweep()
    await stage.restart()
    stage.server.window.open('other')
    expect((await startAuthorization(stage, stranger)).answer.status).toBe(400)
    const { request } = await comeBack(approved)
    expect(request).toMatchObject({ returning: true, clientName: 'Approved' })
    expect(stage.server.grants.list()[0]!.id).toBe(grant.id)
  })
})

describe('a metadata document that changes', () => {
  it.each([
    ['its name', { client_name: 'ChatGPT' }, true],
    ['its redirects', { redirect_uris: ['https://app.example/cb', 'https://app.example/other'] }, true],
    ['what we do not read', { logo_uri: 'https://app.example/new.png' }, false],
  ])('in %s is looked at like a new app', async (_what, change, asks) => {
    const client_id = 'https://app.example/oauth/client.json'
    let document: object = { client_id, client_name: 'Live', redirect_uris: ['https://app.example/cb'] }
    await stage.close()
    stage = await openStage({
      // the guard has tests of its own; here the host answers at once
      documentFetch: async () => Response.json(document),
    })
    const app = await documentApp(stage, client_id, 'https://app.example/cb')
    const { refresh_token, grant } = await connect(stage, app)
    document = { ...document, ...change }
    await stage.restart() // forgets what oidc-provider remembers for half a minute
    // tokens go on with the document that was agreed to
    const next = await refresh(app, refresh_token)
    await stage.restart()
    const back = await comeBack(app)
    expect(back.request).toMatchObject({ returning: true, needsDigits: asks })
    await ownerAllows(stage, back.started)
    await redeem(stage, app, back.started, await finishAuthorization(app, back.started))
    expect(await isLive(stage, next.access_token)).toBe(true)
    // what was agreed to now is the new one
    const { request } = await comeBack(app)
    expect(request).toMatchObject({ returning: true, needsDigits: false })
    expect(stage.server.grants.list()[0]!.id).toBe(grant.id)
  })
})

describe('an app whose document cannot be had', () => {
  const client_id = 'https://app.example/oauth/client.json'
  const good = { client_id, client_name: 'Live', redirect_uris: ['https://app.example/cb'] }
  /** What the app's host does; text: an answer that is no JSON. */
  let host: object | string | number | 'down'
  let fetches: number
  beforeEach(async () => {
    host = good
    fetches = 0
    await stage.close()
    stage = await openStage({
      documentFetch: async () => {
        fetches += 1
        if (host === 'down') throw new Error('ECONNREFUSED')
        if (typeof host === 'object') return Response.json(host)
        const status = typeof host === 'number' ? host : 200
        return new Response(String(host), { status, headers: { 'content-type': 'text/plain' } })
      },
    })
  })
  const ask = async (redirect = 'https://app.example/cb') => {
    const app = await documentApp(stage, client_id, redirect)
    stage.server.window.open('other')
    return { app, started: await startAuthorization(stage, app) }
  }
  const problem = () => stage.traffic.findLast(({ kind }) => kind === 'authorize')?.problem

  it.each([
    ['its host is down', 'down', 'app.example could not be read.', 'document-unread'],
    ['its host says 404', 404, 'app.example could not be read.', 'document-unread'],
    ['its host says 403', 403, 'app.example could not be read.', 'document-unread'],
    ['it is plain text', '{}', 'What app.example says about this app cannot be used.', 'document-unfit'],
    [
      'it is another app’s',
      { ...good, client_id: `${client_id}x` },
      'What app.example says about',
      'document-unfit',
    ],
    ['it has no redirects', { client_id }, 'What app.example says about', 'document-unfit'],
  ] as const)('is told so, by the name of its host: %s', async (_how, does, words, code) => {
    host = does
    const { started } = await ask()
    expect(started.answer.status).toBe(400)
    expect(started.answer.body).toContain(words)
    expect(started.answer.body).toContain('give the app a key instead')
    expect(started.answer.body).not.toContain('not known to this Drawbridge')
    // and so is the owner
    expect(problem()).toMatchObject({ code, message: expect.stringContaining(words) })
  })

  it('is let in by the copy of when it was let in before, for as long as that approval could live', async () => {
    const { app } = await ask()
    stage.server.window.close()
    const { grant } = await connect(stage, app)
    host = 'down'
    for (const isGone of [false, true]) {
      if (isGone) stage.server.grants.revoke(grant.id)
      await stage.restart()
      const before = fetches
      const { started } = await ask()
      expect(fetches, 'the original is asked for first').toBe(before + 1)
      const [request] = stage.server.connections.list()
      expect(request).toMatchObject({ clientName: 'Live', redirectHost: 'app.example', returning: !isGone })
      // a copy spares nobody the owner or the digits
      expect(started.answer.body).toContain('id="digits"')
      stage.server.window.close()
    }
    // what the copy does not name is as foreign as ever
    expect((await ask('https://app.example/other')).started.answer.status).toBe(400)
    stage.server.window.close()

    // the copy gives way to the original
    host = { ...good, client_name: 'Renamed' }
    await stage.restart()
    await ask()
    expect(stage.server.connections.list()[0]!.clientName).toBe('Renamed')
    stage.server.window.close()
    host = 'down'
    stage.clock.advance(91 * 24 * hour)
    await stage.restart()
    expect((await ask()).started.answer.body).toContain('app.example could not be read.')
  })

  it.each([
    ['https://app.example/other', true],
    ['http://127.0.0.1:7777/elsewhere', true],
    ['https://app.example/cb?go=1', true],
    ['Call +1 555 now', false],
    ['javascript:alert(1)', false],
    [`https://app.example/${'x'.repeat(400)}`, false],
    ['https://app.example/"><img src=x>', false],
  ])(
    'and one that wants to go back to %s, which it never registered: shown, so that it can be',
    async (uri, isShown) => {
      const { started } = await ask(uri)
      expect(started.answer.status).toBe(400)
      expect(started.answer.location).toBeNull()
      expect(started.answer.body.includes(uri)).toBe(isShown)
      expect(started.answer.body).not.toContain('<img')
      expect(started.answer.body).toContain(isShown ? 'Register an app' : 'never registered')
      expect(problem()!.message.includes(uri)).toBe(isShown)
    },
  )
})
