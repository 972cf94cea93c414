import { useSyncExternalStore } from 'react'

/** Requests the user wants to answer later: still waiting, listed on Home, not in the way. */
let aside: ReadonlySet<string> = new Set()
/** The one that was asked for by name, before the older ones. */
let wanted: string | null = null
const listeners = new Set<() => void>()

const change = (next: ReadonlySet<string>) => {
  aside = next
  for (const listen of listeners) listen()
}
const listenTo = (listen: () => void) => {
  listeners.add(listen)
  return () => listeners.delete(listen)
}

export const putAside = (id: string) => change(new Set(aside).add(id))
export function takeUp(id: string): void {
  wanted = id
  change(new Set([...aside].filter((other) => other !== id)))
}

export const usePutAside = () => useSyncExternalStore(listenTo, () => aside)
export const useWanted = () => useSyncExternalStore(listenTo, () => wanted)
