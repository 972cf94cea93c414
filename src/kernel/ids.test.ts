import { describe, expect, it } from 'vitest'
import { newDigits, newId, newTimedId, newToken, sameText, sha256 } from './ids.ts'

describe('ids', () => {
  it('do not repeat and have their shape', () => {
    expect(new Set(Array.from({ length: 10_000 }, () => newId('x'))).size).toBe(10_000)
    expect(newId('call')).toMatch(/^call_[0-9a-f]{24}$/)
    expect(newToken()).toMatch(/^[\w-]{43}$/)
    expect(newDigits()).toMatch(/^\d{3}$/)
  })

  it('texts are compared whole', () => {
    expect(sameText('a', 'a')).toBe(true)
    expect(sameText('a', 'ab')).toBe(false)
    expect(sha256('a')).toMatch(/^[\w-]{43}$/)
  })
})

describe('an id with its time', () => {
  it('begins with the milliseconds, so that later ones stand later, and has 48 random bits', () => {
    const at = 1_800_000_000_123.9
    const ids = Array.from({ length: 600 }, () => newTimedId('call', at))
    for (const id of ids) expect(id).toMatch(/^call_01a3185c507b[0-9a-f]{12}$/)
    expect(new Set(ids).size).toBe(600)
    expect(newTimedId('call', at + 1) > ids[0]!).toBe(true)
    // A clock before 1970 is no reason to lose a row.
    expect(newTimedId('call', -5)).toMatch(/^call_0{12}/)
  })
})
