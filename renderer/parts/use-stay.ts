import { useBlocker } from '@tanstack/react-router'
import { takeUp } from '../dialogs/put-aside.ts'

/**
 * While `on`, no way leads off the page: neither the tray's, nor a notification's, nor Back, nor reloading without being asked.
 * A request that one of them leads to is shown where we are.
 */
export function useStay(on: boolean): void {
  useBlocker({
    disabled: !on,
    // The desktop shell asks nobody: it would silently not quit.
    enableBeforeUnload: on && window.drawbridge === undefined,
    shouldBlockFn: ({ next }) => {
      const request = /^\/waiting\/([^/]+)$/.exec(next.pathname)?.[1]
      if (request) takeUp(decodeURIComponent(request))
      return true
    },
  })
}
