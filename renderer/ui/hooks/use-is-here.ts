import { useEffect, useRef } from 'react'

/** Says, when an answer comes, whether what asked is still there. */
export function useIsHere(): () => boolean {
  const here = useRef(false)
  useEffect(() => {
    here.current = true
    return () => {
      here.current = false
    }
  }, [])
  return () => here.current
}
