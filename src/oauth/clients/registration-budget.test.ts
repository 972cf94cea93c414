import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { finishAuthorization, ownerAllows, redeem, registerApp, startAuthorization } from '../testing/app.ts'
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
