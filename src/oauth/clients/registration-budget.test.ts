import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  connect,
  finishAuthorization,
  ownerAllows,
  redeem,
  refresh,
  registerApp,
  startAuthorization,
} from '../testing/app.ts'
import { digitsOn } from '../testing/browser.ts'
import { openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage({ registrationsPerHour: 20 })
})
afterEach(() => stage.close())

async function register(redirect = 'https://stranger.example/cb') {
  const answer = await fetch(`${stage.origin}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [redirect] }),
  })
  await answer.arrayBuffer()
  return answer
}
const registerMany = async (count: number, redirect?: string) => {
  const statuses: number[] = []
  for (let n = 0; n < count; n += 1) statuses.push((await register(redirect)).status)
  return statuses.filter((status) => status === 201).length
}

describe('registrations', () => {
  it('may say null for what they leave out, as some libraries do, and begin with a byte order mark', async () => {
    const redirect_uris = ['https://app.example/cb']
    const left = ['client_name', 'client_uri', 'scope', 'jwks', 'grant_types', 'response_types', 'contacts']
    const body = { redirect_uris, ...Object.fromEntries(left.map((name) => [name, null])) }
    const answer = await fetch(`${stage.origin}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `\uFEFF${JSON.stringify(body)}`,
    })
    expect([answer.status, await answer.json()]).toMatchObject([201, { redirect_uris }])
  })

  it('of strangers while nobody is expected do not keep out whom the owner expects', async () => {
    expect(await registerMany(40)).toBe(20)
    expect(stage.server.registrationsFull()).toMatchObject({ inWindow: false })
    expect(stage.traffic.at(-1)?.problem).toMatchObject({
      code: 'too-many-registered',
      hint: expect.stringContaining('Press Connect'),
    })
    stage.server.window.open('other')
    expect(stage.server.registrationsFull()).toBeNull()
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    await ownerAllows(stage, started)
    await redeem(stage, app, started, await finishAuthorization(app, started))
    expect((await register()).status, 'the window closed with the decision').toBe(429)
  })

  it('have a budget in each window, and whom the owner expects has one of its own', async () => {
    const full: unknown[] = []
    stage.server.events.on('registrations.full', (what) => full.push(what))
    const { closesAt } = stage.server.window.open('chatgpt')
    expect(await registerMany(40)).toBe(20)
    expect(full).toEqual([{ inWindow: true, until: closesAt }])
    const refused = await register()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(590)
    expect(stage.traffic.at(-1)?.problem).toMatchObject({
      code: 'too-many-in-window',
      message: expect.stringContaining('since you pressed Connect'),
      hint: expect.stringContaining('key'),
    })
    expect((await register('https://chatgpt.com/connector_platform_oauth_redirect')).status).toBe(201)
    stage.server.window.open('chatgpt')
    expect((await register()).status, 'pressed again').toBe(201)
    stage.server.window.close()
    expect(await registerMany(40), 'what a window took is not taken from the hour').toBe(20)
  })
})

describe('requests to connect that are declined', () => {
  it('end the window with the third, and the owner is asked no more', async () => {
    let asked = 0
    let gaveUp = 0
    stage.server.events.on('connections.asked', () => {
      asked += 1
    })
    stage.server.events.on('window.gave-up', () => {
      gaveUp += 1
    })
    stage.server.window.open('other')
    const app = await registerApp(stage)
    for (let n = 0; n < 50; n += 1) {
      await startAuthorization(stage, app)
      for (const { id } of stage.server.connections.list()) stage.server.connections.deny(id)
    }
    expect([asked, gaveUp]).toEqual([3, 1])
    expect(stage.server.window.state().open).toBe(false)
    stage.server.window.open('other')
    await startAuthorization(stage, app)
    expect(asked, 'a window that is opened again starts anew').toBe(4)
    stage.server.connections.deny(stage.server.connections.list()[0]!.id)
    expect(stage.server.window.state().open).toBe(true)
  })

  it('count wrong digits too', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    for (let n = 0; n < 3; n += 1) {
      const { answer } = await startAuthorization(stage, app)
      const digits = digitsOn(answer.body) === '000' ? '001' : '000'
      const { id } = stage.server.connections.list()[0]!
      for (let tries = 0; tries < 3; tries += 1)
        await stage.server.connections
          .approve(id, { digits, access: 'ask', tools: null })
          .catch(() => undefined)
    }
    expect(stage.server.window.state().open).toBe(false)
  })
})

it('forms of strangers are limited, and use up nothing of a client’s', async () => {
  stage.server.window.open('other')
  const app = await registerApp(stage)
  const tokens = await connect(stage, app)
  const post = async (form: Record<string, string>) => {
    const answer = await fetch(`${stage.origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    })
    await answer.arrayBuffer()
    return answer
  }
  const guess = (n: number) =>
    post({ grant_type: 'refresh_token', client_id: String(app.client.client_id), refresh_token: `guess${n}` })
  const statuses: number[] = []
  for (let n = 0; n < 610; n += 1) statuses.push((await guess(n)).status)
  expect(statuses.indexOf(429)).toBe(600)
  expect((await guess(1)).headers.get('retry-after')).toBe('60')
  const next = await refresh(app, tokens.refresh_token)
  expect(next).toHaveProperty('access_token')
  // a token that we gave out is limited as well, by its grant
  let last = 0
  for (let n = 0; n < 610 && last !== 429; n += 1)
    last = (await post({ grant_type: 'refresh_token', client_id: 'x', refresh_token: next.refresh_token }))
      .status
  expect(last).toBe(429)
  stage.clock.advance(61_000)
  expect((await guess(2)).status).toBe(400)
})
