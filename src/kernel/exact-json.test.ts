import { describe, expect, it, vi } from 'vitest'
import { isRawNumber, parseExact, plain } from './exact-json.ts'

const odd = [
  '9007199254740993',
  '1e400',
  '-0',
  '1.0',
  '1e5',
  '0.00000001',
  '12345678901234567890123',
  '2.50',
  '-1E-7',
]
const even = ['0', '-1', '1.5', '9007199254740991', '0.1', '0.30000000000000004', '1e+21', '123456789.125']

describe('JSON whose numbers keep their text', () => {
  it.each(odd)('%s comes out as it came in, wherever it stands', (number) => {
    const text = `{"a":${number},"b":[1,${number},{"c":${number}}],"__proto__":{"d":${number}},"s":"${number}"}`
    expect(JSON.stringify(parseExact(text))).toBe(text)
    expect(plain(parseExact(text))).toEqual(JSON.parse(text))
  })

  it.each(even)('%s stays an ordinary number', (number) => {
    const { a } = parseExact(`{"a":${number},"b":1.0}`) as { a: unknown }
    expect(a).toBe(Number(number))
    expect(isRawNumber(a)).toBe(false)
  })

  it('takes nothing within a text for a number', () => {
    const value = { a: 'x: 1.0, "b": 9007199254740993', 'k:1.0': '\\":2.0', n: 1 }
    const text = JSON.stringify(value).replace('"n":1', '"n":1.0')
    expect(JSON.stringify(parseExact(text))).toBe(text)
    expect(plain(parseExact(text))).toEqual(value)
  })

  it.each(['{"a":01.0}', '{"a":1.e5}', '{"a":1.0', '{"a":1.0.0}', '{"a":1.0 1.0}', '{"a":-1.0-}', '{1.0:1}'])(
    '%s is as wrong as it was',
    (text) => expect(() => parseExact(text)).toThrow(SyntaxError),
  )

  it('looks through no message for the sake of its version', () => {
    const looks = vi.spyOn(String.prototype, 'charCodeAt')
    parseExact('{"jsonrpc":"2.0","id":7,"result":{"version":"1.0","at":"2026-07-28"}}')
    expect(looks).not.toHaveBeenCalled()
    parseExact('{"jsonrpc":"2.0","id":7.0}')
    expect(looks).toHaveBeenCalled()
    looks.mockRestore()
  })

  it('copies only what holds one', () => {
    const value = parseExact('{"a":{"b":1},"c":{"d":1.0}}') as { a: object; c: object }
    const read = plain(value) as typeof value
    expect(read.a).toBe(value.a)
    expect(read).toEqual({ a: { b: 1 }, c: { d: 1 } })
    expect(plain(read)).toBe(read)
  })

  it('survives what is too deep and what is too many', () => {
    const deep = `{"z":1.0,"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(parseExact(deep)).toMatchObject({ z: 1 })
    const many = `[${Array.from({ length: 50_000 }, (_, at) => `${at}.0`).join()}]`
    expect(parseExact(many)).toEqual(JSON.parse(many))
  })
})
