import { describe, expect, it } from 'vitest'
import {
  expiryAt,
  expiryOf,
  fromDateField,
  limitsLine,
  limitsProblem,
  listWords,
  scopeWords,
  toDateField,
} from './limits.ts'

const now = new Date(2026, 10, 21, 15, 30).getTime()
const DAY = 86_400_000

describe('the end of an access', () => {
  it('is counted from now, or the last moment of a day', () => {
    expect(expiryAt({ kind: 'never' }, now)).toBeNull()
    expect(expiryAt({ kind: 'days', days: 7 }, now)).toBe(now + 7 * DAY)
    expect(expiryAt(expiryOf(now + 5), now)).toBe(now + 5)
    expect(expiryOf(null)).toEqual({ kind: 'never' })
  })

  it('goes through a date field and back without moving a day', () => {
    const end = fromDateField('2026-11-30') ?? 0
    expect(new Date(end).getDate()).toBe(30)
    expect(new Date(end + 1).getDate()).toBe(1)
    expect(toDateField(end)).toBe('2026-11-30')
    expect(toDateField(null)).toBe('')
    for (const wrong of ['', '2026-02-30', '2026-13-01', 'soon']) expect(fromDateField(wrong)).toBeNull()
  })

  it('must lie ahead, and some tool must be left', () => {
    const never = { kind: 'never' } as const
    expect(limitsProblem({ tools: null, expiry: never }, now)).toBeUndefined()
    expect(limitsProblem({ tools: [], expiry: never }, now)).toContain('at least one')
    expect(limitsProblem({ tools: null, expiry: { kind: 'date', at: null } }, now)).toContain('last day')
    expect(limitsProblem({ tools: null, expiry: { kind: 'date', at: now } }, now)).toContain('over')
    expect(limitsProblem({ tools: ['a'], expiry: { kind: 'date', at: now + 1 } }, now)).toBeUndefined()
  })
})

it('says the limits in one line', () => {
  expect(limitsLine({ tools: null, expiry: { kind: 'never' } }, now)).toBe('All tools, no end date')
  expect(limitsLine({ tools: ['a'], expiry: { kind: 'days', days: 7 } }, now)).toBe(
    '1 chosen tool, ends in 1 week',
  )
  expect(limitsLine({ tools: ['a', 'b'], expiry: { kind: 'date', at: now + DAY } }, now)).toBe(
    '2 chosen tools, until 22 Nov 2026',
  )
  expect(limitsLine({ tools: null, expiry: { kind: 'date', at: now - DAY } }, now)).toBe(
    'All tools, ended 20 Nov 2026',
  )
})

it('says what scopes narrow, and nothing where they do not', () => {
  const words = (...scopes: string[]) => scopeWords(scopes, (id) => ({ github: 'GitHub' })[id] ?? id)
  expect(words()).toBeNull()
  expect(words('mcp:use')).toBeNull()
  expect(words('mcp:use', 'mcp:read', 'mcp:write')).toBeNull()
  expect(words('write', 'github.read')).toBeNull()
  expect(words('read')).toBe('It asks only to read.')
  expect(words('mcp:read', 'github.read')).toBe('It asks only to read.')
  expect(words('mcp:use', 'github.read')).toBe('It asks only to read from GitHub.')
  expect(words('github.read', 'npm.read')).toBe('It asks only to read from GitHub and npm.')
  expect(listWords(['a', 'b', 'c'])).toBe('a, b and c')
})
