/** Does each of them, whatever becomes of the others, such as on a full disk; then throws the first error. For what must not stop halfway. */
export function doAll(...steps: readonly (() => void)[]): void {
  const errors: unknown[] = []
  for (const step of steps) {
    try {
      step()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}
