import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { principal, reads, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { rpc } from '../testing/fixture-http.ts'

/** Two workspaces besides the default one, a source in each, principals of each: nothing crosses. */
let gateway: Awaited<ReturnType<typeof startGateway>>
const began: string[] = []
const places = ['default', 'a', 'b'] as const
type Place = (typeof places)[number]

const pathOf = (place: Place) => (place === 'default' ? '/mcp' : `/mcp/${place}`)
const toolsOf: Record<Place, string[]> = { default: ['one__x', 'two__x'], a: ['one__x'], b: ['two__x'] }
const sourceIn = (slug: string, workspaces: string[]) =>
  source(
    slug,
    [{ name: 'x', annotations: reads }],
    async () => {
      began.push(slug)
      return text(`from ${slug}`)
    },
    { workspaces },
  )

beforeEach(async () => {
  began.length = 0
  gateway = await startGateway({
    workspaces: [...places],
    sources: [sourceIn('one', ['default', 'a']), sourceIn('two', ['default', 'b'])],
  })
  for (const place of places) {
    gateway.tokens.set(`key ${place}`, principal({ grantId: `key_${place}`, workspace: place }))
    gateway.tokens.set(
      `client ${place}`,
      principal({
        grantId: `client_${place}`,
        kind: 'client',
        workspace: place,
        scopes: new Set(['mcp:use']),
      }),
    )
  }
})
afterEach(() => gateway.stop())

const post = (kind: string, whose: Place, at: Place, body: object) =>
  gateway.post(body, { Authorization: `Bearer ${kind} ${whose}` }, pathOf(at))

describe.each(['key', 'client'])('a %s', (kind) => {
  describe.each(places)('of workspace %s', (whose) => {
    it.each(places)('at workspace %s', async (at) => {
      const list = await post(kind, whose, at, rpc('tools/list'))
      if (whose !== at) {
        expect(list.status).toBe(401)
        expect(list.headers['www-authenticate']).toContain('error="invalid_token"')
        expect(list.headers['www-authenticate']).toContain(`${gateway.origin}${pathOf(at)}"`)
        expect(list.text).not.toContain('__x')
      } else {
        const names = list.json.result.tools.map((tool: { name: string }) => tool.name)
        expect(names).toEqual(toolsOf[at])
      }
      for (const tool of ['one__x', 'two__x']) {
        const { status, json } = await post(kind, whose, at, rpc('tools/call', { name: tool }))
        if (whose !== at) expect(status).toBe(401)
        else if (toolsOf[at].includes(tool))
          expect(json.result.content[0].text).toBe(`from ${tool.slice(0, 3)}`)
        // Of another workspace is as good as not there.
        else
          expect(json.error).toMatchObject({
            code: -32602,
            message: expect.stringMatching(`^Unknown tool: ${tool}\\. It was removed`),
          })
      }
      expect(began).toEqual(whose === at ? toolsOf[at].map((tool) => tool.slice(0, 3)) : [])
      for (const method of ['GET', 'DELETE'])
        expect(
          (
            await gateway.send({
              method,
              path: pathOf(at),
              headers: { Authorization: `Bearer ${kind} ${whose}` },
            })
          ).status,
        ).toBe(whose === at ? 405 : 401)
    })
  })
})

it('workspaces come and go while it runs', async () => {
  expect((await post('key', 'a', 'a', rpc('ping'))).status).toBe(200)
  gateway.state.workspaces = ['default']
  expect((await post('key', 'a', 'a', rpc('ping'))).status).toBe(404)
  gateway.state.workspaces = ['default', 'a']
  expect((await post('key', 'a', 'a', rpc('ping'))).status).toBe(200)
  expect((await gateway.send({ method: 'POST', path: '/mcp/b' })).status).toBe(404)
})

describe('clients that listen', () => {
  const listening = async (whose: Place) => {
    const client = await gateway.connect('modern', `key ${whose}`, pathOf(whose))
    const heard = { times: 0 }
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      heard.times += 1
    })
    const subscription = await client.listen({ toolsListChanged: true })
    const names = async () => (await client.listTools()).tools.map((tool) => tool.name)
    return { heard, names, closed: subscription.closed }
  }
  const times = (all: { heard: { times: number } }[]) => all.map(({ heard }) => heard.times)

  it('hear of changes in their own workspace only', async () => {
    const all = await Promise.all(places.map(listening))
    const [one, two] = [sourceIn('one', ['default', 'a']), sourceIn('two', ['default', 'b'])]
    gateway.catalog.setSources([one])
    await expect.poll(() => times(all)).toEqual([1, 0, 1])
    gateway.catalog.setSources([one, two])
    await expect.poll(() => times(all)).toEqual([2, 0, 2])
    two.workspaces = ['default', 'a']
    gateway.catalog.setSources([one, two])
    await expect.poll(() => times(all)).toEqual([2, 1, 3])
    expect(await all[1]!.names()).toEqual(['one__x', 'two__x'])
    expect(await all[2]!.names()).toEqual([])
    // Nothing came late.
    expect(times(all)).toEqual([2, 1, 3])
  })

  it('hear of it when a grant is given more or less, and then see what it has', async () => {
    const { heard, names } = await listening('a')
    gateway.regrant('key_a', { tools: new Set() })
    await expect.poll(() => heard.times).toBe(1)
    expect(await names()).toEqual([])
  })

  it('lose their stream with their grant, and others of the workspace keep theirs', async () => {
    const [a, b] = [await listening('a'), await listening('b')]
    gateway.tokens.delete('key a')
    const before = performance.now()
    gateway.listener.closeGrant('key_a')
    await expect(a.closed).resolves.toBeDefined()
    expect(performance.now() - before).toBeLessThan(1_000)
    gateway.catalog.setSources([])
    await expect.poll(() => b.heard.times).toBe(1)
    expect(a.heard.times).toBe(0)
    expect((await post('key', 'a', 'a', rpc('ping'))).status).toBe(401)
  })
})
