import { expect, it } from 'vitest'
import type { Grant } from '../../src/contract/access.ts'
import { clientOf, leftBehind, moveAdvice, originWords } from './origin.ts'

const bridge = { publicUrl: 'https://quiet-otter-71.loca.lt/mcp' }

it('tells our addresses apart', () => {
  expect(originWords('https://quiet-otter-71.loca.lt', bridge)).toBe('at your public address')
  expect(originWords('http://127.0.0.1:41873', bridge)).toBe('on this computer')
  expect(originWords('http://localhost:41873', { publicUrl: null })).toBe('on this computer')
  expect(originWords('https://old.loca.lt', bridge)).toBe('at old.loca.lt')
  expect(originWords('https://quiet-otter-71.loca.lt.evil.example', bridge)).not.toContain('your public')
})

it('finds who knows only an old address, and nobody while there is no new one', () => {
  const grants = [
    { id: 'old', lastOrigin: 'https://old.loca.lt' },
    { id: 'new', lastOrigin: 'https://quiet-otter-71.loca.lt' },
    { id: 'here', lastOrigin: 'http://127.0.0.1:41873' },
    { id: 'never', lastOrigin: null },
  ] as Grant[]
  expect(leftBehind(grants, bridge).map((grant) => grant.id)).toEqual(['old'])
  expect(leftBehind(grants, { publicUrl: null })).toEqual([])
})

it('says what to do in each app', () => {
  const grant = (kind: Grant['kind'], redirectHost: string | null) => ({ kind, name: 'x', redirectHost })
  expect(moveAdvice(grant('client', 'chatgpt.com'))).toContain('In ChatGPT, remove the connector')
  expect(moveAdvice(grant('client', 'claude.ai'))).toContain('In Claude, remove the connector')
  expect(moveAdvice(grant('client', '127.0.0.1'))).toContain('connect again')
  expect(moveAdvice(grant('key', null))).toContain('key or secret stays')
  expect(clientOf({ redirectHost: 'claude.ai' })).toBe('claude')
  expect(clientOf({ redirectHost: 'not-chatgpt.com' })).toBe('other')
})
