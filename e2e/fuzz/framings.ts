import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

type Chunk = string | Buffer

/** How a message is put on the way. */
interface Framing {
  how: string
  /** What was meant is plain, so it must be understood. */
  plain: boolean
}
/** On a stream that carries everything: lines (stdio), or events (2024-11-05, and answers that are streams). */
export interface StreamFraming extends Framing {
  chunks(text: string): Chunk[]
}
/** As one answer over HTTP. */
export interface HttpFraming extends Framing {
  status?: number
  headers?: Record<string, string>
  chunks?(text: string): Chunk[]
  /** The connection is closed after so much, whatever was promised. */
  cut?: boolean
  /** Taken here, and answered on the stream that is for what was not asked for (2025-11-25 only). */
  elsewhere?: boolean
}

const inPieces = (text: string): Chunk[] => {
  const bytes = Buffer.from(text)
  const size = Math.max(1, Math.floor(bytes.length / 7))
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  )
}
/** The same message with its id as text. */
const idAsText = (text: string) => text.replace(/"id":(\d+)/, '"id":"$1"')
const withField = (text: string, field: string) => `${text.slice(0, -1)},${field}}`
const noise = '{"jsonrpc":"2.0","method":"notifications/zzz","params":null}'
const unwanted = '{"jsonrpc":"2.0","id":987654321,"result":{}}'

/** Changes of the text itself, good for every transport. */
const texts: { how: string; plain: boolean; of(text: string): string }[] = [
  { how: 'as it is', plain: true, of: (text) => text },
  { how: 'its id as text', plain: true, of: idAsText },
  { how: 'error: null beside the result', plain: true, of: (text) => withField(text, '"error":null') },
  {
    how: 'method and params null',
    plain: true,
    of: (text) => withField(text, '"method":null,"params":null'),
  },
  { how: 'fields more', plain: true, of: (text) => withField(text, '"x":{},"meta":null') },
  { how: 'spaces around', plain: true, of: (text) => ` \t${text} ` },
  { how: 'everything escaped', plain: true, of: (text) => text.replace(/block/g, '\\u0062lock') },
  { how: 'no jsonrpc', plain: false, of: (text) => text.replace('"jsonrpc":"2.0",', '') },
  { how: 'jsonrpc 1.0', plain: false, of: (text) => text.replace('"jsonrpc":"2.0"', '"jsonrpc":"1.0"') },
  { how: 'the id of nobody', plain: false, of: (text) => text.replace(/"id":\d+/, '"id":55') },
  { how: 'id null', plain: false, of: (text) => text.replace(/"id":\d+/, '"id":null') },
  { how: 'a list of it', plain: false, of: (text) => `[${text}]` },
  { how: 'cut off', plain: false, of: (text) => text.slice(0, text.length / 2) },
  { how: 'a string of it', plain: false, of: (text) => JSON.stringify(text) },
  { how: 'a comment before', plain: false, of: (text) => `/* */${text}` },
]

export const stdioFramings: StreamFraming[] = [
  ...texts.map(({ how, plain, of }) => ({ how, plain, chunks: (text: string) => [`${of(text)}\n`] })),
  { how: 'CRLF', plain: true, chunks: (text) => [`${text}\r\n`] },
  { how: 'a byte order mark', plain: true, chunks: (text) => [`\ufeff${text}\n`] },
  { how: 'blank lines around', plain: true, chunks: (text) => [`\n\r\n  \n${text}\n\n`] },
  { how: 'in pieces', plain: true, chunks: (text) => inPieces(`${text}\n`) },
  { how: 'twice', plain: true, chunks: (text) => [`${text}\n${text}\n`] },
  {
    how: 'after a banner',
    plain: true,
    chunks: (text) => [`Server \u001b[31mready\u001b[0m!\n> \n${text}\n`],
  },
  {
    how: 'after JSON of another kind',
    plain: true,
    chunks: (text) => [`{"level":"info"}\n[1]\nnull\n7\n${text}\n`],
  },
  { how: 'after messages for nobody', plain: true, chunks: (text) => [`${noise}\n${unwanted}\n${text}\n`] },
  {
    how: 'after bytes that are no UTF-8',
    plain: true,
    chunks: (text) => [Buffer.from([0xff, 0xfe, 10]), `${text}\n`],
  },
  { how: 'after half of another', plain: true, chunks: (text) => [`${text.slice(0, 40)}\n${text}\n`] },
]

const event = (text: string) => `event: message\ndata: ${text}\n\n`

/** How the stream of 2024-11-05 begins, and whether it is plain where messages go. */
export const endpointFramings: readonly (readonly [string, boolean])[] = [
  ['event: endpoint\r\ndata: /messages?sessionId=1\r\n\r\n', true],
  ['\ufeffevent: endpoint\ndata: /messages?sessionId=1\n\n', true],
  ['event:endpoint\ndata:/messages?sessionId=1\n\n', true],
  ['data: /messages?sessionId=1\nevent: endpoint\n\n', true],
  [': hello\n\nid: 1\nretry: 100\nevent: endpoint\ndata: /messages?sessionId=1\n\n', true],
  ['event: ping\ndata: {}\n\nevent: endpoint\ndata: /messages?sessionId=1\n\n', true],
  ['event: endpoint\ndata: messages?sessionId=1\n\n', true],
  ['event: endpoint\ndata: /messages?a=null&sessionId=\n\n', true],
  ['event: endpoint\ndata: \n\n', false],
  ['event: endpoint\ndata: null\n\n', false],
  ['event: endpoint\ndata: {"uri":"/messages"}\n\n', false],
  ['event: endpoint\ndata: https://example.com/messages\n\n', false],
  ['event: endpoint\ndata: //example.com/messages\n\n', false],
  ['data: /messages\n\n', false],
  ['', false],
]

/** Of the stream of 2024-11-05, and of answers that are streams. */
export const eventFramings: StreamFraming[] = [
  ...texts.map(({ how, plain, of }) => ({ how, plain, chunks: (text: string) => [event(of(text))] })),
  { how: 'CRLF', plain: true, chunks: (text) => [event(text).replaceAll('\n', '\r\n')] },
  { how: 'CR', plain: true, chunks: (text) => [event(text).replaceAll('\n', '\r')] },
  { how: 'no event name', plain: true, chunks: (text) => [`data: ${text}\n\n`] },
  { how: 'no space after the colon', plain: true, chunks: (text) => [`event:message\ndata:${text}\n\n`] },
  { how: 'the name after the data', plain: true, chunks: (text) => [`data: ${text}\nevent: message\n\n`] },
  { how: 'comments between', plain: true, chunks: (text) => [`: ping\n\n:\n${event(text)}: x\n\n`] },
  { how: 'ids and retries', plain: true, chunks: (text) => [`id: 7\nretry: 10000\n${event(text)}`] },
  { how: 'an empty event before', plain: true, chunks: (text) => [`id: 1\ndata: \n\n${event(text)}`] },
  {
    how: 'unknown events before',
    plain: true,
    chunks: (text) => [`event: ping\ndata: {}\n\nfoo: x\n\n${event(text)}`],
  },
  {
    how: 'data on two lines',
    plain: true,
    chunks: (text) => [`event: message\ndata: ${text.replace(',"', ',\ndata: "')}\n\n`],
  },
  { how: 'in pieces', plain: true, chunks: (text) => inPieces(event(text)) },
  { how: 'twice', plain: true, chunks: (text) => [event(text), event(text)] },
  {
    how: 'after messages for nobody',
    plain: true,
    chunks: (text) => [event(noise), event(unwanted), event(text)],
  },
  { how: 'after data that is no JSON', plain: true, chunks: (text) => [event('hello'), event(text)] },
]

const json = { 'content-type': 'application/json' }
const typed = (type: string): HttpFraming => ({
  how: `content-type ${type || 'left out'}`,
  plain: /json/i.test(type),
  headers: type === '' ? {} : { 'content-type': type },
})
const packed = (encoding: string, pack: (text: string) => Buffer): HttpFraming => ({
  how: encoding,
  plain: true,
  headers: { ...json, 'content-encoding': encoding },
  chunks: (text) => [pack(text)],
})
const failed = (status: number, body: string, type: string): HttpFraming => ({
  how: `HTTP ${status} ${type}`,
  plain: false,
  status,
  headers: { 'content-type': type },
  chunks: () => [body],
})
const stream = { 'content-type': 'text/event-stream' }

export const httpFramings: HttpFraming[] = [
  ...texts.map(({ how, plain, of }) => ({ how, plain, headers: json, chunks: (text: string) => [of(text)] })),
  ...eventFramings.map((one) => ({ ...one, how: `events: ${one.how}`, headers: stream })),
  { how: 'a byte order mark', plain: true, headers: json, chunks: (text) => [`\ufeff${text}`] },
  {
    how: 'events: a byte order mark',
    plain: true,
    headers: stream,
    chunks: (text) => [`\ufeff${event(text)}`],
  },
  {
    how: 'written over lines',
    plain: true,
    headers: json,
    chunks: (text) => [text.replaceAll(',"', ',\r\n "')],
  },
  { how: 'in pieces', plain: true, headers: json, chunks: inPieces },
  ...[
    'application/json; charset=utf-8',
    'Application/JSON;Charset=UTF-8',
    'application/json;',
    'text/plain',
    '',
  ].map(typed),
  packed('gzip', gzipSync),
  packed('x-gzip', gzipSync),
  packed('deflate', deflateSync),
  packed('br', brotliCompressSync),
  packed('GZIP', gzipSync),
  {
    how: 'events: gzip',
    plain: true,
    headers: { ...stream, 'content-encoding': 'gzip' },
    chunks: (text) => [gzipSync(event(text))],
  },
  { how: 'said to be gzip and is not', plain: false, headers: { ...json, 'content-encoding': 'gzip' } },
  { how: 'encoding of no kind', plain: false, headers: { ...json, 'content-encoding': 'zzz' } },
  { how: 'HTTP 201', plain: true, status: 201, headers: json },
  { how: 'HTTP 202, and the answer on the other stream', plain: true, elsewhere: true },
  { how: 'HTTP 202 and nothing', plain: false, status: 202, chunks: () => [] },
  { how: 'HTTP 204', plain: false, status: 204, chunks: () => [] },
  { how: 'HTTP 200 and nothing', plain: false, headers: json, chunks: () => [] },
  { how: 'HTTP 500 with the answer', plain: false, status: 500, headers: json },
  failed(500, '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"boom"}}', 'application/json'),
  failed(500, '<html>boom</html>', 'text/html'),
  failed(502, 'Bad gateway', 'text/plain'),
  failed(503, '', 'text/plain'),
  failed(400, '{"error":"Bad request"}', 'application/json'),
  failed(200, '<html>Please sign in</html>', 'text/html'),
  {
    how: 'a redirect elsewhere',
    plain: false,
    status: 302,
    headers: { location: 'https://example.com/' },
    chunks: () => [],
  },
  { how: 'cut off in the middle', plain: false, headers: { ...json, 'content-length': '100000' }, cut: true },
  {
    how: 'events: cut off',
    plain: false,
    headers: stream,
    chunks: (text) => [event(text).slice(0, 30)],
    cut: true,
  },
  { how: 'closed without a word', plain: false, chunks: () => [], cut: true },
]
