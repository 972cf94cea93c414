import { afterEach, beforeEach, expect, it } from 'vitest'
import { fakeRestHost } from '../testing/fake-rest-host.ts'
import { type Fixture, startFixture } from '../testing/fixture.ts'

let f: Fixture
let host: ReturnType<typeof fakeRestHost>
beforeEach(async () => {
  host = fakeRestHost()
  f = await startFixture({ ui: true, dispatch: host.dispatch })
})
afterEach(() => f.close())

const post = (body: unknown, type: string, headers: Record<string, string> = {}) =>
  f.send('/api/v1/events', {
    method: 'POST',
    headers: { ...f.byAdmin, 'content-type': type, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const sent = () =>
  (host.called.findLast(({ name }) => name === 'timeline.send')?.input as { events: object[] } | undefined)
    ?.events
const event = { specversion: '1.0', id: 'a', source: 'b', type: 'c', data: { title: 'd' } }

it('takes CloudEvents in the three modes of the HTTP binding', async () => {
  for (const type of ['application/cloudevents+json', 'application/json; charset=utf-8']) {
    expect((await post(event, type)).status, type).toBe(200)
    expect(sent()).toEqual([event])
  }
  const many = await post([event, { ...event, id: 'e' }], 'application/cloudevents-batch+json')
  expect(JSON.parse(many.text).events).toHaveLength(2)
  expect(sent()).toEqual([event, { ...event, id: 'e' }])
  const { data, ...attributes } = event
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]))
  await post(data, 'application/json', { ...headers, 'ce-environment': 'Z%C3%BCrich', 'x-other': '1' })
  expect(sent()).toEqual([{ ...event, environment: 'Zürich' }])
  await post('"text"', 'application/json', headers)
  expect(sent()).toEqual([{ ...attributes, data: 'text' }])
})

it('takes nothing else', async () => {
  for (const [body, type, status] of [
    [event, 'text/plain', 415],
    [event, 'application/x-www-form-urlencoded', 415],
    ['{', 'application/cloudevents+json', 400],
    ['[]', 'application/cloudevents-batch+json', 400],
    [Array.from({ length: 1_001 }, () => ({})), 'application/cloudevents-batch+json', 400],
    [{ ...event, data: 'x'.repeat(1_100_000) }, 'application/cloudevents+json', 413],
  ] as const) {
    const answer = await post(body, type)
    expect(answer.status, `${type} ${status}`).toBe(status)
    expect(JSON.parse(answer.text).error).toMatchObject({
      message: expect.any(String),
      hint: expect.any(String),
    })
  }
  expect(sent()).toBeUndefined()
  // Other routes take no more than before.
  const odd = await f.send('/api/v1/servers', {
    method: 'POST',
    headers: { ...f.byAdmin, 'content-type': 'application/cloudevents+json' },
    body: '{}',
  })
  expect(odd.status).toBe(415)
})

it('lists and gives events', async () => {
  const get = async (path: string) => {
    const answer = await f.send(`/api/v1${path}`, { headers: f.byAdmin })
    return { status: answer.status, json: JSON.parse(answer.text) }
  }
  expect((await get('/events?kind=deployment&limit=1')).json).toMatchObject({
    events: [{ id: 'evt_1' }],
    next: 'evt_1',
  })
  expect((await get('/events?kind=incident&since=5')).json).toEqual({ events: [], next: null })
  expect(host.called.at(-1)?.input).toMatchObject({ filter: { kind: 'incident', since: 5 } })
  expect((await get('/events/evt_1')).json).toMatchObject({ id: 'evt_1' })
  expect((await get('/events/evt_2')).status).toBe(404)
  for (const odd of ['severity=spicy', 'since=lately', 'limit=', 'colour=red', 'kind=a&kind=b'])
    expect((await get(`/events?${odd}`)).status, odd).toBe(400)
})
