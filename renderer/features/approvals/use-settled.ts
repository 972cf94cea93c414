import { useEffect, useState } from 'react'

/** Longer than a double click: a dialog that appears under the pointer must not be answered by it. */
const SETTLE_MS = 600

/** False for a moment after mounting, or after `ready` became true; until then nothing may be allowed. */
export function useSettled(ready = true): boolean {
  const [settled, setSettled] = useState(false)
  useEffect(() => {
    if (!ready) return
    const timer = setTimeout(() => setSettled(true), SETTLE_MS)
    return () => {
      clearTimeout(timer)
      setSettled(false)
    }
  }, [ready])
  return settled && ready
}
