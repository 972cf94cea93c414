import { useEffect, useState } from 'react'

/** Slow enough to follow, quick enough not to wait for. */
const STEP_MS = 70

/** How many lines to show: one more every moment, so that the eye can follow. All at once for those who want no motion. */
export function useRevealed(all: number): number {
  const [shown, setShown] = useState(() =>
    matchMedia('(prefers-reduced-motion: reduce)').matches ? all : Math.min(1, all),
  )
  useEffect(() => {
    if (shown >= all) return
    const timer = setTimeout(() => setShown(shown + 1), STEP_MS)
    return () => clearTimeout(timer)
  }, [shown, all])
  return shown
}
