import { expect, it } from 'vitest'
import { servedWords, staleAdvice } from './served.ts'

const now = new Date(2026, 10, 21, 15, 0).getTime()
const served = (tools: number, current = false) => ({ at: now - 3_600_000, tools, hash: 'x', current })

it('says what was fetched and when', () => {
  expect(servedWords(served(24), now)).toBe('Fetched its list of 24 tools today at 14:00')
  expect(servedWords(served(1), now)).toBe('Fetched its list of 1 tool today at 14:00')
  expect(servedWords(served(0), now)).toBe('Fetched an empty list today at 14:00')
})

it('says what to do about an old list, by app', () => {
  const grant = { kind: 'client', redirectHost: 'chatgpt.com', served: served(3), expiresAt: null } as const
  expect(staleAdvice(grant, now)).toContain('press Refresh')
  expect(staleAdvice({ ...grant, redirectHost: 'claude.ai' }, now)).toContain('In Claude')
  expect(staleAdvice({ ...grant, redirectHost: 'app.example' }, now)).toContain('In that app')
  expect(staleAdvice({ ...grant, kind: 'key', redirectHost: null }, now)).toContain('Restart the program')
  expect(staleAdvice({ ...grant, served: served(3, true) }, now)).toBeNull()
  expect(staleAdvice({ ...grant, served: null }, now)).toBeNull()
  expect(staleAdvice({ ...grant, expiresAt: now - 1 }, now)).toBeNull()
})
