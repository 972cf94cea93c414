import { expect, it } from 'vitest'
import { sayInEnglish } from '../../locales/say.ts'
import { HostError } from '../kernel/errors.ts'
import { connectionFailure } from './connection-failures.ts'

const way = { host: 'api.example', isHttps: true }
const coded = (code: string) => Object.assign(new Error('x'), { code })

it.each([
  ['CERT_HAS_EXPIRED', 'certificate', /api\.example has expired/],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'certificate', /signed by somebody/],
  ['ECONNREFUSED', 'unreachable', /no program answers/],
  ['ENOTFOUND', 'unreachable', /no computer of that name/],
])('%s is told in words, wherever in the chain it hangs', (code, kind, words) => {
  for (const error of [coded(code), new TypeError('fetch failed', { cause: coded(code) })]) {
    const failure = connectionFailure(way, error)!
    expect(failure.kind).toBe(kind)
    expect(sayInEnglish(failure.message)).toMatch(words)
  }
})

it('says nothing of what did not happen on the way', () => {
  const known = new HostError({ code: 'a', told: { message: 'b', hint: 'c' }, cause: coded('ECONNREFUSED') })
  for (const error of [new Error('x'), new SyntaxError('y'), known, undefined, 'text'])
    expect(connectionFailure(way, error)).toBeNull()
})

it('comes to an end', () => {
  const ring = new Error('round') as Error & { cause: unknown }
  ring.cause = ring
  expect(connectionFailure(way, ring)).toBeNull()
})
