import fc from 'fast-check'

/** Names that are not what they seem. */
export const lookalikes = [
  'Method',
  'METHOD',
  'method\u0000',
  'met\u200bhod',
  'ｍethod',
  'paramſ',
  'Params',
  'jsonrpс',
  'ⅰd',
  'ID',
  '__proto__',
  'constructor',
  'toString',
  '',
  ' id',
]
const oddStrings = [
  '',
  '\u0000',
  '\ud800',
  'tools/Call',
  'tools/call ',
  'TOOLS/LIST',
  'tools∕call',
  '../tools/list',
  'rpc.discover',
  'notifications/',
  'notifications/initialized',
  '__proto__',
  'hasOwnProperty',
  'd1',
  'test://\u202e/x',
  'file:///etc/passwd',
  'javascript:1',
  '%00%2f..%2f',
  "'; drop table calls; --",
  '\r\nSet-Cookie: a=b',
  '2.0',
  '1999-01-01',
  '9999-99-99',
]

/** Surrogates and noncharacters too. */
export const anyCharacter = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code))

/** Values that stand where others are expected. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, -0, 2 ** 53, -(2 ** 63)) },
  { weight: 6, arbitrary: fc.constantFrom(...oddStrings) },
  { weight: 3, arbitrary: fc.constantFrom<unknown>([], {}, [[]], [null], { '': 0 }, [{}], { length: -1 }) },
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 2, arbitrary: fc.string({ unit: anyCharacter, maxLength: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 10, max: 70_000 }).map((length) => 'x'.repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom(63, 64, 65, 500).map(nested) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 100, max: 3_000 }).map((length) => Array.from({ length }, (_, at) => at)),
  },
)

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = level % 2 ? [value] : { a: value }
  return value
}
