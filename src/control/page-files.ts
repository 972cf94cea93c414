import { resolve, sep } from 'node:path'

/** Strict enough that text injected into the interface can neither run nor send anything anywhere. */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The file below `root`, which is resolved, that an address means; null: nothing outside it, and no dot files. */
export function fileFor(root: string, path: string): string | null {
  let name: string
  try {
    name = decodeURIComponent(path)
  } catch {
    return null
  }
  if (/[\0\\:]/.test(name) || name.split('/').some((part) => part.startsWith('.'))) return null
  const file = resolve(root, `.${name}`)
  return file.startsWith(root + sep) ? file : null
}
