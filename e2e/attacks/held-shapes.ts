import { connect } from 'node:net'
import type { MeasuredHost } from '../fixtures/measured-host.ts'

/** Who attacks, and with what. */
export interface Attack {
  host: MeasuredHost
  /** A POST to the endpoint; `as`: a key that may do everything, or one whose changes need a word. Resolves to the answer's text. */
  post(body: string, as?: 'free' | 'asking' | 'nobody', headers?: Record<string, string>): Promise<string>
  /** Anything else at the public port. */
  fetch(path: string, init?: RequestInit): Promise<string>
  /** `subscriptions/listen`; ends the stream once it was acknowledged. */
  listen(uris: readonly string[]): Promise<string>
}

export interface Shape {
  name: string
  run(attack: Attack): Promise<unknown>
  /** What must be in the last answer, so that the shape reaches what it is meant for. */
  answer?: RegExp
}

const M = 1_000_000
const rpc = (method: string, params: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`
const call = (tool: string, args: string) =>
  rpc('tools/call', `{"name":"hostile__${tool}","arguments":${args}}`)
const list = (count: number, make: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n)).join(',')

/** Arguments of about 4 MB, each of another kind. */
const larges: Record<string, [args: string, answer: RegExp]> = {
  'a text': [`{"a":"${'x'.repeat(3.9 * M)}"}`, /ran/],
  'a text of quotes': [`{"a":"${'\\"'.repeat(1.9 * M)}"}`, /ran/],
  'a text of escapes': [`{"a":"${'\\u202e'.repeat(650_000)}"}`, /ran/],
  'a text like secrets': [`{"a":"${'eyJ://a:sk-Bearer token= '.repeat(150_000)}"}`, /ran/],
  'spaces in it': [`{"a":${' '.repeat(3.9 * M)}1}`, /ran/],
  'ten thousand keys': [`{${list(10_000, (n) => `"key ${n}":"${'x'.repeat(300)}"`)}}`, /ran/],
  records: [`{"a":[${list(25_000, (n) => `{"name":"n${n}","value":${n}}`)}]}`, /ran/],
  'small values': [`{"a":[${'[],'.repeat(1.3 * M)}[]]}`, /too many values/],
  'new names': [`{"a":[${list(250_000, (n) => `{"a${n}":1}`)}]}`, /too many fields/],
  'deep nesting': [`${'{"a":'.repeat(600_000)}1${'}'.repeat(600_000)}`, /nested more than/],
  'long names': [`{${list(6_000, (n) => `"${'k'.repeat(600)}${n}":1`)}}`, /ran/],
  numbers: [`{"a":[${'1.7976931348623157e308,'.repeat(90_000)}0]}`, /ran/],
}

const hostileSchemas = ['enum', 'not', 'propertyNames', 'pattern', 'unique'].map(
  (name): Shape => ({
    name: `62 kB of arguments against a schema with ${name}`,
    run: ({ post }) =>
      post(call(name, `{"list":[${list(1_400, (n) => `{"a":["${'a'.repeat(24)}!",{"b":${n}}]}`)}]}`)),
    answer: /ran/,
  }),
)

/** What the server of the attack is asked to answer. */
const served: [kind: string, answer: RegExp][] = [
  ['many texts', /"text":"x"/],
  ['parts of no kind', /answer of 25000 parts/],
  ['parts with annotations', /answer of 14000 parts/],
  ['small values', /too many small parts/],
  ['new names', /too many small parts/],
  ['a structure', /structuredContent/],
  ['a large text', /plain_words/],
  ['a text of secrets’ beginnings', /eyJ/],
  ['a large picture', /AAAA/],
  ['deep nesting', /nested too deeply/],
  ['wide _meta', /"text":"x"/],
  ['much progress', /"text":"x"/],
  ['many logs', /"text":"x"/],
  ['one large log', /"text":"x"/],
  ['many updates', /"text":"x"/],
  ['many questions', /"text":"x"/],
  ['standard error of spaces', /"text":"x"/],
  ['rubbish on standard output', /"text":"x"/],
  ['a line that never ends', /"text":"x"/],
]

const searches: Record<string, string> = {
  'of one letter': 'x',
  'of what is in every row': 'hostile plain arguments',
  'of what is in none': 'zqjxvk zqjxvk',
  'of threes that are everywhere': 'hostilehostile hostileplain',
  'of syntax': '" OR * NEAR(a b) ^ - : { } AND NOT "'.repeat(5),
  'of quotes': '"'.repeat(200),
}

/** Sends 64 kB of small requests in one piece; resolves when the connection was cut. */
function sendAhead(url: string): Promise<void> {
  const { port, host } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {})
  socket.resume()
  socket.write(`GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(1_300))
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

export const shapes: readonly Shape[] = [
  ...Object.entries(larges).map(
    ([name, [args, answer]]): Shape => ({
      name: `4 MB of arguments: ${name}`,
      run: ({ post }) => post(call('plain', args)),
      answer,
    }),
  ),
  ...hostileSchemas,
  {
    name: 'arguments that thousands of headers should repeat',
    run: ({ post }) => post(call('headers', `{${list(4_000, (n) => `"name ${n}":"x"`)}}`)),
    answer: /ran/,
  },
  ...served.map(
    ([kind, answer]): Shape => ({
      name: `a server’s answer: ${kind}`,
      run: ({ post }) => post(call('plain', JSON.stringify({ kind }))),
      answer,
    }),
  ),
  {
    name: 'a server’s resource of 25,000 parts',
    run: ({ post }) => post(rpc('resources/read', '{"uri":"b://1"}')),
    answer: /answer of (?:25|12)000 parts/,
  },
  {
    name: 'a server’s prompt of 12,000 messages, the first of them wrong',
    run: ({ post }) => post(rpc('prompts/get', '{"name":"hostile__odd"}')),
    answer: /answer of (?:25|12)000 parts/,
  },
  {
    name: 'a server’s completion of 90,000 values',
    run: ({ post }) =>
      post(
        rpc(
          'completion/complete',
          '{"ref":{"type":"ref/prompt","name":"hostile__p"},"argument":{"name":"a","value":"b"}}',
        ),
      ),
    answer: /completion|does not fit/,
  },
  {
    name: 'listening to 1,000 long URIs against 20 templates',
    run: ({ listen }) => listen(Array.from({ length: 1_000 }, (_, n) => `a://${'b'.repeat(240)}${n}`)),
    answer: /resourceSubscriptions":\["a:/,
  },
  {
    name: 'listening to 1,000 URIs of 8 kB',
    run: ({ listen }) => listen(Array.from({ length: 400 }, (_, n) => `a://${'b'.repeat(8_000)}${n}`)),
    answer: /SubscriptionFilter/,
  },
  {
    name: 'reading a URI that nearly fits all templates',
    run: ({ post }) => post(rpc('resources/read', `{"uri":"a://${'b'.repeat(8_100)}x"}`)),
  },
  {
    name: 'completing a URI of 4 MB',
    run: ({ post }) =>
      post(
        rpc(
          'completion/complete',
          `{"ref":{"type":"ref/resource","uri":"a://${'b'.repeat(3.9 * M)}"},"argument":{"name":"a","value":"b"}}`,
        ),
      ),
  },
  {
    name: 'a tool’s name of 4 MB',
    run: ({ post }) => post(call('\\u200b'.repeat(600_000), '{}')),
    answer: /Unknown tool/,
  },
  { name: 'a method of 4 MB', run: ({ post }) => post(rpc('x'.repeat(3.9 * M), '{}')) },
  {
    name: '_meta of 10,000 names',
    run: ({ post }) =>
      post(
        rpc(
          'tools/call',
          `{"name":"hostile__plain","_meta":{${list(10_000, (n) => `"m${n}":{"a":[${n}]}`)}}}`,
        ),
      ),
    answer: /ran/,
  },
  {
    name: 'a client’s icons, 95,000 that are none',
    run: ({ post }) =>
      post(
        rpc(
          'tools/list',
          `{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"x","version":"1","icons":[${list(95_000, () => '1')}]}}}`,
        ),
        'free',
        { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' },
      ),
    answer: /Invalid _meta/,
  },
  {
    name: '20 changes of 9,000 keys at once that wait for approval',
    run: ({ post }) =>
      Promise.all(
        Array.from({ length: 20 }, () =>
          post(call('write', `{${list(9_000, (n) => `"k${n}":"${'x'.repeat(15)}"`)}}`), 'asking'),
        ),
      ),
  },
  {
    name: 'a change of 4 MB that waits for approval',
    run: ({ post }) => post(call('write', larges['a text']![0]), 'asking'),
  },
  {
    name: 'a change of 25,000 records that waits for approval',
    run: ({ post }) => post(call('write', larges.records![0]), 'asking'),
  },
  {
    name: 'a change of 10,000 keys that waits for approval',
    run: ({ post }) => post(call('write', larges['ten thousand keys']![0]), 'asking'),
  },
  {
    name: 'headers of 14 kB in every way',
    run: async ({ post }) => {
      for (const value of [
        ',;='.repeat(4_600),
        'Bearer '.repeat(2_000),
        '=?base64?'.repeat(1_500),
        ' '.repeat(14_000),
      ])
        for (const header of [
          'authorization',
          'cookie',
          'accept',
          'mcp-session-id',
          'x-forwarded-for',
          'origin',
        ])
          await post(rpc('ping', '{}'), 'nobody', { [header]: `x${value}x` })
    },
  },
  {
    name: 'OAuth parameters of 60 kB',
    run: async ({ fetch }) => {
      for (const text of [
        'a.'.repeat(30_000),
        '/..'.repeat(20_000),
        '%25'.repeat(20_000),
        'mcp:use '.repeat(7_500),
        '['.repeat(60_000),
      ]) {
        const body = new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: text,
          client_id: text,
          scope: text,
          resource: text,
        })
        await fetch('/oauth/token', {
          method: 'POST',
          body: body.toString().slice(0, 60_000),
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        })
        await fetch('/oauth/register', {
          method: 'POST',
          body: JSON.stringify({
            redirect_uris: [text.slice(0, 30_000)],
            client_name: text.slice(0, 20_000),
          }),
          headers: { 'content-type': 'application/json' },
        })
        await fetch(
          `/oauth/authorize?client_id=${encodeURIComponent(text).slice(0, 7_000)}&redirect_uri=${encodeURIComponent(text).slice(0, 7_000)}`,
        )
      }
    },
  },
  ...Object.entries(searches).map(
    ([name, search]): Shape => ({
      name: `a search ${name}`,
      run: ({ host }) => host.ask('activity.list', { limit: 100, search }),
    }),
  ),
  {
    name: 'sixty strangers who send thousands of requests ahead at once',
    run: ({ host }) => Promise.all(Array.from({ length: 60 }, () => sendAhead(host.mcpUrl))),
  },
  {
    name: 'a server that is added with 600 tools full of words for assistants',
    async run({ host }) {
      const { args, command } = (await host.ask('servers.list')).find(({ name }) => name === 'Hostile')!
      const added = { name: 'Wordy', command: command!, args: [...args, 'words'] }
      const { id } = await host.addServer({ kind: 'stdio', ...added })
      const { length } = (await host.ask('tools.list')).filter(({ source }) => source === 'Wordy')
      await host.ask('servers.remove', { id })
      return `${length} tools`
    },
    answer: /600 tools/,
  },
  {
    name: 'a tools list of 15 MB that changes all the time',
    async run({ host, post }) {
      await post(call('plain', '{"kind":"large lists"}'))
      let listed = ''
      for (let round = 0; round < 40 && !listed.includes('big_0_'); round += 1) {
        await new Promise((resolve) => setTimeout(resolve, 250))
        // Its owner lets them be used; they go on changing.
        const tools = await host.ask('tools.list')
        const waiting = tools.flatMap(({ id, review }) => (review ? [{ id, seen: review.seen }] : []))
        // Those that changed since cannot be let in as they were.
        if (waiting.length > 0) await host.ask('tools.accept', { tools: waiting }).catch(() => [])
        listed = await post(rpc('tools/list', '{}'))
      }
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      await post(call('plain', '{"kind":"small lists"}'))
      return listed
    },
    answer: /big_0_/,
  },
]
