import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  connect,
  documentApp,
  finishAuthorization,
  ownerAllows,
  redeem,
  refresh,
  registerApp,
  startAuthorization,
} from '../testing/app.ts'
import { digitsOn, openBrowser } from '../testing/browser.ts'
import { openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.close())

const _claudeCode = 'https://claude.ai/oauth/claude-code-client-metadata'
const chatgpt = 'https://chatgpt.com/oauth/client.json'
const chatgptRedirect = 'https://chatgpt.com/connector_platform_oauth_redirect'

describe('the decision of the owner', () => {
  it('shows claimed name, redirect host and digits, and nothing that could load or act', async () => {
    stage.server.window.open('chatgpt')
    const app = await registerApp(stage, '<b>ChatGPT\u202e</b>', 'https://evil.example/cb')
    const { answer } = await startAuthorization(stage, app)
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('&lt;b&gt;ChatGPT&lt;/b&gt;')
    expect(answer.body).toContain('<p class="host">evil.example</p>')
    expect(answer.body).not.toMatch(/http-equiv|<(?:form|iframe|input|button|img)\b/)
    expect(answer.body.match(/<(?:script|a)\b[^>]*>/g)).toEqual(['<a href="">', '<script>'])
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src(?: 'sha256-[^']+'){4}; connect-src 'self'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const [request] = stage.server.connections.list()
    expect(request).toMatchObject({ expected: false, redirectHost: 'evil.example', registration: 'dynamic' })
    // By field, because three digits also turn up in times and ids.
    expect(Object.keys(request!)).not.toContain('digits')
    expect(Object.values(request!).map(String)).not.toContain(digitsOn(answer.body)!)
  })

  it('knows whom the owner expects by the redirect host', async () => {
    stage.server.window.open('chatgpt')
    await startAuthorization(stage, await documentApp(stage, chatgpt, chatgptRedirect))
    expect(stage.server.connections.list()[0]).toMatchObject({ expected: true })
  })

  it('declines after three wrong digits', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    const right = digitsOn(started.answer.body)!
    const wrong = right === '000' ? '001' : '000'
    const [request] = stage.server.connections.list()
    const approve = (digits?: string) =>
      stage.server.connections.approve(request!.id, {
        ...(digits ? { digits } : {}),
        access: 'ask',
        tools: null,
      })
    await expect(approve()).rejects.toMatchObject({ code: 'digits-needed' })
    await expect(approve(wrong)).rejects.toMatchObject({ code: 'wrong-digits' })
    await expect(approve(wrong)).rejects.toMatchObject({ code: 'wrong-digits' })
    await expect(approve(wrong)).rejects.toMatchObject({ code: 'wrong-digits-declined' })
    await expect(approve(right)).rejects.toMatchObject({ code: 'request-gone' })
    await expect(finishAuthorization(app, started)).rejects.toMatchObject({ error: 'access_denied' })
    expect(stage.server.grants.list()).toEqual([])
  })

  it('declines with the issuer in the answer (RFC 9207)', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    stage.server.connections.deny(stage.server.connections.list()[0]!.id)
    const { location } = await app.browser.follow(started.answer.url)
    const said = new URL(location!).searchParams
    expect(stage.traffic.at(-1)).toMatchObject({
      kind: 'authorize',
      ok: false,
      clientName: expect.any(String),
    })
    expect(Object.fromEntries(said)).toMatchObject({
      error: 'access_denied',
      iss: stage.origin,
      state: started.state,
    })
  })

  it('is asked for by one app at a time', async () => {
    stage.server.window.open('other')
    const first = await registerApp(stage, 'First')
    const second = await registerApp(stage, 'Second')
    const started = await startAuthorization(stage, first)
    const before = stage.counts()
    const refused = await startAuthorization(stage, second)
    expect(refused.answer.status).toBe(409)
    expect(refused.answer.body).toContain('Another app is asking')
    expect(stage.counts()).toEqual(before)
    expect(stage.server.connections.list()).toMatchObject([{ clientName: 'First' }])
    await ownerAllows(stage, started)
    await redeem(stage, first, started, await finishAuthorization(first, started))
  })

  it('gives the place of a closed page to the next app', async () => {
    stage.server.window.open('other')
    await startAuthorization(stage, await registerApp(stage, 'Left alone'))
    stage.clock.advance(91_000)
    const next = await startAuthorization(stage, await registerApp(stage, 'Next'))
    expect(next.answer.status).toBe(200)
    expect(stage.server.connections.list()).toMatchObject([{ clientName: 'Next' }])
  })

  it.each(['the same registration', 'a new registration'])(
    'is taken over at once by the same client in the same browser, with %s',
    async (how) => {
      stage.server.window.open('other')
      const app = await registerApp(stage, 'Closed its tab')
      const first = await startAuthorization(stage, app)
      const [asked] = stage.server.connections.list()
      const again = how.startsWith('a new') ? { ...(await registerApp(stage, 'Closed its tab')) } : { ...app }
      again.browser = app.browser
      const second = await startAuthorization(stage, again)
      expect(second.answer.status).toBe(200)
      expect(digitsOn(second.answer.body)).toBeDefined()
      const [now] = stage.server.connections.list()
      expect(stage.server.connections.list()).toHaveLength(1)
      expect(now!.id).not.toBe(asked!.id)
      // the older page, should it still be open somewhere, ends here and sends nobody back with an error
      const older = await app.browser.follow(first.answer.url)
      expect([older.status, older.location]).toEqual([410, null])
      await ownerAllows(stage, second)
      await redeem(stage, again, second, await finishAuthorization(again, second))
    },
  )

  it('is not taken over from another browser, by another client, or without end', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage, 'Here')
    const started = await startAuthorization(stage, app)
    const stranger = { ...app, browser: openBrowser() }
    expect((await startAuthorization(stage, stranger)).answer.status).toBe(409)
    const { value } = app.browser.cookies().find(({ name }) => name === 'db_asks')!
    const other = { ...(await registerApp(stage, 'Another')), browser: app.browser }
    expect((await startAuthorization(stage, other)).answer.status).toBe(409)
    expect(stage.server.connections.list()).toMatchObject([{ clientName: 'Here' }])
    expect(value).toMatch(/^[\w-]{43}$/)

    // three wrong digits are three, however often it begins anew
    const right = digitsOn(started.answer.body)!
    const wrong = (digits: string) => (digits === '000' ? '001' : '000')
    const guess = (digits: string) =>
      stage.server.connections.approve(stage.server.connections.list()[0]!.id, {
        digits,
        access: 'ask',
        tools: null,
      })
    await expect(guess(wrong(right))).rejects.toMatchObject({ code: 'wrong-digits' })
    let last = started
    for (let times = 0; times < 10; times += 1) last = await startAuthorization(stage, app)
    expect(last.answer.status).toBe(200)
    expect((await startAuthorization(stage, app)).answer.status).toBe(409)
    const now = digitsOn(last.answer.body)!
    await expect(guess(wrong(now))).rejects.toMatchObject({ code: 'wrong-digits' })
    await expect(guess(wrong(now))).rejects.toMatchObject({ code: 'wrong-digits-declined' })
    expect(stage.server.connections.list()).toEqual([])
  })

  it('belongs to the browser that asked', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    await ownerAllows(stage, started)
    const thief = openBrowser()
    const uid = new URL(started.answer.url).pathname.split('/').at(-1)!
    expect((await thief.get(started.answer.url)).status).toBe(403)
    expect((await thief.get(`${stage.origin}/oauth/authorize/${uid}`)).status).toBe(403)
    const forged = await thief.get(`${stage.origin}/oauth/authorize/${uid}`, { cookie: 'db_resume=other' })
    expect(forged.status).toBe(403)
    expect((await finishAuthorization(app, started)).get('code')).toMatch(/^[\w-]{43}$/)
  })

  it('cannot be taken over by whoever sees the address of its page', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    const { pathname } = new URL(started.answer.url)
    const uid = pathname.split('/').at(-1)!
    const digest = createHash('sha256').update(uid)
    const guesses = [
      ...[uid, encodeURIComponent(uid), pathname, started.answer.url, started.state, ''],
      ...[Buffer.from(uid).toString('base64url'), digest.copy().digest('hex')],
      digest.copy().digest('base64url'),
    ]
    const pages = [`/oauth/wait/${uid}`, `/oauth/authorize/${uid}`]
    const tryAll = async () => {
      for (const path of pages)
        for (const guess of guesses) {
          const cookie = `db_wait=${guess}; db_resume=${guess}; __Secure-db_wait=${guess}; db_none=${guess}`
          const forged = await openBrowser().get(stage.origin + path, { cookie })
          expect([forged.status, digitsOn(forged.body)], `${path} ${guess}`).toEqual([403, undefined])
        }
    }
    await tryAll()
    await ownerAllows(stage, started)
    await tryAll()
    const values = app.browser.cookies().map(({ value }) => value)
    expect(values, 'one secret of 256 bits, at both pages and where it began').toEqual([
      expect.stringMatching(/^[\w-]{43}$/),
      ...[values[0], values[0]],
    ])
    const stored = stage.db.prepare('SELECT id_hash, payload FROM oauth_records').all()
    expect(JSON.stringify(stored)).not.toContain(values[0])
    expect((await finishAuthorization(app, started)).get('code')).toMatch(/^[\w-]{43}$/)
  })

  it('does not make the secret of one authorization good for another of the same browser', async () => {
    stage.server.window.open('other')
    const first = await registerApp(stage)
    const started = await startAuthorization(stage, first)
    const { value } = first.browser.cookies()[0]!
    stage.clock.advance(91_000)
    const second = await startAuthorization(stage, await registerApp(stage, 'Next'))
    const other = await openBrowser().get(second.answer.url, { cookie: `db_wait=${value}` })
    expect(other.status).toBe(403)
    expect(started.answer.status).toBe(200)
  })

  it('asks a returning client for one click, never for none, and keeps one entry', async () => {
    const app = await documentApp(stage, chatgpt, chatgptRedirect)
    const { grant } = await connect(stage, app)
    stage.server.window.open('chatgpt')
    const again = await startAuthorization(stage, app)
    expect(digitsOn(again.answer.body)).toBeUndefined()
    expect(stage.server.connections.list()).toMatchObject([{ returning: true, needsDigits: false }])
    const second = await ownerAllows(stage, again, 'everything')
    expect(second).toMatchObject({ id: grant.id, access: 'everything' })
    await redeem(stage, app, again, await finishAuthorization(app, again))
    expect(stage.server.grants.list()).toHaveLength(1)
    // the window closed with the decision: the next visit needs the owner again
    const third = await startAuthorization(stage, app)
    expect(third.answer.status).toBe(403)
  })

  it('asks for digits again when the same app comes back in a browser it was never let in from', async () => {
    const app = await documentApp(stage, chatgpt, chatgptRedirect)
    const { grant } = await connect(stage, app)
    stage.server.window.open('chatgpt')
    const stranger = { ...app, browser: openBrowser() }
    const started = await startAuthorization(stage, stranger)
    expect(digitsOn(started.answer.body)).toMatch(/^\d{3}$/)
    expect(stage.server.connections.list()).toMatchObject([{ returning: true, needsDigits: true }])
    expect(await ownerAllows(stage, started)).toMatchObject({ id: grant.id })
    stage.server.grants.revoke(grant.id)
    stage.server.window.open('chatgpt')
    await startAuthorization(stage, app)
    expect(stage.server.connections.list()).toMatchObject([{ returning: false, needsDigits: true }])
  })

  it('refuses tools that are not there, and keeps the app waiting', async () => {
    await stage.close()
    stage = await openStage({ toolNames: () => ['get_stars'] })
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    const { id } = stage.server.connections.list()[0]!
    const approve = (tools: string[]) =>
      stage.server.connections.approve(id, { digits: digitsOn(started.answer.body)!, access: 'look', tools })
    await expect(approve(['rm_rf'])).rejects.toMatchObject({ code: 'unknown-tool' })
    expect(await approve(['get_stars'])).toMatchObject({ tools: ['get_stars'] })
    const tokens = await redeem(stage, app, started, await finishAuthorization(app, started))
    const known = await stage.server.authenticate(`Bearer ${tokens.access_token}`, stage.resource)
    expect(known.ok && known.principal.tools).toEqual(new Set(['get_stars']))
  })

  it('cannot be skipped with prompt=none', async () => {
    const app = await registerApp(stage)
    await connect(stage, app)
    stage.server.window.open('other')
    const { answer } = await startAuthorization(stage, app, { prompt: 'none' })
    expect(new URL(answer.location!).searchParams.get('error')).toBe('interaction_required')
    expect(stage.server.connections.list()).toEqual([])
    expect((await startAuthorization(stage, app)).answer.status).toBe(200)
  })

  it('ends with the window', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    stage.server.window.close()
    expect(stage.server.connections.list()).toEqual([])
    await expect(finishAuthorization(app, started)).rejects.toMatchObject({ error: 'access_denied' })
  })

  it('does not outlive a restart: restart means no', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    await stage.restart()
    expect(stage.server.connections.list()).toEqual([])
    expect((await app.browser.follow(started.answer.url)).status).toBe(410)
  })
})

describe('outside the window', () => {
  it('writes nothing, asks nobody and fetches nothing', async () => {
    const app = await registerApp(stage)
    const { refresh_token } = await connect(stage, app)
    stage.clock.advance(11 * 60_000)
    const before = stage.counts()
    const asked: unknown[] = []
    stage.server.events.on('connections.asked', (request) => void asked.push(request))
    stage.traffic.length = 0
    for (const client_id of [
      app.client.client_id,
      chatgpt,
      'https://stranger.example/client.json',
      'nobody',
    ]) {
      const { answer } = await startAuthorization(stage, app, { client_id })
      expect(answer.status).toBe(403)
      expect(answer.body).toContain('press Connect')
      expect(answer.setCookies).toEqual([])
      expect(answer.location).toBeNull()
    }
    expect(stage.counts()).toEqual(before)
    expect(asked).toEqual([])
    expect(stage.traffic).toEqual([])
    expect((await refresh(app, refresh_token)).access_token).toBeTruthy()
  })
})
