import { useState } from 'react'

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

function only<T extends object>(of: Partial<T>, keep: (field: keyof T) => boolean): Partial<T> {
  return Object.fromEntries(Object.entries(of).filter(([field]) => keep(field as keyof T))) as Partial<T>
}

/** What was changed and is not so anyway. */
export const differing = <T extends object>(live: T, changed: Partial<T>): Partial<T> =>
  only(changed, (field) => !isSame(changed[field], live[field]))

/** One more change. What is put back to what is counts as never touched. */
export function withChange<T extends object>(live: T, changed: Partial<T>, patch: Partial<T>): Partial<T> {
  const all = { ...changed, ...patch }
  return only(all, (field) => !(field in patch) || !isSame(all[field], live[field]))
}

/**
 * What is changed in a form over what is. Only `changes` is sent, and a field that nobody touched follows what is: another window
 * may change that while the form is open, and must not find it undone.
 */
export function useChanges<T extends object>(live: T) {
  const [changed, setChanged] = useState<Partial<T>>({})
  return {
    value: { ...live, ...changed },
    changes: differing(live, changed),
    change: (patch: Partial<T>) => setChanged((old) => withChange(live, old, patch)),
  }
}
