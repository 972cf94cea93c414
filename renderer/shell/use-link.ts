import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'
import { usePipe } from '../pipe/host.tsx'
import type { LinkState } from '../pipe/shell-pipe.ts'

/** Whether the host can be reached at the moment. */
export function useLink(): LinkState {
  const pipe = usePipe()
  const subscribe = useCallback((changed: () => void) => pipe.onLink(changed), [pipe])
  const link = useSyncExternalStore(subscribe, () => pipe.link())
  const before = useRef(link)
  useEffect(() => {
    // Signed in again through another tab: this page's token is of the old sign-in.
    if (before.current === 'signed-out' && link === 'up') location.reload()
    before.current = link
  }, [link])
  return link
}
