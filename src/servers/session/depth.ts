/** Deeper values overflow the stack of whatever writes them out later. */
const maxDepth = 128

export function tooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth >= maxDepth) return true
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && tooDeep(item, depth + 1)) return true
    return false
  }
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key]
    if (typeof item === 'object' && tooDeep(item, depth + 1)) return true
  }
  return false
}
