import { say } from '../../../locales/say.ts'

const modifiers = ['Control', 'Alt', 'Shift', 'Super'] as const
type Modifier = (typeof modifiers)[number]

const known = new Map<string, Modifier>([
  ['control', 'Control'],
  ['ctrl', 'Control'],
  ['alt', 'Alt'],
  ['option', 'Alt'],
  ['shift', 'Shift'],
  ['super', 'Super'],
  ['meta', 'Super'],
  ['cmd', 'Super'],
  ['command', 'Super'],
  ['win', 'Super'],
])

/**
 * Keys that may be taken from every other program, in the one way they are written (an accelerator of Electron, whose `Super` is the
 * Command key of macOS); null where that would take keys which people type or which programs live by, such as Ctrl+C.
 */
export function shortcutOf(text: string): string | null {
  const parts = text.split('+').map((part) => part.trim())
  const key = parts.pop()!.toUpperCase()
  const held = new Set(parts.map((part) => known.get(part.toLowerCase())))
  if (held.has(undefined)) return null
  const isFunctionKey = /^F(?:[1-9]|1\d|2[0-4])$/.test(key)
  if (!isFunctionKey && !/^[A-Z0-9]$/.test(key)) return null
  if (held.size < (isFunctionKey ? 1 : 2)) return null
  return [...modifiers.filter((one) => held.has(one)), key].join('+')
}

const onMac: Record<string, string> = { Control: '⌃', Alt: '⌥', Shift: '⇧', Super: '⌘' }

const keyWords = (part: string): string => {
  if (part === 'Control') return say('keys.control')
  return part === 'Super' ? say('keys.super') : part
}

/** As keyboards name them. */
export const shortcutWords = (keys: string, isMac: boolean): string => {
  const parts = keys.split('+')
  return isMac ? parts.map((part) => onMac[part] ?? part).join('') : parts.map(keyWords).join(' + ')
}

/** The system's key beside the space bar, as it is called there. */
export const superKey = (isMac: boolean): string => shortcutWords('Super', isMac)

export const isMacBrowser = (userAgent: string): boolean => userAgent.includes('Mac')

/** A press of a key as browsers tell it. */
interface Pressed {
  /** Of the key itself, whatever it writes with the others held: `KeyB`, `Digit1`, `F5`. */
  code: string
  key: string
  ctrlKey: boolean
  altKey: boolean
  shiftKey: boolean
  metaKey: boolean
}

const alone = ['Control', 'Alt', 'Shift', 'Meta', 'AltGraph', 'OS', 'CapsLock', 'Dead']

/** A shortcut as it is stored; `more` while only keys to hold are down; null: these cannot be one. */
export function keysOf(pressed: Pressed): string | 'more' | null {
  if (alone.includes(pressed.key) && !/^(?:Key|Digit)/.test(pressed.code)) return 'more'
  const held = [
    ...(pressed.ctrlKey ? ['Control'] : []),
    ...(pressed.altKey ? ['Alt'] : []),
    ...(pressed.shiftKey ? ['Shift'] : []),
    ...(pressed.metaKey ? ['Super'] : []),
  ]
  const letter = /^[a-z]$/i.test(pressed.key) ? pressed.key : pressed.code.replace(/^(?:Key|Digit)/, '')
  return shortcutOf([...held, letter].join('+'))
}
