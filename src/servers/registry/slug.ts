const maxLength = 20

/**
 * The short name that prefixes a server's tools (`slug__tool`): ASCII `[a-z0-9-_]`, at most 20 characters, unlike every
 * one in `taken`. Two underscores in a row never occur, since they separate the slug from the tool.
 */
export function slugOf(name: string, taken: ReadonlySet<string>): string {
  const base =
    name
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/_{2,}/g, '_')
      .slice(0, maxLength)
      .replace(/^[-_]+|[-_]+$/g, '') || 'server'
  if (!taken.has(base)) return base
  for (let number = 2; ; number += 1) {
    const suffix = `-${number}`
    const slug = base.slice(0, maxLength - suffix.length).replace(/[-_]+$/, '') + suffix
    if (!taken.has(slug)) return slug
  }
}
