import { useEffect, useState } from 'react'

/** The value as it was when it last stayed the same for `ms`. Emptied, it settles at once. */
export function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), value === '' ? 0 : ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return value === '' ? value : settled
}
