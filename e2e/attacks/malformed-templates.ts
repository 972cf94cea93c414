export type Message = Record<string, unknown>

/** A message as a client of one era sends it. */
export interface Template {
  name: string
  era: 'legacy' | 'modern'
  headers: Record<string, string>
  message: Message
}

const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const clientInfo = { name: 'malformed', version: '1' }
const capabilities = { elicitation: { form: {} }, sampling: {}, roots: { listChanged: true } }

const legacy = (method: string, params?: Message, id: unknown = 1): Template => ({
  name: `2025 ${method}`,
  era: 'legacy',
  headers: { ...json, 'mcp-protocol-version': '2025-11-25' },
  message: {
    jsonrpc: '2.0',
    ...(id === undefined ? {} : { id }),
    method,
    ...(params === undefined ? {} : { params }),
  },
})
const notification = (method: string, params?: Message): Template => {
  const template = legacy(method, params)
  delete template.message.id
  return template
}
const answer = (more: Message): Template => ({
  ...legacy('answer'),
  name: '2025 an answer to nobody',
  message: { jsonrpc: '2.0', ...more },
})

const modern = (method: string, params: Message = {}): Template => {
  const name = (params.name ?? params.uri) as string | undefined
  return {
    name: `2026 ${method}`,
    era: 'modern',
    headers: {
      ...json,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(name === undefined ? {} : { 'mcp-name': name }),
    },
    message: {
      jsonrpc: '2.0',
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': clientInfo,
          'io.modelcontextprotocol/clientCapabilities': capabilities,
        },
      },
    },
  }
}

const calls: [string, Message?][] = [
  ['tools/list', {}],
  ['tools/list', { cursor: 'abc' }],
  ['tools/call', { name: 'echo', arguments: { text: 'hello' } }],
  ['tools/call', { name: 'test_simple_text' }],
  ['tools/call', { name: 'test_image_content', arguments: {} }],
  ['tools/call', { name: 'json_schema_2020_12_tool', arguments: { phone: '1', contactMethod: 'phone' } }],
  ['tools/call', { name: 'nobody', arguments: {} }],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['resources/read', { uri: 'test://static-text' }],
  ['resources/read', { uri: 'test://template/123/data' }],
  ['prompts/list', {}],
  ['prompts/get', { name: 'test_prompt_with_arguments', arguments: { arg1: 'a', arg2: 'b' } }],
  [
    'completion/complete',
    {
      ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' },
      argument: { name: 'arg1', value: 't' },
    },
  ],
]

/** What clients of both eras say, one of each. */
export const bodyTemplates: readonly Template[] = [
  legacy('initialize', { protocolVersion: '2025-11-25', capabilities, clientInfo }),
  legacy('ping'),
  ...calls.map(([method, params]) => legacy(method, params)),
  legacy('tools/call', { name: 'echo', arguments: { text: 'x' }, _meta: { progressToken: 'p' } }, 'text-id'),
  legacy('tools/call', { name: 'test_elicitation', arguments: { message: 'Who?' } }),
  legacy('logging/setLevel', { level: 'debug' }),
  legacy('resources/subscribe', { uri: 'test://watched-resource' }),
  legacy('resources/unsubscribe', { uri: 'test://watched-resource' }),
  legacy('roots/list'),
  legacy('sampling/createMessage', { messages: [], maxTokens: 1 }),
  notification('notifications/initialized'),
  notification('notifications/cancelled', { requestId: 1, reason: 'changed my mind' }),
  notification('notifications/progress', { progressToken: 'p', progress: 1, total: 2 }),
  notification('notifications/roots/list_changed'),
  notification('notifications/message', { level: 'info', data: 'hello' }),
  answer({ id: 1, result: { action: 'accept', content: { response: 'yes' } } }),
  answer({ id: 'd1', result: { content: [{ type: 'text', text: 'not yours' }] } }),
  answer({ id: 2, error: { code: -32000, message: 'no' } }),
  modern('server/discover'),
  ...calls.map(([method, params]) => modern(method, params)),
  modern('tools/call', { name: 'test_input_required_result_elicitation', arguments: {} }),
  modern('tools/call', {
    name: 'test_input_required_result_request_state',
    arguments: {},
    inputResponses: { confirm: { action: 'accept', content: { ok: true } } },
    requestState: 'v1.forged.state',
  }),
  modern('prompts/get', { name: 'test_input_required_result_prompt', inputResponses: { user_context: {} } }),
  modern('subscriptions/listen', { notifications: { toolsListChanged: true } }),
  modern('ping'),
]
