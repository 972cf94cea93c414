/** A text field of a document, or null. */
export function textAt(document: Record<string, unknown> | null, name: string): string | null {
  const value = document?.[name]
  return typeof value === 'string' ? value : null
}

/** A list of texts in a document; whatever else stands in it is left out. */
export function listAt(document: Record<string, unknown> | null, name: string): string[] {
  const value = document?.[name]
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []
}
