import fc from 'fast-check'
import { bodyTemplates, type Message, type Template } from './malformed-templates.ts'
import { anyCharacter, junk, lookalikes } from './malformed-values.ts'

/** A request that is wrong somewhere, or right by accident. */
export interface Malformed {
  method: string
  path: string
  headers: Record<string, string>
  body: Buffer | null
  /** Which session id it carries: filled in when it is sent. */
  session: 'none' | 'live' | 'of-another' | 'ended' | 'forged' | 'changed'
  /** What was done to it, for people. */
  how: string
}

type Change = { how: string; apply(message: Message, template: Template): unknown }
type TextChange = { how: string; apply(text: string): string | Buffer }

/** Every place in a message: its owner and the key in it. */
function places(value: unknown, found: [Message, string][] = []): [Message, string][] {
  if (typeof value !== 'object' || value === null) return found
  for (const key of Object.keys(value)) {
    found.push([value as Message, key])
    places((value as Message)[key], found)
  }
  return found
}

const at = fc.nat(1_000)
const somewhere = (how: string, spot: number, change: (owner: Message, key: string) => void): Change => ({
  how,
  apply(message) {
    const all = places(message)
    const [owner, key] = all[spot % Math.max(all.length, 1)] ?? [message, 'x']
    change(owner, key)
    return message
  },
})

const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(at, junk)
    .map(([spot, value]) =>
      somewhere('a value of another kind', spot, (owner, key) => set(owner, key, value)),
    ),
  at.map((spot) => somewhere('a field left out', spot, (owner, key) => void delete owner[key])),
  fc.tuple(at, fc.constantFrom(...lookalikes)).map(([spot, name]) =>
    somewhere('a field that only looks the same', spot, (owner, key) => {
      set(owner, name, owner[key])
      delete owner[key]
    }),
  ),
  fc
    .tuple(at, fc.constantFrom(...lookalikes), junk)
    .map(([spot, name, value]) => somewhere('one field more', spot, (owner) => set(owner, name, value))),
  fc
    .constantFrom<[string, unknown]>(
      ['jsonrpc', '1.0'],
      ['jsonrpc', 2],
      ['jsonrpc', ['2.0']],
      ['id', null],
      ['id', {}],
      ['id', [1]],
      ['id', 1.5],
      ['id', true],
      ['id', 'x'.repeat(10_000)],
      ['id', '__proto__'],
      ['params', []],
      ['params', 'x'],
      ['params', null],
      ['result', {}],
      ['error', { code: 'x' }],
      ['method', 7],
    )
    .map(
      ([key, value]): Change => ({
        how: `a wrong envelope: ${key}`,
        apply: (message) => ({ ...message, [key]: value }),
      }),
    ),
  fc.constantFrom<Change>(
    { how: 'a batch', apply: (message) => [message, message] },
    { how: 'a batch of many', apply: (message) => Array.from({ length: 40 }, () => message) },
    { how: 'wrapped', apply: (message) => ({ message }) },
    { how: 'a string of it', apply: (message) => JSON.stringify(message) },
    { how: 'a notification of it', apply: ({ id, ...message }) => message },
    { how: 'an answer of it', apply: ({ method, params, ...message }) => ({ ...message, result: params }) },
  ),
)

const set = (owner: Message, key: string, given: unknown) => {
  // Some values are given again and again: put into itself, one would never end.
  const value = structuredClone(given)
  // an own field, whatever it is called
  Object.defineProperty(owner, key, { value, enumerable: true, configurable: true, writable: true })
}

const textChange: fc.Arbitrary<TextChange> = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map(
    (share): TextChange => ({
      how: 'cut off',
      apply: (text) => text.slice(0, Math.floor(text.length * share)),
    }),
  ),
  fc
    .tuple(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.string({ unit: anyCharacter, minLength: 1, maxLength: 3 }),
    )
    .map(
      ([share, more]): TextChange => ({
        how: 'something between',
        apply: (text) => {
          const cut = Math.floor(text.length * share)
          return text.slice(0, cut) + more + text.slice(cut)
        },
      }),
    ),
  fc.constantFrom<TextChange>(
    { how: 'nothing', apply: () => '' },
    { how: 'a byte order mark', apply: (text) => `\ufeff${text}` },
    { how: 'UTF-16', apply: (text) => Buffer.from(text, 'utf16le') },
    {
      how: 'bytes that are no UTF-8',
      apply: (text) => Buffer.from([0xff, 0xfe, 0xc0, ...Buffer.from(text)]),
    },
    { how: 'half a character', apply: (text) => Buffer.from(text.replace('"2.0"', '"\xe2\x82"'), 'latin1') },
    { how: 'a key twice', apply: (text) => text.replace('{', '{"method":"ping","id":7,') },
    { how: 'a key twice, the other first', apply: (text) => text.replace(/}$/, ',"method":"tools/call"}') },
    { how: 'a number beyond all', apply: (text) => text.replace(/:\d+/, `:${'9'.repeat(400)}`) },
    { how: 'a number that is none', apply: (text) => text.replace(/:\d+/, ':NaN') },
    { how: 'a comment', apply: (text) => `/* */${text}` },
    { how: 'single quotes', apply: (text) => text.replaceAll('"', "'") },
    { how: 'two messages', apply: (text) => text + text },
    { how: 'deep lists', apply: () => '['.repeat(100_000) },
    { how: 'deep objects', apply: () => '{"a":'.repeat(20_000) },
    { how: 'a form', apply: () => 'jsonrpc=2.0&method=ping&id=1' },
    {
      how: 'XML',
      apply: () => '<?xml version="1.0"?><methodCall><methodName>ping</methodName></methodCall>',
    },
    { how: 'an event', apply: (text) => `event: message\ndata: ${text}\n\n` },
  ),
  fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .map((bytes): TextChange => ({ how: 'noise', apply: () => Buffer.from(bytes) })),
)

const headerValue = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    'null',
    'tools/call',
    'ping',
    '2025-11-25',
    '2026-07-28',
    '2024-11-05',
    'x, y',
    '*/*',
  ),
  fc.constantFrom('text/event-stream', 'text/plain', 'application/json;charset=utf-16', 'gzip', 'identity'),
  fc.constantFrom('=?base64?SGVsbG8=?=', '=?base64?%%%?=', 'é', '\t', 'a'.repeat(3_000), '__proto__'),
  fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 40,
  }),
)
const headerChange = fc.tuple(
  fc.constantFrom(
    'content-type',
    'accept',
    'mcp-protocol-version',
    'mcp-method',
    'mcp-name',
    'mcp-param-region',
    'last-event-id',
    'content-encoding',
    'origin',
    'expect-ct',
    'traceparent',
    'x-forwarded-host',
  ),
  fc.option(headerValue, { nil: null }),
)

const session = fc.constantFrom<Malformed['session']>(
  'none',
  'none',
  'live',
  'live',
  'live',
  'of-another',
  'ended',
  'forged',
  'changed',
)
const path = fc.oneof(
  { weight: 30, arbitrary: fc.constant('/mcp') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '/sse',
      '/messages',
      '/mcp?x=%00',
      '/messages?sessionId=1',
      '/health',
      '/mcp/x',
    ),
  },
)

/** One message of the corpus. The same seed gives the same messages. */
export const malformed: fc.Arbitrary<Malformed> = fc
  .record({
    template: fc.constantFrom(...bodyTemplates),
    changes: fc.array(change, { minLength: 0, maxLength: 3 }),
    texts: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: textChange }),
    headers: fc.array(headerChange, { maxLength: 2 }),
    changeHeaders: fc.nat(3),
    headersFollow: fc.boolean(),
    session,
    path,
    method: fc.oneof(
      { weight: 30, arbitrary: fc.constant('POST') },
      { weight: 2, arbitrary: fc.constantFrom('GET', 'DELETE') },
      { weight: 1, arbitrary: fc.constantFrom('PUT', 'PATCH', 'HEAD', 'OPTIONS') },
    ),
  })
  .map((wanted): Malformed => {
    const how: string[] = [wanted.template.name]
    let message: unknown = structuredClone(wanted.template.message)
    for (const step of wanted.changes) {
      how.push(step.how)
      message =
        typeof message === 'object' && message !== null
          ? step.apply(message as Message, wanted.template)
          : message
    }
    const headers: Record<string, string> = { ...wanted.template.headers }
    if (wanted.headersFollow) follow(headers, message)
    if (wanted.changeHeaders === 0)
      for (const [name, value] of wanted.headers) {
        how.push(`header ${name}`)
        if (value === null) delete headers[name]
        else headers[name] = value
      }
    let body: string | Buffer = JSON.stringify(message) ?? ''
    if (wanted.texts) {
      how.push(wanted.texts.how)
      body = wanted.texts.apply(body)
    }
    const bare = ['GET', 'HEAD', 'DELETE', 'OPTIONS'].includes(wanted.method)
    if (wanted.method !== 'POST') how.push(wanted.method)
    return {
      method: wanted.method,
      path: wanted.path,
      headers,
      body: bare ? null : Buffer.from(body as string),
      session: wanted.template.era === 'modern' && wanted.session === 'live' ? 'none' : wanted.session,
      how: how.join(', '),
    }
  })

/** A modern request gets further when its headers say what its body says. */
function follow(headers: Record<string, string>, message: unknown): void {
  if (headers['mcp-method'] === undefined || typeof message !== 'object' || message === null) return
  const { method, params } = message as { method?: unknown; params?: Message }
  if (typeof method === 'string' && /^[\x21-\x7e]+$/.test(method)) headers['mcp-method'] = method
  const name = params?.name ?? params?.uri
  if (typeof name === 'string' && /^[\x21-\x7e]+$/.test(name)) headers['mcp-name'] = name
  else delete headers['mcp-name']
}
