/**
 * At most `max` UTF-16 units of `text`, followed by a mark that names the full length; never half a surrogate pair.
 * The mark comes on top of `max`.
 */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text
  const last = text.charCodeAt(max - 1)
  const end = last >= 0xd800 && last <= 0xdbff ? max - 1 : max
  return `${text.slice(0, end)}… [shortened: ${text.length} characters in all]`
}
