/**
 * At most `max` UTF-16 units of `text`, followed by a mark that names the full length; never half a surrogate pair.
 * The mark comes on top of `max`. `length`: the full length, when `text` is only a part of it.
 */
export function shorten(text: string, max: number, length = text.length): string {
  if (text.length <= max) return text
  const last = text.charCodeAt(max - 1)
  const end = last >= 0xd800 && last <= 0xdbff ? max - 1 : max
  return `${text.slice(0, end)}… [shortened: ${length} characters in all]`
}
