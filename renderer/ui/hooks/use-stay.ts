import { useEffect } from 'react'

/** While `on`, the browser asks before it closes or reloads the page. */
export function useStay(on: boolean): void {
  useEffect(() => {
    // The desktop shell asks nobody: it would silently not quit.
    if (!on || window.drawbridge !== undefined) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [on])
}
