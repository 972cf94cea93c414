import { expect, it } from 'vitest'
import { Preferences } from '../preferences.ts'
import { keysOf, shortcutOf, shortcutWords } from './shortcut.ts'

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

const nothing = { ctrlKey: false, altKey: false, shiftKey: false, metaKey: false }

it.each([
  [
    'letters as they are written here',
    { code: 'KeyY', key: 'z', ctrlKey: true, altKey: true },
    'Control+Alt+Z',
  ],
  [
    'a letter that Alt makes another sign',
    { code: 'KeyB', key: '∫', altKey: true, metaKey: true },
    'Alt+Super+B',
  ],
  [
    'a digit that Shift makes a sign',
    { code: 'Digit1', key: '!', ctrlKey: true, shiftKey: true },
    'Control+Shift+1',
  ],
  ['an F key with one more', { code: 'F9', key: 'F9', shiftKey: true }, 'Shift+F9'],
  ['keys that are only held yet', { code: 'ControlLeft', key: 'Control', ctrlKey: true }, 'more'],
  ['what people type', { code: 'KeyB', key: 'b' }, null],
  ['what programs live by', { code: 'KeyC', key: 'c', ctrlKey: true }, null],
  ['a sign', { code: 'Comma', key: ',', ctrlKey: true, altKey: true }, null],
] as const)('%s', (_what, pressed, keys) => expect(keysOf({ ...nothing, ...pressed })).toBe(keys))
