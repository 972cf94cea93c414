import { describe, expect, it } from 'vitest'
import { slugOf } from './slug.ts'

describe('slugOf', () => {
  it('makes short ASCII names without the separator', () => {
    const none = new Set<string>()
    expect(slugOf('My Files', none)).toBe('my-files')
    expect(slugOf('Élan__vital', none)).toBe('elan_vital')
    expect(slugOf('日本', none)).toBe('server')
    expect(slugOf('a'.repeat(40), none)).toBe('a'.repeat(20))
    expect(slugOf(`${'a'.repeat(18)} _x`, none)).toBe('a'.repeat(18))
  })

  it('never gives one twice', () => {
    const taken = new Set<string>()
    for (let count = 0; count < 120; count += 1) {
      const slug = slugOf('A very long name of a server', taken)
      expect(slug).toMatch(/^[a-z0-9](?:[a-z0-9_-]{0,18}[a-z0-9])?$/)
      expect(taken.has(slug)).toBe(false)
      taken.add(slug)
    }
  })
})
