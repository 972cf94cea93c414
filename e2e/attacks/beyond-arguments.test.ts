import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { mcpHeaders, sendRaw } from './raw-requests.ts'

type Raw = Record<string, unknown>

const recorder = fileURLToPath(new URL('./fixture-recorder.ts', import.meta.url))
const record = join(mkdtempSync(join(tmpdir(), 'drawbridge-beyond-')), 'received')
const server = { legacy: 'old', modern: 'new' } as const
const ids: Record<string, string> = {}
let under: InProcess
const tokens = { ask: '', everything: '' }

beforeAll(async () => {
  under = await startInProcess()
  for (const [era, name] of Object.entries(server)) {
    const args = [recorder, record, ...(era === 'modern' ? ['--modern'] : [])]
    const added = await under.ask('servers.add', {
      ...{ kind: 'stdio', name, command: process.execPath, args },
    })
    expect(added.protocol).toBe(era === 'modern' ? '2026-07-28' : '2025-11-25')
    ids[name] = added.id
  }
  for (const access of ['ask', 'everything'] as const) {
    const made = await under.ask('keys.create', { name: access, access })
    tokens[access] = made.token
  }
})
afterAll(() => under?.stop())
beforeEach(() => writeFileSync(record, ''))

const protocol = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1', title: 'smuggled in info' },
  'io.modelcontextprotocol/clientCapabilities': {
    elicitation: { form: { note: 'smuggled in a form' } },
    experimental: { 'x/y': { note: 'smuggled in experimental' } },
    extensions: { 'x/y': { note: 'smuggled in extensions' } },
  },
}
/** One request as a client of one era writes it. */
async function send(
  era: 'legacy' | 'modern',
  method: string,
  params: Raw,
  token: string,
): Promise<{ result?: Raw; error?: { code: number; message: string } }> {
  const { _meta, ...rest } = params
  const name = (params.name ?? params.uri) as string | undefined
  const { text } = await sendRaw(under, {
    method: 'POST',
    path: '/mcp',
    headers: {
      ...mcpHeaders(token),
      ...(era === 'modern' && {
        ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method },
        ...(name !== undefined && { 'mcp-name': name }),
      }),
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method },
      params: { ...rest, _meta: { ...(era === 'modern' && protocol), ...(_meta as Raw) } },
    }),
  })
  return JSON.parse(text)
}

/** What the servers got of requests that clients made. */
const got = (method = 'tools/call'): { params: Raw; line: string }[] =>
  readFileSync(record, 'utf8')
    .split('\n')
    .filter((line) => line.includes(`"${method}"`))
    .map((line) => ({ params: JSON.parse(line).params, line }))

async function allow(): Promise<void> {
  const list = () => under.ask('approvals.list')
  await expect.poll(async () => (await list()).length).toBe(1)
  const { id, seen } = await under.ask('approvals.get', { id: (await list())[0]!.id })
  await under.ask('approvals.decide', { id, decision: 'once', seen })
}

/** As documented by their makers, and of the same kind. */
const person: Raw = {
  'openai/userLocation': { city: 'who-is-asking' },
  'openai/subject': 'who-is-asking',
  'openai/session': 'who-is-asking',
  'openai/organization': 'who-is-asking',
  'openai/userAgent': 'who-is-asking',
  'openai/locale': 'who-is-asking',
  'openai/widgetSessionId': 'who-is-asking',
  'openai/of-tomorrow': 'who-is-asking',
  'com.openai/subject': 'who-is-asking',
  'OpenAI/Subject': 'who-is-asking',
  timezone_offset_minutes: 'who-is-asking',
  'x-codex-turn-metadata': 'who-is-asking',
  'claudeai/userId': 'who-is-asking',
  'anthropic/user': 'who-is-asking',
  'claudecode/toolUseId': 'who-is-asking',
  'vscode.conversationId': 'who-is-asking',
  'ai.opencode/sessionID': 'who-is-asking',
  'antigravity.google/conversation_id': 'who-is-asking',
  'agent-session-id': 'who-is-asking',
  sessionId: 'who-is-asking',
  threadId: 'who-is-asking',
  'openai.subject': 'who-is-asking',
  'openai:userLocation': 'who-is-asking',
  openai_session: 'who-is-asking',
  'api.openai.com/organization': 'who-is-asking',
  'chatgpt.com/user': 'who-is-asking',
  'user/location': 'who-is-asking',
  'x-conversation-id': 'who-is-asking',
}
const trace = { traceparent: '00-11111111111111111111111111111111-2222222222222222-01', 'com.example/x': 'y' }

const requests: [string, (name: string) => Raw][] = [
  ['tools/call', (name) => ({ name: `${name}__look`, arguments: {} })],
  ['prompts/get', (name) => ({ name: `${name}__prompt`, arguments: {} })],
  ['resources/read', () => ({ uri: 'recorder://one' })],
  [
    'completion/complete',
    (name) => ({
      ref: { type: 'ref/prompt', name: `${name}__prompt` },
      argument: { name: 'a', value: 'b' },
    }),
  ],
]
const pairings = (['legacy', 'modern'] as const).flatMap((client) =>
  (['legacy', 'modern'] as const).map((to) => [client, to] as const),
)

it.each(pairings)('no server learns who is asking, of a %s client nor being %s itself', async (era, to) => {
  for (const [method, params] of requests) {
    const answer = await send(
      era,
      method,
      { ...params(server[to]), _meta: { ...person, ...trace } },
      tokens.everything,
    )
    expect(answer.result, `${method}: ${JSON.stringify(answer)}`).toBeDefined()
    const [one, ...more] = got(method)
    expect(more).toEqual([])
    expect(one!.line).not.toContain('who-is-asking')
    // what is nobody's is passed on
    expect(one!.params._meta).toMatchObject(trace)
  }
})

it('one that may know is told, by its owner’s word and no longer than it is the same one', async () => {
  const call = () =>
    send('modern', 'tools/call', { name: 'new__look', arguments: {}, _meta: person }, tokens.everything)
  await under.ask('servers.update', { id: ids.new!, passesClientContext: true })
  await call()
  expect(got().at(-1)!.params._meta).toMatchObject(person)
  const args = [recorder, record, '--modern', 'other']
  await under.ask('servers.edit', {
    ...{ id: ids.new!, name: 'new', kind: 'stdio', command: process.execPath, args, env: {} },
  })
  const servers = await under.ask('servers.list')
  expect(servers.find(({ id }) => id === ids.new)!.passesClientContext).toBe(false)
  await call()
  expect(got().at(-1)!.line).not.toContain('who-is-asking')
})

it.each(pairings)(
  'with a call that was asked about goes nothing else: %s client, %s server',
  async (era, to) => {
    await under.ask('servers.update', { id: ids[server[to]]!, passesClientContext: true })
    const params = {
      ...{ name: `${server[to]}__run`, arguments: { path: 'a' } },
      ...{ inputResponses: { who: { action: 'accept', content: { x: 'smuggled in an answer' } } } },
      ...{ task: { note: 'smuggled in a field' }, more: 'smuggled in another' },
      _meta: { ...person, ...trace, note: 'smuggled in meta', progressToken: 'smuggled in a token' },
    }
    const answer = send(era, 'tools/call', params, tokens.ask)
    await allow()
    expect(JSON.stringify(await answer)).toContain('done')
    const [one, ...more] = got()
    expect(more).toEqual([])
    expect(one!.line).not.toMatch(/smuggled|who-is-asking|com\.example|traceparent/)
    expect(one!.params).toMatchObject({ name: 'run', arguments: { path: 'a' } })
    expect(Object.keys(one!.params).filter((key) => key !== '_meta')).toEqual(['name', 'arguments'])
    for (const key of Object.keys((one!.params._meta ?? {}) as Raw))
      expect(key).toMatch(
        /^(progressToken|io\.modelcontextprotocol\/(protocolVersion|clientInfo|clientCapabilities))$/,
      )
  },
)

it('an answer comes with the question it belongs to, of a round that was ours, for the same arguments', async () => {
  const call = (more: Raw, args: Raw = { path: 'a' }) =>
    send('modern', 'tools/call', { name: 'new__ask', arguments: args, ...more }, tokens.ask)
  const inputResponses = { who: { action: 'accept', content: { name: 'Ada' } } }
  for (const requestState of ['theirs', 'made up']) {
    const refused = await call({ inputResponses, requestState })
    expect(refused.error).toMatchObject({ code: -32602 })
  }
  expect(got()).toEqual([])
  // without a state it is a first round, to which nothing is an answer
  const first = call({ inputResponses })
  await allow()
  const { result } = await first
  expect(result).toMatchObject({ resultType: 'input_required' })
  expect(got().map(({ params }) => params.inputResponses)).toEqual([undefined])
  const { requestState } = result as { requestState: string }
  const other = await call({ inputResponses, requestState }, { path: 'b' })
  expect(other.error).toMatchObject({ code: -32602 })
  expect(JSON.stringify(await call({ inputResponses, requestState }))).toContain('done')
  expect(got().map(({ params }) => [params.inputResponses, params.requestState])).toEqual([
    [undefined, undefined],
    [inputResponses, 'theirs'],
  ])
  // used up: it is asked about again, as a first round without answers
  const again = call({
    inputResponses: { who: { action: 'accept', content: { name: 'Eve' } } },
    requestState,
  })
  await allow()
  expect((await again).result).toMatchObject({ resultType: 'input_required' })
  expect(got().at(-1)!.line).not.toMatch(/Eve|theirs/)
})
