import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGuardedFetch } from '../../net/guarded-fetch.ts'
import { documentLimits } from '../clients/client-documents.ts'
import { type App, connect, documentApp, isLive, refresh, registerApp } from '../testing/app.ts'
import { type Hostile, mutators, random, templates } from '../testing/hostile-requests.ts'
import { openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
let app: App
beforeAll(async () => {
  stage = await openStage({ registrationsPerHour: 200 })
  app = await registerApp(stage, 'Victim')
})
afterAll(() => stage.close())

const send = async ({ method, path, form, headers, body }: Hostile): Promise<Response> => {
  const encoded = new URLSearchParams(
    form.map(([name, value]): [string, string] => [name, value.toWellFormed()]),
  ).toString()
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const query = hasBody || encoded === '' ? '' : `${path.includes('?') ? '&' : '?'}${encoded}`
  return fetch(new URL(stage.origin + path + query), {
    method,
    redirect: 'manual',
    headers: hasBody ? { 'content-type': 'application/x-www-form-urlencoded', ...headers } : headers,
    ...(hasBody ? { body: body ?? encoded } : {}),
  })
}

/** The same request at the authorization server of a workspace. */
function atWorkspace(request: Hostile): void {
  request.path = request.path.replace(/^\/oauth\//, '/oauth/w/home/')
  for (const pair of request.form) if (pair[1] === stage.resource) pair[1] += '/home'
}

describe('hostile requests', () => {
  it('500 of them: no grant, no foreign redirect, no 5xx; an honest app still connects', async () => {
    const r = random(20261121)
    const statuses = new Map<number, number>()
    for (let n = 0; n < 500; n += 1) {
      // half of them inside an open window, where more of the server can be reached
      if (n % 2 === 0) stage.server.window.open('other')
      else stage.server.window.close()
      const request = structuredClone(r.pick(templates(stage, app)))
      for (let change = Math.floor(r.next() * 4); change > 0; change -= 1) r.pick(mutators)(request, r)
      if (n % 3 === 0) atWorkspace(request)
      const answer = await send(request)
      const told = `${n}: ${JSON.stringify(request).slice(0, 600)}`
      expect(answer.status, told).toBeLessThan(500)
      const location = answer.headers.get('location')
      if (location !== null) {
        const target = new URL(location, stage.origin)
        const ours = target.origin === stage.origin && /^\/oauth\/(?:w\/home\/)?wait\//.test(target.pathname)
        expect(ours, `${told} → ${location}`).toBe(true)
      }
      expect(answer.headers.get('set-cookie') ?? '', told).not.toMatch(/\ba=b\b/)
      await answer.arrayBuffer()
      expect(stage.server.grants.list(), told).toEqual([])
      for (const { id } of stage.server.connections.list()) stage.server.connections.deny(id)
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    }
    // the test is worth something only if the requests went different ways
    expect([...statuses.keys()].sort()).toEqual(expect.arrayContaining([201, 303, 400, 403, 404, 405]))
    expect(stage.log.filter((entry) => entry.level === 'error')).toEqual([])
    const { access_token, grant } = await connect(stage, app)
    expect(await isLive(stage, access_token)).toBe(true)
    expect(stage.server.grants.list()).toEqual([expect.objectContaining({ id: grant.id })])
  }, 60_000)

  it('registrations are capped for everybody together, and bounded in the database', async () => {
    const capped = await openStage({ registrationsPerHour: 20 })
    const as = { issuer: capped.origin, registration_endpoint: `${capped.origin}/oauth/register` }
    const attempt = (n: number) =>
      fetch(as.registration_endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.0.0.${n}` },
        body: JSON.stringify({ redirect_uris: [`https://app${n}.example/cb`] }),
      })
    const statuses = []
    for (let n = 0; n < 30; n += 1) statuses.push((await attempt(n)).status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(10)
    const refused = await attempt(31)
    expect(refused.headers.get('retry-after')).toBe('3600')
    // a day of the most that the cap allows leaves a hundred
    for (let hour = 0; hour < 8; hour += 1) {
      capped.clock.advance(3_600_001)
      for (let n = 0; n < 20; n += 1) expect((await attempt(n)).status).toBe(201)
    }
    expect(capped.counts().oauth_records).toBe(100)
    await capped.close()
  }, 20_000)

  it('registrations are JSON of sixteen kilobytes at most', async () => {
    const url = `${stage.origin}/oauth/register`
    const body = JSON.stringify({ redirect_uris: ['https://app.example/cb'] })
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/jwt',
      'application/json; charset=utf-16',
    ])
      expect(
        (await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })).status,
        type,
      ).toBe(400)
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(url, { method: 'POST', headers, body: ' '.repeat(17_000) + body })).status).toBe(413)
    const streamed = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 40; n += 1) controller.enqueue(new TextEncoder().encode(' '.repeat(1_000)))
        controller.close()
      },
    })
    const chunked = fetch(url, { method: 'POST', headers, body: streamed, duplex: 'half' } as RequestInit)
    expect((await chunked).status).toBe(413)
    expect((await fetch(url)).status).toBe(405)
  })

  it('a document nobody vouches for is never fetched for a stranger at the token endpoint', async () => {
    let looked = 0
    const outside = {
      lookup: async () => {
        looked += 1
        return [{ address: '127.0.0.1', family: 4 }]
      },
      connect: () => {
        throw new Error('must not be reached')
      },
    }
    const guarded = createGuardedFetch({ ...documentLimits, outside })
    const watched = await openStage({ documentFetch: guarded.fetch })
    const client_id = 'https://stranger.example/client.json'
    const as = { issuer: watched.origin, token_endpoint: `${watched.origin}/oauth/token` }
    const ask = () =>
      fetch(as.token_endpoint, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x', client_id }),
      })
    expect((await ask()).status).toBe(400)
    watched.server.window.open('other')
    expect((await ask()).status).toBe(400)
    expect(looked).toBe(0)
    // inside the window the page may be asked for: looked up, found private, refused
    const url = `${watched.origin}/oauth/authorize?${new URLSearchParams({ client_id, response_type: 'code', redirect_uri: 'https://stranger.example/cb', code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' })}`
    const page = await fetch(url, { redirect: 'manual' })
    expect(page.status).toBe(400)
    expect(looked).toBe(1)
    await watched.close()
    await guarded.close()
  })
})

describe('a live metadata document', () => {
  it('is read once, kept at consent and used for tokens without the network', async () => {
    const client_id = 'https://app.example/oauth/client.json'
    const document = JSON.stringify({
      client_id,
      client_name: 'Live',
      redirect_uris: ['https://app.example/cb'],
      logo_uri: 'https://x.example/l.png',
    })
    let fetched = 0
    const live = await openStage({
      // the guard has tests of its own; here the host answers at once
      documentFetch: async () => {
        fetched += 1
        return new Response(document, { headers: { 'content-type': 'application/json' } })
      },
    })
    const liveApp = await documentApp(live, client_id, 'https://app.example/cb')
    const tokens = await connect(live, liveApp)
    expect(tokens.grant.name).toBe('MCP — Live')
    expect(fetched).toBe(1)
    await live.restart()
    const next = await refresh(liveApp, tokens.refresh_token)
    expect(await isLive(live, next.access_token)).toBe(true)
    expect(fetched).toBe(1)
    await live.close()
  })
})
