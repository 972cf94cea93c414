import { useSyncExternalStore } from 'react'

/** Requests the user wants to answer later: still waiting, listed on Home, not in the way. */
let aside: ReadonlySet<string> = new Set()
const listeners = new Set<() => void>()

const change = (next: ReadonlySet<string>) => {
  aside = next
  for (const listen of listeners) listen()
}

export const putAside = (id: string) => change(new Set(aside).add(id))
export const takeUp = (id: string) => change(new Set([...aside].filter((other) => other !== id)))

export const usePutAside = () =>
  useSyncExternalStore(
    (listen) => {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
    () => aside,
  )
