import { expect, it } from 'vitest'
import { createRaiseKeys, isWayland } from './shortcut.ts'

function desktop(wayland = false) {
  const bound = new Map<string, () => void>()
  const taken = new Set<string>()
  let raised = 0
  const system = {
    register(keys: string, pressed: () => void) {
      if (taken.has(keys)) return false
      bound.set(keys, pressed)
      return true
    },
    unregister: (keys: string) => void bound.delete(keys),
  }
  const keys = createRaiseKeys({
    system,
    wayland,
    pressed: () => {
      raised += 1
    },
  })
  return { keys, bound, taken, raised: () => raised }
}

it('listens for one choice of keys at a time', () => {
  const { keys, bound, raised } = desktop()
  expect(keys.bind(null)).toBe('off')
  expect(keys.bind('Control+Alt+B')).toBe('on')
  bound.get('Control+Alt+B')!()
  expect(raised()).toBe(1)
  expect(keys.bind('Control+Alt+X')).toBe('on')
  expect([...bound.keys()]).toEqual(['Control+Alt+X'])
  expect(keys.bind('Control+Alt+X')).toBe('on')
  expect(keys.bind(null)).toBe('off')
  expect([...bound.keys()]).toEqual([])
})

it('says that another program has the keys, and takes them once it lets go', () => {
  const { keys, bound, taken } = desktop()
  taken.add('Control+Alt+B')
  expect(keys.bind('Control+Alt+B')).toBe('taken')
  expect(keys.bind('Control+Alt+X')).toBe('on')
  taken.clear()
  expect(keys.bind('Control+Alt+B')).toBe('on')
  expect([...bound.keys()]).toEqual(['Control+Alt+B'])
})

it('promises nothing where it would hear nothing', () => {
  const { keys, bound } = desktop(true)
  expect(keys.bind('Control+Alt+B')).toBe('wayland')
  expect(bound.size).toBe(0)
  expect(isWayland('linux', { XDG_SESSION_TYPE: 'wayland' })).toBe(true)
  expect(isWayland('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true)
  expect(isWayland('linux', { XDG_SESSION_TYPE: 'x11', DISPLAY: ':0' })).toBe(false)
  expect(isWayland('darwin', { XDG_SESSION_TYPE: 'wayland' })).toBe(false)
})
