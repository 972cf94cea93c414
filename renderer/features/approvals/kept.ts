import { useSyncExternalStore } from 'react'
import type { Output } from '../../../src/contract/api.ts'

/** What a command answered with and nobody can ask for again. */
export type Kept =
  | { kind: 'key'; made: Output<'keys.create'> }
  | { kind: 'client'; made: Output<'clients.register'> }
  | { kind: 'program'; made: Output<'adminKey.create'> }

/** Outside the pages, so that no way off a page loses one. The oldest first. */
let kept: readonly Kept[] = []
const listeners = new Set<() => void>()

const change = (next: readonly Kept[]) => {
  kept = next
  for (const listen of listeners) listen()
}

export const keep = (one: Kept) => change([...kept, one])
export const letGo = (one: Kept) => change(kept.filter((other) => other !== one))

export const useKept = () =>
  useSyncExternalStore(
    (listen) => {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
    () => kept,
  )
