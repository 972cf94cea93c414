import { matchesGlob } from 'node:path'
import { expect, it } from 'vitest'
import { patternOf } from './name-patterns.ts'

const matches = (pattern: string, path: string) => patternOf(pattern)(path.split('/').at(-1)!, path)

it.each([
  ['Private', 'Private', true],
  ['Private', 'Work/Private', true],
  ['Private/', 'Work/Private', true],
  ['/Private', 'Work/Private', false],
  ['/Private', 'Private', true],
  ['*.csv', 'Work/a.csv', true],
  ['*.csv', 'a.csv.md', false],
  ['Work/*.csv', 'Work/a.csv', true],
  ['Work/*.csv', 'Work/2026/a.csv', false],
  ['Work/**/*.csv', 'Work/a.csv', true],
  ['Work/**/*.csv', 'Work/2026/05/a.csv', true],
  ['**/2026', 'Work/2026', true],
  ['Work/**', 'Work', false],
  ['Work/**', 'Work/2026/a.md', true],
  ['draft-?.md', 'draft-é.md', true],
  ['draft-?.md', 'draft-12.md', false],
  ['[A-C]*', 'Bills', true],
  ['[!A-C]*', 'Bills', false],
  ['*.{csv,xlsx}', 'a.xlsx', true],
  ['{Old,New}/{a,b}.md', 'New/b.md', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'axb', false],
  ['[draft', '[draft', true],
  ['**/**/**', 'a/b/c', true],
  ['a*a*a*a*a*b', 'aaaaaaaaab', true],
  ['a*a*a*a*a*b', 'aaab', false],
])('%s: %s %s', (pattern, path, expected) => expect(matches(pattern, path)).toBe(expected))

it('says the same as Node where that is quick', () => {
  const words = ['a', 'b', 'ab', 'ba', 'a/b', 'b/a', 'a/b/a', 'ab/ba', 'a/a/b', 'b/ab/a/b']
  const pieces = ['a', 'b', '*', '?', '/', '**', '/**/', '[ab]']
  const patterns = pieces.flatMap((one) => pieces.flatMap((two) => pieces.map((three) => one + two + three)))
  // Where a star stands beside others it is one; what begins or ends with a slash is read in another way here.
  const plain = patterns.filter(
    (one) => !/^\/|\/$|\/\/|\*\*\*|[^/]\*\*|\*\*[^/]/.test(one) && one.includes('/'),
  )
  expect(plain.length).toBeGreaterThan(50)
  for (const pattern of plain)
    for (const path of words)
      expect([pattern, path, matches(pattern, path)]).toEqual([pattern, path, matchesGlob(path, pattern)])
})

it.each([
  [`${'a*'.repeat(99)}b`, 'a'.repeat(255)],
  [`${'**/'.repeat(60)}b`, 'a/'.repeat(120)],
  [`${'**/a/'.repeat(39)}b`, 'a/'.repeat(120)],
  ['+(a|aa)+(a|aa)+(a|aa)b', 'a'.repeat(255)],
  [`${'{a,b}'.repeat(40)}`, 'a'.repeat(40)],
])('holds nobody: %s', (pattern, path) => {
  const began = performance.now()
  expect(matches(pattern, path)).toBe(false)
  expect(performance.now() - began).toBeLessThan(200)
})
