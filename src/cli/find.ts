import { HostError } from '../kernel/errors.ts'

/** Shorter beginnings would too easily mean something else. */
const shortest = 3

export type Kind =
  | 'key'
  | 'client'
  | 'registered'
  | 'request'
  | 'account'
  | 'connector'
  | 'folder'
  | 'server'
  | 'rule'

/**
 * The one thing a person means by its id, its name (exact, else without regard to case), or an unmistakable beginning
 * of its id, with or without its kind (`call_9f3` or `9f3`). Throws HostError `…-not-found` or `usage`.
 */
export function findOne<T extends { id: string; name?: string }>(
  all: readonly T[],
  wanted: string,
  words: { kind: Kind; code: string; list: string },
): T {
  const tries: ((one: T) => boolean)[] = [
    (one) => one.id === wanted,
    (one) => one.name === wanted,
    (one) => one.name?.toLowerCase() === wanted.toLowerCase(),
    (one) =>
      wanted.length >= shortest &&
      (one.id.startsWith(wanted) || one.id.slice(one.id.indexOf('_') + 1).startsWith(wanted)),
  ]
  for (const fits of tries) {
    const found = all.filter(fits)
    if (found.length === 1) return found[0]!
    if (found.length > 1) {
      throw new HostError({
        code: 'usage',
        says: 'usage.severalFit',
        params: { wanted, count: found.length, kind: words.kind, ids: found.map((one) => one.id).join(', ') },
      })
    }
  }
  throw new HostError({
    code: words.code,
    says: 'nothing-so-called',
    params: { kind: words.kind, wanted, list: words.list },
  })
}
