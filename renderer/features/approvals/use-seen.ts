import { useEffect, useState } from 'react'

/** The buttons of a dialog stay at its bottom, over the text: what is only behind them, and a line over them, was not seen. */
const BUTTONS_PX = 112

/** What to mark the end of something with, and whether that was in sight. Another end must be seen anew. */
export function useSeen(): [mark: (end: Element | null) => void, seen: boolean] {
  // Kept as state, because a dialog puts its content onto the page later than it is first drawn.
  const [end, setEnd] = useState<Element | null>(null)
  const [seen, setSeen] = useState<Element | null>(null)
  useEffect(() => {
    if (!end) return
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setSeen(end),
      { rootMargin: `0px 0px -${BUTTONS_PX}px 0px` },
    )
    observer.observe(end)
    return () => observer.disconnect()
  }, [end])
  return [setEnd, end !== null && seen === end]
}
