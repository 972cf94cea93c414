import { nameTaken } from '../lifecycle/not-running.ts'
import type { ServerRow } from './server-store.ts'

/**
 * Returns what keeps a name for somebody, which returns what lets go of it: so that two at once cannot both have one. `id`: who may have it
 * already. Throws HostError `name-taken`.
 */
export function createServerNames(
  rows: () => readonly ServerRow[],
): (name: string, id?: string) => () => void {
  const reserved = new Set<string>()
  return (name, id) => {
    const key = name.toLowerCase()
    if (reserved.has(key) || rows().some((row) => row.id !== id && row.name.toLowerCase() === key))
      throw nameTaken(name)
    reserved.add(key)
    return () => void reserved.delete(key)
  }
}
