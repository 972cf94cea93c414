import { afterEach, beforeEach, expect, it } from 'vitest'
import { connect, refresh, registerApp } from '../testing/app.ts'
import { openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage({ registrationsPerHour: 20 })
})
afterEach(() => stage.close())

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
