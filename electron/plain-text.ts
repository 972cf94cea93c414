/** A stranger's words on one line of ours: no line breaks, nothing that hides text or turns it around, not long. */
export function plainText(text: string, longest: number): string {
  const plain = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const letters = [...plain]
  if (letters.length === 0) return '(no name)'
  return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : plain
}
