import type { GlobalShortcut } from 'electron'
import type { RaiseKeys } from '../src/host/host.ts'

/** Whether the desktop is one where no app hears keys that are pressed in another one. */
export const isWayland = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv): boolean =>
  platform === 'linux' && (env.XDG_SESSION_TYPE === 'wayland' || Boolean(env.WAYLAND_DISPLAY))

/** Keys that raise the bridge whatever program is in front. The system gives them to the first that asks for them. */
export function createRaiseKeys(options: {
  system: Pick<GlobalShortcut, 'register' | 'unregister'>
  wayland: boolean
  pressed(): void
}): RaiseKeys {
  const { system, wayland, pressed } = options
  let bound: string | null = null
  return {
    bind(keys) {
      if (bound !== null) system.unregister(bound)
      bound = null
      if (keys === null) return 'off'
      // It would say yes there, and nothing would ever be heard.
      if (wayland) return 'wayland'
      if (!system.register(keys, pressed)) return 'taken'
      bound = keys
      return 'on'
    },
  }
}
