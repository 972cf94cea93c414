import { expect, it } from 'vitest'
import { startingDomains, toDomain, toLocalOrigin } from './domain-list.ts'

it('takes names, wildcards and whole addresses, and nothing else', () => {
  expect(toDomain(' ChatGPT.com ')).toBe('chatgpt.com')
  expect(toDomain('*.example.com')).toBe('*.example.com')
  expect(toDomain('https://claude.ai/api/mcp/auth_callback')).toBe('claude.ai')
  for (const wrong of ['', '*', '*.com', 'a b', 'a..b', '-a.com', 'javascript:alert(1)', 'https://'])
    expect(toDomain(wrong)).toBeNull()
})

it('starts with the known assistants and those let in, not with this computer', () => {
  expect(startingDomains(['chatgpt.com', 'notes.example', '127.0.0.1', 'localhost', '[::1]', null])).toEqual([
    'chatgpt.com',
    'claude.ai',
    'claude.com',
    'notes.example',
  ])
})

it('takes addresses of pages on this computer, and of no others', () => {
  expect(toLocalOrigin(' localhost:6274/?x=1 ')).toBe('http://localhost:6274')
  expect(toLocalOrigin('https://127.0.0.1/')).toBe('https://127.0.0.1')
  expect(toLocalOrigin('http://[::1]:80')).toBe('http://[::1]')
  for (const wrong of [
    '',
    'example.com',
    'http://localhost.evil.example',
    'http://a@localhost',
    'file:///x',
    'localhost evil',
  ])
    expect(toLocalOrigin(wrong), wrong).toBeNull()
})
