/** Whether a name, or a path with `/`, is one that is meant. */
export type Pattern = (name: string, path: string) => boolean

/** One sign of a name. */
type Sign = (char: string) => boolean

/** Alternatives of one pattern, `{a,b}`, that are told apart. */
const mostAlternatives = 64
const ignoresCase = process.platform === 'win32' || process.platform === 'darwin'

/**
 * As in `.gitignore`: a pattern without a slash is a name anywhere, one with it a path from the folder on. `*` and `?` are any signs and
 * one, `[a-z]` and `[!a-z]` one of some, `**` any folders, and `{a,b}` either. However many stars there are, matching takes no longer than
 * name times pattern: a regular expression would go through all ways of it.
 */
export function patternOf(written: string): Pattern {
  const isPath = written.startsWith('/') || written.replace(/\/$/, '').includes('/')
  const matchers = alternatives(cased(written).replace(/^\/|\/$/g, '')).map((one) => {
    const names = one.split('/').map((part) => (isPath && part === '**' ? null : nameMatcher(part)))
    // What is in a folder is not the folder itself.
    if (isPath && names.at(-1) === null) names.push(nameMatcher('*'))
    return (parts: readonly string[]) => fits(names, parts, (name, part) => name(part))
  })
  return (name, path) => {
    const parts = isPath ? cased(path).split('/') : [cased(name)]
    return matchers.some((matches) => matches(parts))
  }
}

const cased = (text: string): string => (ignoresCase ? text.toLowerCase() : text)

function nameMatcher(pattern: string): (name: string) => boolean {
  const signs = (pattern.match(/\*+|\[[!^]?\]?[^\]]*\]|\\?./gsu) ?? []).map(signOf)
  return (name) => fits(signs, [...name], (sign, char) => sign(char))
}

/** Null: any signs. */
function signOf(written: string): Sign | null {
  if (written.startsWith('*')) return null
  if (written === '?') return () => true
  const [, not, inside] = /^\[([!^]?)(\]?[^\]]*)\]$/su.exec(written) ?? []
  if (inside === undefined) {
    const char = written.length > 1 && written.startsWith('\\') ? written.slice(1) : written
    return (one) => one === char
  }
  const ranges = [...inside.matchAll(/(.)(?:-(.))?/gsu)].map(([, from, to = from]) => [from!, to!] as const)
  return (one) => ranges.some(([from, to]) => one >= from && one <= to) === (not === '')
}

/** `null` in the pattern stands for any number of parts. Only the last one is ever tried anew: more can do no more. */
function fits<P, T>(
  pattern: readonly (P | null)[],
  parts: readonly T[],
  one: (of: P, part: T) => boolean,
): boolean {
  let [at, place] = [0, 0]
  let again: { at: number; place: number } | null = null
  while (place < parts.length) {
    const wanted = pattern[at]
    if (wanted === null) {
      at += 1
      again = { at, place }
    } else if (wanted !== undefined && one(wanted, parts[place]!)) {
      at += 1
      place += 1
    } else if (again !== null) {
      again.place += 1
      at = again.at
      place = again.place
    } else return false
  }
  return pattern.slice(at).every((wanted) => wanted === null)
}

function alternatives(pattern: string): string[] {
  let all = [pattern]
  for (;;) {
    const more = all.flatMap((one) => {
      const [whole, inside] = /\{([^{}]*,[^{}]*)\}/.exec(one) ?? []
      return whole === undefined ? one : inside!.split(',').map((part) => one.replace(whole, () => part))
    })
    if (more.length > mostAlternatives || more.join() === all.join()) return all
    all = more
  }
}
