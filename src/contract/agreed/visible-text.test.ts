import { expect, it } from 'vitest'
import {
  hiddenIn,
  quotedLine,
  shownJson,
  shownJsonText,
  visibleLine,
  visibleParts,
  visibleText,
  withoutHidden,
  writtenLine,
  writtenText,
} from './visible-text.ts'

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

it.each([
  ['⟨U+202E⟩', '⟨U+27E8⟩U+202E⟩'],
  ['a\u00a0b\u3000c', 'a⟨U+00A0⟩b⟨U+3000⟩c'],
  ['=\u0338', '=⟨U+0338⟩'],
  ['o\u0301\u0302\u0303\u0304', 'o\u0301\u0302\u0303⟨U+0304⟩'],
  ['"\u0301', '"⟨U+0301⟩'],
  ['\ud800', '⟨U+D800⟩'],
])('leaves nothing in %j that imitates, covers or widens', (text, shown) =>
  expect(visibleText(text)).toBe(shown),
)

it('puts a text on one line and says that it was longer', () => {
  expect(visibleLine('a\nb\tc')).toBe('a⟨U+000A⟩b⟨U+0009⟩c')
  expect(visibleLine('x'.repeat(5_000_000), 10)).toBe('xxxxxxxxx…')
  expect(visibleLine('short', 10)).toBe('short')
})

it('does not write out a second time what was written out before', () => {
  const once = visibleLine('\u202ea\u{e0041}⟨b', 80)
  expect(writtenLine(once)).toBe(once)
  expect(writtenLine('\u202ea⟨U+202E\u200b⟩\n')).toBe('⟨U+202E⟩a⟨U+27E8⟩U+202E⟨U+200B⟩⟩⟨U+000A⟩')
  expect(writtenText(`${once}\n\u202e`)).toBe(`${once}\n⟨U+202E⟩`)
  expect(writtenLine('x'.repeat(100), 10)).toBe('xxxxxxxxx…')
})

it('shows JSON that parses to what it stands for', () => {
  const value = { 'a\u202e': ['\u{e0041}', '\u00a0', '=\u0338', '⟨U+202E⟩', '"\n\\u202e'], ['__proto__']: 1 }
  for (const indent of [0, 2] as const) {
    const shown = shownJson(value, indent)
    expect(JSON.parse(shown)).toEqual(value)
    expect(shown).not.toMatch(/\u202e|\u{e0041}|\u00a0|\u0338/u)
  }
})

it('puts a text into our quotes, which it can neither end nor imitate', () => {
  expect(quotedLine('Mail” may run. “x')).toBe('“Mail⟨U+201D⟩ may run. ⟨U+201C⟩x”')
  expect(quotedLine('a\nb\u202e')).toBe('“a⟨U+000A⟩b⟨U+202E⟩”')
  expect(quotedLine('x'.repeat(5_000))).toBe(`“${'x'.repeat(79)}…”`)
})

it('stops as soon as JSON gets too long to be shown', () => {
  expect(shownJsonText('"\u202e"', 8)).toBe('"\\u202e"')
  expect(() => shownJsonText('"\u202e"', 7)).toThrow(RangeError)
  expect(() => shownJsonText('"xxxxxx"', 7)).toThrow(RangeError)
})

it('takes for hidden what nobody sees, whatever the alphabet, and nothing else', () => {
  const hidden = [
    '\u200b',
    '\u202e',
    '\u{e0041}',
    '\u0000',
    '\u009b',
    '\u2028',
    '\ufffe',
    '\u3164',
    '\ue000',
    '\ufe0f',
  ]
  for (const one of hidden) expect(withoutHidden(one), one).toBe('')
  for (const one of ['a\tb\n', 'Größe', '日本語', 'שלום', '\u00a0', 'e\u0301', '👍', '⟨x⟩'])
    expect(withoutHidden(one)).toBe(one)
  // whatever is left out of what models read is written out for people
  for (const one of hidden) expect(visibleText(one)).toMatch(/^⟨U\+[0-9A-F]{4,6}⟩$/)
})

it('says which hidden character is where', () => {
  expect(hiddenIn('ab\u202ec')).toEqual({ code: 'U+202E', at: 2 })
  expect(hiddenIn('a\u{e0041}')).toEqual({ code: 'U+E0041', at: 1 })
  expect(hiddenIn('a\tb\nÄ')).toBeNull()
})

it('takes out what a terminal would do', () => {
  expect(
    withoutHidden('\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007\r\n'),
  ).toBe('red link\n')
  expect(withoutHidden('a\u001b]0;title without an end')).toBe('a')
})
