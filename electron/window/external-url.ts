/** The address to hand to the system's browser, or null. Only https, and no user names that dress up a host. */
export function externalUrl(text: string): string | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return null
  return url.href
}
