import { expect, it } from 'vitest'
import { Preferences } from '../preferences.ts'
import { shortcutOf, shortcutWords } from './shortcut.ts'

it.each([
  ['Control+Alt+B', 'Control+Alt+B'],
  ['alt + ctrl + b', 'Control+Alt+B'],
  ['Cmd+Shift+9', 'Shift+Super+9'],
  ['Shift+F12', 'Shift+F12'],
  ['Ctrl+Ctrl+C', null],
  ['Ctrl+C', null],
  ['Shift+B', null],
  ['F5', null],
  ['B', null],
  ['', null],
  ['Ctrl+Alt+', null],
  ['Ctrl+Alt+F25', null],
  ['Ctrl+Alt+Delete', null],
  ['Ctrl+Alt+VolumeUp', null],
  ['constructor+Alt+B', null],
])('%j is %j', (text, keys) => {
  expect(shortcutOf(text)).toBe(keys)
  expect(Preferences.partial().safeParse({ raiseShortcut: text }).success).toBe(keys === text)
})

it('is shown as it stands on the keys', () => {
  expect(shortcutWords('Control+Alt+Super+B', false)).toBe('Ctrl + Alt + Win + B')
  expect(shortcutWords('Control+Alt+Super+B', true)).toBe('⌃⌥⌘B')
})
