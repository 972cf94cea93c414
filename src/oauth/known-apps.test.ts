import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
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
} from './testing/app.ts'
import { openStage, type Stage } from './testing/stage.ts'

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
      outside: {
        lookup: async () => [{ address: '93.184.215.14', family: 4 }],
        // the wire itself is tested beside the guard; here it answers at once
        request: ((_url: URL, _options: object, done: (response: unknown) => void) => {
          const headers = { 'content-type': 'application/json' }
          const response = Object.assign(new PassThrough(), { statusCode: 200, headers })
          response.end(JSON.stringify(document))
          return Object.assign(new EventEmitter(), { end: () => done(response), destroy() {} })
        }) as never,
        ports: [443],
      },
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
