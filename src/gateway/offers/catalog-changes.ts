import type { CatalogEntry, OfferEntry } from './catalog-entry.ts'
import type { ListKind } from './visible-list.ts'

/** What a source or a setting changed, and for whom. */
export interface CatalogChange {
  workspaces: ReadonlySet<string>
  kinds: ReadonlySet<ListKind>
}

type Entry = CatalogEntry | OfferEntry

/** One kind of entries, by what identifies one of them. */
export const byIdentity = <T extends Entry>(
  entries: Iterable<T>,
  keyOf: (entry: T) => string,
): Map<string, T> => {
  const byKey = new Map<string, T>()
  for (const entry of entries) byKey.set(keyOf(entry), entry)
  return byKey
}

/** The workspaces in which these differ. */
export function changedWorkspaces<T extends Entry>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): Set<string> {
  const changed = new Set<string>()
  for (const [key, old] of before) {
    const now = after.get(key)
    if (now && same(old, now)) addDifference(changed, old.workspaces, now.workspaces)
    else for (const workspace of [...old.workspaces, ...(now?.workspaces ?? [])]) changed.add(workspace)
  }
  for (const [key, now] of after)
    if (!before.has(key)) for (const workspace of now.workspaces) changed.add(workspace)
  return changed
}

function addDifference(changed: Set<string>, old: readonly string[], now: readonly string[]): void {
  if (old === now) return
  for (const workspace of old) if (!now.includes(workspace)) changed.add(workspace)
  for (const workspace of now) if (!old.includes(workspace)) changed.add(workspace)
}

function same(a: Entry, b: Entry): boolean {
  if (a.json !== b.json || a.source.slug !== b.source.slug || a.source.name !== b.source.name) return false
  if (!('id' in a) || !('id' in b)) return true
  return (
    a.toolName === b.toolName &&
    a.risk === b.risk &&
    a.enabled === b.enabled &&
    a.localOnly === b.localOnly &&
    a.accepted === b.accepted &&
    a.review?.why === b.review?.why &&
    a.override?.risk === b.override?.risk
  )
}
