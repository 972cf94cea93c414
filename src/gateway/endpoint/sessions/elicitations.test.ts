import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterEach, expect, it } from 'vitest'
import type { InputRequest } from '../../../mcp/tool-source.ts'
import { principal, reads, source, startGateway, text } from '../../testing/fixture-gateway.ts'
import { type Events, rpc } from '../../testing/fixture-http.ts'
import { openSession } from '../../testing/fixture-session.ts'

/** Questions of a source to a client of the 2025 era, which travel on the answer to the request they belong to. */
type Gateway = Awaited<ReturnType<typeof startGateway>>
let gateway: Gateway
const open: Events[] = []
const answered: unknown[] = []
let visited: ((id: string) => void) | undefined
afterEach(async () => {
  for (const stream of open.splice(0)) stream.close()
  answered.length = 0
  await gateway?.stop()
})

const form = { message: 'Which one?', requestedSchema: { type: 'object', properties: {} } }
const begin = async () => {
  gateway = await startGateway({
    sources: [
      source('demo', [{ name: 'ask', annotations: reads }], async (_tool, args, exchange) => {
        const ask = (method: string, params?: Record<string, unknown>, signal?: AbortSignal) =>
          exchange.ask!({ method, ...(params && { params }) } as InputRequest, signal).then(
            (answer) => answer,
            (error) => ({ code: error.code, message: error.message }),
          )
        if (args.visit) {
          visited = exchange.onElicitationComplete
          return text('go there')
        }
        const signal = args.hurry ? AbortSignal.timeout(100) : undefined
        const answer = await ask(String(args.method), args.params as never, signal)
        answered.push(answer)
        return text(JSON.stringify(answer))
      }),
    ],
  })
  gateway.tokens.set('other', principal({ grantId: 'grant_2' }))
}
const call = (args: object, id = 1) => rpc('tools/call', { name: 'demo__ask', arguments: args }, id)
const elicit = { method: 'elicitation/create', params: form }
const said = (stream: Events) => JSON.parse(stream.events.at(-1)!.data.result.content[0].text)

it('reach the client that is behind the request, and only its answer counts', async () => {
  await begin()
  const capabilities = { elicitation: {} }
  const [mine, sibling, theirs] = [
    await openSession(gateway, { capabilities }),
    await openSession(gateway, { capabilities }),
    await openSession(gateway, { capabilities, token: 'other' }),
  ]
  const streams = await Promise.all([mine, sibling, theirs].map((session) => session.open(call(elicit))))
  open.push(...streams)
  await expect.poll(() => streams.map(({ events }) => events.length)).toEqual([1, 1, 1])
  const questions = streams.map(({ events }) => events[0]!.data)
  expect(questions[0]).toMatchObject({ jsonrpc: '2.0', method: 'elicitation/create', params: form })
  expect(new Set(questions.map(({ id }) => id)).size).toBe(3)
  const reply = (id: unknown, content: string) => ({
    jsonrpc: '2.0',
    id,
    result: { action: 'accept', content: { it: content } },
  })
  // Answers to questions that somebody else was asked are received and go nowhere.
  for (const session of [sibling, theirs])
    expect((await session.post(reply(questions[0]!.id, 'forged'))).status).toBe(202)
  expect((await gateway.post(reply(questions[0]!.id, 'forged'))).status).toBe(202)
  expect(answered).toEqual([])
  expect((await mine.post(reply(questions[0]!.id, 'mine'))).status).toBe(202)
  await streams[0]!.ended
  expect(said(streams[0]!)).toEqual({ action: 'accept', content: { it: 'mine' } })
  expect(streams.slice(1).map(({ events }) => events.length)).toEqual([1, 1])
  // A second answer is one too many.
  expect((await mine.post(reply(questions[0]!.id, 'late'))).status).toBe(202)
  const refusal = { jsonrpc: '2.0', id: questions[1]!.id, error: { code: -1, message: 'The user said no' } }
  await sibling.post(refusal)
  await streams[1]!.ended
  expect(said(streams[1]!)).toEqual({ code: -1, message: 'The user said no' })
})

it('are not put to a client that did not say it can be asked that', async () => {
  await begin()
  const url = { ...elicit, params: { ...form, mode: 'url', url: 'https://x.example' } }
  const sampling = { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } }
  for (const [capabilities, question] of [
    [{}, elicit],
    [{ elicitation: {} }, url],
    [{ elicitation: { url: {} } }, elicit],
    [{ elicitation: {} }, sampling],
    [{ sampling: {} }, { ...sampling, params: { ...sampling.params, tools: [] } }],
    [{ sampling: {} }, { method: 'roots/list' }],
    [{ elicitation: {}, sampling: {}, roots: {} }, { method: 'ping' }],
  ]) {
    const session = await openSession(gateway, { capabilities: capabilities! })
    const { json, headers } = await session.post(call(question!))
    expect([question, headers['content-type']]).toEqual([question, 'application/json'])
    expect(json.result.content[0].text).toMatch(/-3\d{4}|cannot/)
  }
  const deaf = await openSession(gateway, { capabilities: { elicitation: {} } })
  const { json } = await deaf.post(call(elicit), { Accept: 'application/json' })
  expect(json.result.content[0].text).toContain('does not accept event streams')
})

it('are taken back when their source gives up, and end with the request and with the grant', async () => {
  await begin()
  const session = await openSession(gateway, { capabilities: { elicitation: {} } })
  const hurried = await session.open(call({ ...elicit, hurry: true }))
  open.push(hurried)
  await hurried.ended
  const [question, taken] = hurried.events.map(({ data }) => data)
  expect(taken).toMatchObject({
    method: 'notifications/cancelled',
    params: { requestId: question.id },
  })
  const [left, revoked] = [await session.open(call(elicit, 2)), await session.open(call(elicit, 3))]
  open.push(left, revoked)
  await expect.poll(() => [left.events.length, revoked.events.length]).toEqual([1, 1])
  left.close()
  await expect.poll(() => answered.length).toBe(2)
  gateway.listener.closeGrant('grant_1')
  await revoked.ended
  await expect.poll(() => answered.length).toBe(3)
})

it('are understood by the official client, sampling and roots too', async () => {
  await begin()
  const client = new Client(
    { name: 'test', version: '1' },
    {
      capabilities: { elicitation: {}, sampling: {}, roots: {} },
      versionNegotiation: { mode: 'legacy' },
    },
  )
  client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: { it: 'x' } }))
  client.setRequestHandler('roots/list', async () => ({ roots: [{ uri: 'file:///x' }] }))
  client.setRequestHandler('sampling/createMessage', async () => ({
    role: 'assistant',
    model: 'm',
    content: { type: 'text', text: 'said' },
  }))
  const transport = new StreamableHTTPClientTransport(new URL(gateway.url), {
    requestInit: { headers: { Authorization: 'Bearer good' } },
  })
  await client.connect(transport)
  expect(transport.sessionId).toMatch(/^[\w-]{48}$/)
  const ask = async (question: object) => {
    const { content } = await client.callTool({ name: 'demo__ask', arguments: { ...question } })
    return JSON.parse((content as { text: string }[])[0]!.text)
  }
  expect(await ask(elicit)).toMatchObject({ action: 'accept', content: { it: 'x' } })
  expect(await ask({ method: 'roots/list' })).toMatchObject({ roots: [{ uri: 'file:///x' }] })
  const messages = [{ role: 'user', content: { type: 'text', text: 'hi' } }]
  expect(await ask({ method: 'sampling/createMessage', params: { messages, maxTokens: 5 } })).toMatchObject({
    content: { text: 'said' },
  })
  await transport.terminateSession()
  await client.close()
})

it('that sent the user to a page are told to be done on the open stream of that session and no other', async () => {
  await begin()
  const capabilities = { elicitation: { url: {} } }
  const [mine, sibling] = [
    await openSession(gateway, { capabilities }),
    await openSession(gateway, { capabilities }),
  ]
  const [stream, theirs] = [await mine.listen(), await sibling.listen()]
  open.push(stream, theirs)
  await mine.post(call({ visit: true }))
  visited!('e1')
  await expect.poll(() => stream.events.length).toBe(1)
  expect(stream.events[0]!.data).toEqual({
    ...{ jsonrpc: '2.0', method: 'notifications/elicitation/complete', params: { elicitationId: 'e1' } },
  })
  expect(theirs.events).toEqual([])
  // The session is over: nobody is told, and nothing breaks.
  await mine.end()
  expect(() => visited!('e2')).not.toThrow()
  // Who cannot be sent to pages is not remembered.
  const plain = await openSession(gateway, { capabilities: { elicitation: {} } })
  await plain.post(call({ visit: true }))
  expect(visited).toBeUndefined()
})
