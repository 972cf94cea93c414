import { afterAll, beforeAll, expect, it } from 'vitest'
import { reads, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { rpc, send } from '../testing/fixture-http.ts'

/** A tool that is for this computer only, asked for from here and from everywhere else that looks like it. */
let gateway: Awaited<ReturnType<typeof startGateway>>
let calls = 0
beforeAll(async () => {
  const tools = [
    { name: 'here', annotations: reads, localOnly: true },
    { name: 'everywhere', annotations: reads },
  ]
  gateway = await startGateway({
    sources: [
      source('demo', tools, async () => {
        calls += 1
        return text('done')
      }),
    ],
  })
})
afterAll(() => gateway.stop())

async function ask(headers: Record<string, string>, port = gateway.port) {
  const post = (body: object) =>
    send(port, {
      method: 'POST',
      path: '/mcp',
      headers: {
        Host: gateway.host,
        Authorization: 'Bearer good',
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify(body),
    })
  const before = calls
  const listed = (await post(rpc('tools/list'))).json.result.tools.map((one: { name: string }) => one.name)
  const { result } = (await post(rpc('tools/call', { name: 'demo__here', arguments: {} }))).json
  return {
    listed,
    said: result.content[0].text as string,
    isError: result.isError === true,
    ran: calls - before,
  }
}

it('works for programs on this computer, by either name of it', async () => {
  for (const name of ['127.0.0.1', 'localhost'])
    expect(await ask({ Host: `${name}:${gateway.port}` })).toEqual({
      listed: ['demo__everywhere', 'demo__here'],
      ...{ said: 'done', isError: false, ran: 1 },
    })
  // a page that this computer serves itself
  expect((await ask({ Origin: gateway.origin })).ran).toBe(1)
})

it.each([
  ['at the public address', { Host: 'name.example' }],
  ['passed on (RFC 7239)', { Forwarded: 'for=192.0.2.1' }],
  ['passed on by a proxy', { 'X-Forwarded-For': '127.0.0.1' }],
  ['passed on by another', { 'X-Real-IP': '192.0.2.1' }],
  ['passed on with its scheme', { 'X-Forwarded-Proto': 'https' }],
  ['passed on (Via)', { Via: '1.1 somebody' }],
  ['from a page on the web', { Origin: 'https://chatgpt.com' }],
])('is neither shown nor run when asked for %s', async (_how, headers) => {
  const { listed, said, isError, ran } = await ask(headers as Record<string, string>)
  expect([listed, isError, ran]).toEqual([['demo__everywhere'], true, 0])
  expect(said).toContain('only works for programs on the computer that Drawbridge runs on')
})

it('is neither shown nor run when asked for through the tunnel, whatever address is named', async () => {
  for (const Host of [gateway.host, 'name.example'])
    expect(await ask({ Host }, gateway.listener.tunnelPort())).toMatchObject({
      listed: ['demo__everywhere'],
      ran: 0,
    })
})

it('works only as far as its grant goes', async () => {
  gateway.regrant('grant_1', { tools: new Set(['demo__everywhere']) })
  expect(await ask({})).toMatchObject({ listed: ['demo__everywhere'], ran: 0 })
  gateway.regrant('grant_1', { tools: null })
  expect((await ask({})).ran).toBe(1)
})
