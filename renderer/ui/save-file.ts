/** How long the browser may take to begin with it. */
const KEEP_MS = 60_000

/** Hands the browser a file to save. */
export function saveFile(name: string, parts: (Blob | string)[], type: string): void {
  const url = URL.createObjectURL(new Blob(parts, { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS)
}
