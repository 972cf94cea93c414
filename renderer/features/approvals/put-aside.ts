import { useSyncExternalStore } from 'react'

/** Requests the user wants to answer later: still waiting, listed on Home, not in the way. */
let aside: ReadonlySet<string> = new Set()
/** The one that was asked for by name, before the older ones. */
let wanted: string | null = null
/** The open question that was changed, and what asks before another one takes its place; null: none was. */
let changed: { id: string; ask(go: () => void): void } | null = null
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
  const go = () => {
    wanted = id
    change(new Set([...aside].filter((other) => other !== id)))
  }
  if (changed === null || changed.id === id) go()
  else changed.ask(go)
}

/** Keeps what was changed in a question from going with it; gives what lets it go. */
export function keepChanged(id: string, ask: (go: () => void) => void): () => void {
  const kept = { id, ask }
  changed = kept
  return () => {
    if (changed === kept) changed = null
  }
}

export const usePutAside = () => useSyncExternalStore(listenTo, () => aside)
export const useWanted = () => useSyncExternalStore(listenTo, () => wanted)
