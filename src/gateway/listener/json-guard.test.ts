import { describe, expect, it } from 'vitest'
import { parseJson } from './json-guard.ts'

describe('the body of a message', () => {
  it.each([
    ['', 'no body'],
    ['{', 'not valid'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, '64 levels'],
    [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, '64 levels'],
    [Buffer.from([0x22, 0xff, 0x22]), 'UTF-8'],
    ['{"a":1}trailing', 'not valid'],
  ])('refuses %#', (body, why) => {
    const parsed = parseJson(Buffer.from(body as string), 64)
    expect(parsed).toMatchObject({ ok: false })
    expect((parsed as { message: string }).message).toContain(why)
  })

  it('takes 64 levels', () => {
    expect(parseJson(Buffer.from(`${'['.repeat(64)}${']'.repeat(64)}`), 64).ok).toBe(true)
  })
})
