import { useEffect, useState } from 'react'

/** Longer than a double click: a dialog that appears under the pointer must not be answered by it. */
const SETTLE_MS = 600

/** False for a moment after mounting; until then nothing may be allowed. */
export function useSettled(): boolean {
  const [settled, setSettled] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(true), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [])
  return settled
}
