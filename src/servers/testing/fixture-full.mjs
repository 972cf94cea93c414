// A stdio server by hand that offers everything, in the 2025-11-25 era or, with --modern, in that of 2026-07-28. With --endless its
// lists have no end, with --restless they change all the time. Every entry and result has fields that no schema knows. It writes what it is told to a log that its tool `heard` returns.
import { closeSync } from 'node:fs'
import { createInterface } from 'node:readline'

const isModern = process.argv.includes('--modern')
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
const extra = { 'x-unknown': { deep: [1, { kept: true }] } }
const capabilities = {
  tools: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  prompts: { listChanged: true },
  completions: {},
  logging: {},
}
const info = { name: 'full', version: '1' }
const subscription = 'io.modelcontextprotocol/subscriptionId'
const names = [
  'heard',
  'meta',
  'ask',
  'ask-twice',
  'log',
  'touch',
  'hang',
  'sleep',
  'more-prompts',
  'url',
  'pid',
]
const prompts = ['greet']
const heard = []
const waiting = new Map()
let listening = null
let nextId = 0

const result = (id, value) => send({ id, result: { ...(isModern && { resultType: 'complete' }), ...value } })
const text = (id, value) =>
  result(id, { content: [{ type: 'text', text: String(value), ...extra }], ...extra })
const tell = (method, params = {}) => {
  if (isModern && listening === null && method !== 'notifications/message') return
  send({ method, params: { ...params, ...(isModern && { _meta: { [subscription]: listening } }) } })
}
const ask = (method, params) => {
  nextId += 1
  send({ id: `q${nextId}`, method, params })
  return new Promise((resolve) => waiting.set(`q${nextId}`, resolve))
}
const form = { mode: 'form', message: 'Name?', requestedSchema: { type: 'object', properties: {} } }

async function call(id, params) {
  switch (params.name) {
    case 'heard':
      return text(id, JSON.stringify(heard))
    case 'pid':
      return text(id, process.pid)
    case 'deaf':
      setInterval(() => {}, 1_000)
      text(id, 'deaf')
      return setTimeout(() => closeSync(0), 50)
    case 'lists':
      return text(id, lists)
    case 'meta':
      return text(id, JSON.stringify(params._meta ?? null))
    case 'ask': {
      if (!isModern) return text(id, JSON.stringify(await ask('elicitation/create', form)))
      if (params.inputResponses) return text(id, JSON.stringify([params.inputResponses, params.requestState]))
      const inputRequests = { name: { method: 'elicitation/create', params: form } }
      return send({ id, result: { resultType: 'input_required', inputRequests, requestState: 'state-1' } })
    }
    case 'ask-twice':
      return text(id, JSON.stringify(await Promise.all([1, 2].map(() => ask('elicitation/create', form)))))
    case 'log':
      for (const level of ['debug', 'warning'])
        tell('notifications/message', { level, logger: 'full', data: { said: level } })
      return text(id, 'logged')
    case 'touch':
      tell('notifications/resources/updated', { uri: params.arguments.uri })
      return text(id, 'touched')
    case 'more-prompts':
      prompts.push('bow')
      tell('notifications/prompts/list_changed')
      return text(id, 'more')
    case 'sleep':
      await new Promise((resolve) => setTimeout(resolve, params.arguments.ms))
      return text(id, 'slept')
    // Sends the user to a page, and says afterwards that it was dealt with; twice, and also of one that nobody was sent to.
    case 'visit': {
      const { mode, id: elicitationId } = params.arguments
      const page = { mode: 'url', message: 'Go there', url: 'https://a.example/pay', elicitationId }
      setTimeout(() => {
        for (const one of [elicitationId, elicitationId, 'stranger'])
          send({ method: 'notifications/elicitation/complete', params: { elicitationId: one } })
      }, 100)
      if (mode === 'ask') return text(id, JSON.stringify(await ask('elicitation/create', page)))
      return send({ id, error: { code: -32042, message: 'Go there', data: { elicitations: [page] } } })
    }
    case 'url':
      return send({ id, error: { code: -32042, message: 'go there', data: { elicitations: [] } } })
  }
}

let lists = 0
const deep = (levels) => (levels === 0 ? 1 : { deep: deep(levels - 1) })
const endless = (id, key, cursor) => {
  const from = Number(cursor ?? 0)
  const entry = (number) => ({ name: `n${number}`, uri: `test://${number}`, inputSchema: {} })
  // Prompts go round in a circle, tools and resources on and on; templates are what nobody can write out again.
  if (key === 'prompts') return result(id, { prompts: [entry(from)], nextCursor: String(1 - from) })
  if (key === 'resourceTemplates')
    return result(id, { [key]: [{ uriTemplate: 'deep', name: 'x', ...deep(500) }, { uriTemplate: 1 }, null] })
  const entries = Array.from({ length: 700 }, (_, index) => entry(from + index))
  result(id, { [key]: entries, nextCursor: String(from + 700) })
}
if (process.argv.includes('--restless'))
  setInterval(() => send({ method: 'notifications/prompts/list_changed' }), 20)

const page = (id, key, all, cursor) => {
  lists += 1
  if (process.argv.includes('--endless')) return endless(id, key, cursor)
  const at = Number(cursor ?? 0)
  const next = at + 2
  result(id, {
    [key]: all.slice(at, next),
    ...(next < all.length && { nextCursor: String(next) }),
    ...(isModern && { ttlMs: 0, cacheScope: 'private' }),
  })
}

const handlers = {
  initialize: (id) =>
    result(id, { protocolVersion: '2025-11-25', capabilities, serverInfo: info, instructions: 'Be kind.' }),
  'server/discover': (id) =>
    result(id, {
      supportedVersions: ['2026-07-28'],
      capabilities,
      instructions: 'Be kind.',
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': info },
    }),
  ping: (id) => result(id, {}),
  'tools/list': (id, params) =>
    page(
      id,
      'tools',
      [
        ...names.map((name) => ({ name, inputSchema: { type: 'object' }, ...extra })),
        { name: 'no-schema' },
        { name: 'heard', inputSchema: { type: 'object' } },
        'nonsense',
      ],
      params?.cursor,
    ),
  'resources/list': (id, params) =>
    page(
      id,
      'resources',
      ['a', 'b', 'c'].map((name) => ({ uri: `test://${name}`, name, ...extra })),
      params?.cursor,
    ),
  'resources/templates/list': (id) =>
    page(id, 'resourceTemplates', [{ uriTemplate: 'test://t/{id}', name: 't', ...extra }]),
  'prompts/list': (id, params) =>
    page(
      id,
      'prompts',
      prompts.map((name) => ({ name, ...extra })),
      params?.cursor,
    ),
  'resources/read': (id, { uri }) =>
    uri.startsWith('test://')
      ? result(id, { contents: [{ uri, text: 'hello', ...extra }], ttlMs: 5, cacheScope: 'public', ...extra })
      : send({ id, error: { code: -32002, message: 'no such thing', data: { uri } } }),
  'prompts/get': (id, params) =>
    result(id, { messages: [{ role: 'user', content: { type: 'text', text: params.name } }], ...extra }),
  'completion/complete': (id, params) =>
    result(id, { completion: { values: [`${params.argument.value}!`], total: 1, hasMore: false, ...extra } }),
  'logging/setLevel': (id) => result(id, {}),
  'resources/subscribe': (id) => result(id, {}),
  'resources/unsubscribe': (id) => result(id, {}),
  'tools/call': (id, params) => void call(id, params),
  'subscriptions/listen': (id, { notifications }) => {
    listening = id
    send({
      method: 'notifications/subscriptions/acknowledged',
      params: { _meta: { [subscription]: id }, notifications },
    })
  },
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { id, method, params, result: answer, error } = JSON.parse(line)
    if (method === undefined) return waiting.get(id)?.(answer ?? { error })
    if (!['tools/list', 'tools/call', 'initialize', 'server/discover'].includes(method))
      heard.push([method, params?.level ?? params?.uri ?? params?.requestId ?? params?.notifications ?? null])
    if (id === undefined) return
    const isOfEra = isModern ? method !== 'initialize' && method !== 'ping' : method !== 'server/discover'
    const handle = isOfEra ? handlers[method] : undefined
    if (handle) handle(id, params)
    else send({ id, error: { code: -32601, message: 'Method not found' } })
  })
  .on('close', () => process.exit(0))
