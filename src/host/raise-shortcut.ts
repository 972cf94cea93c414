import type { RaiseShortcut } from '../contract/status.ts'
import type { Base } from './base.ts'

/** Keeps the keys that raise the bridge at what the owner chose, and says how that went. */
export function createRaiseShortcut({ options, preferences, broadcast, undo }: Base, changed: () => void) {
  const bind = (): RaiseShortcut => {
    const keys = preferences.get().raiseShortcut ?? null
    return { keys, state: options.raiseKeys?.bind(keys) ?? 'no-window' }
  }
  let now = bind()
  undo.push(() => void options.raiseKeys?.bind(null))
  undo.push(
    broadcast.on((name) => {
      // The same keys too: whoever had them may have let them go.
      if (name !== 'preferences.changed') return
      now = bind()
      changed()
    }),
  )
  return (): RaiseShortcut => now
}
