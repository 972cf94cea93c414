import { expect, it } from 'vitest'
import type { ServerHealth } from '../../src/contract/servers.ts'
import { browserUrl, healthWords, hostOf, limitChoices, offerWords, spokenWords } from './server.ts'

const now = new Date(2026, 10, 21, 12, 0).getTime()
const health = (more: Partial<ServerHealth>): ServerHealth => ({
  checkedAt: null,
  ok: null,
  requests: 0,
  median: null,
  p95: null,
  lastError: null,
  ...more,
})

it('counts what a server offers, and says nothing of what it does not', () => {
  expect(offerWords({ tools: 12, resources: 3, prompts: 2 })).toBe('12 tools, 3 documents, 2 prompts')
  expect(offerWords({ tools: 1, resources: 1, prompts: 1 })).toBe('1 tool, 1 document, 1 prompt')
  expect(offerWords({ tools: 0, resources: 1_200, prompts: 0 })).toBe('1,200 documents')
  expect(offerWords({ tools: 0, resources: 0, prompts: 0 })).toBeNull()
})

it('says how a server is doing in sentences', () => {
  expect(healthWords(health({}), now)).toEqual([])
  expect(healthWords(health({ requests: 340, median: 12, p95: 18 }), now)).toEqual([
    'It answers in 12 ms.',
    '340 requests so far.',
    'No trouble so far.',
  ])
  expect(
    healthWords(
      health({
        requests: 1,
        median: 12,
        p95: 1_400,
        lastError: { at: now - 86_400_000, message: 'It did not answer.' },
      }),
      now,
    ),
  ).toEqual([
    'It usually answers in 12 ms, now and then in 1.4 s.',
    '1 request so far.',
    'Last trouble yesterday at 12:00: It did not answer.',
  ])
  const down = health({ requests: 1, lastError: { at: now, message: 'It did not answer.' } })
  expect(healthWords(down, now, 'It did not answer.')).toEqual(['1 request so far.'])
})

it('says what is spoken, and since when', () => {
  expect(spokenWords({ transport: null, protocol: null, protocolSince: null }, now)).toBeNull()
  expect(spokenWords({ transport: 'stdio', protocol: '2025-11-25', protocolSince: now }, now)).toBe(
    'MCP of 2025-11-25, directly with the program (stdio), since today at 12:00',
  )
})

it.each([
  ['https://a.example/authorize?x=1', 'https://a.example/authorize?x=1'],
  ['http://a.example/', null],
  ['https://chatgpt.com@evil.example/', null],
  ['javascript:alert(1)', null],
  ['not an address', null],
  [null, null],
])('hands %j to a browser as %j', (url, handed) => expect(browserUrl(url)).toBe(handed))

it('shows the host that decides', () => {
  expect(hostOf('https://chatgpt.com@evil.example/x')).toBe('evil.example')
  expect(hostOf(null)).toBe('')
})

it('offers usual time limits and the one in use', () => {
  expect(limitChoices(30_000).map((one) => one.label)).toEqual([
    '10 seconds',
    '30 seconds (usual)',
    '1 minute',
    '2 minutes',
    '5 minutes',
    '10 minutes',
  ])
  expect(limitChoices(1_500)[0]).toEqual({ value: '1500', label: '1.5 seconds' })
})
