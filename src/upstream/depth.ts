/** Deeper values overflow the stack of whatever writes them out later. */
const maxDepth = 128

export function tooDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth >= maxDepth) return true
  for (const item of Object.values(value)) if (tooDeep(item, depth + 1)) return true
  return false
}
