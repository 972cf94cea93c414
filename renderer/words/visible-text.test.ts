import { expect, it } from 'vitest'
import { visibleParts, visibleText } from './visible-text.ts'

it('leaves ordinary text of any language as it is', () => {
  for (const text of ['npx -y files', 'Größe 3 × 4', '日本語', 'שלום', 'a\nb', ''])
    expect(visibleText(text)).toBe(text)
})

it.each([
  ['a\u200bb', 'a⟨U+200B⟩b'],
  ['\u202egnp.exe', '⟨U+202E⟩gnp.exe'],
  ['a\u2066b\u2069', 'a⟨U+2066⟩b⟨U+2069⟩'],
  ['a\tb\rc\0', 'a⟨U+0009⟩b⟨U+000D⟩c⟨U+0000⟩'],
  ['a\u{e0041}b\ufeff', 'a⟨U+E0041⟩b⟨U+FEFF⟩'],
  ['a\u2028b\u3164', 'a⟨U+2028⟩b⟨U+3164⟩'],
])('writes out what would not be seen in %j', (text, shown) => expect(visibleText(text)).toBe(shown))

it('says which parts stand for something unseen', () => {
  expect(visibleParts('a\u200bb')).toEqual([
    { text: 'a', unseen: false },
    { text: '⟨U+200B⟩', unseen: true },
    { text: 'b', unseen: false },
  ])
})
