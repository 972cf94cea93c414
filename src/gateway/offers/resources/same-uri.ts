/** Nothing in it that could be written otherwise: small letters up to the path, no codes, no dots between slashes. */
const plain = /^[a-z][a-z0-9+.-]*:(?:\/\/[^A-Z/?#]*(?=\/))?(?:(?!\/\.)[^%])*$/
const parts = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(.*)$/is

/** The one way to write a URI that many name: two that are equivalent (RFC 3986 §6.2.2 and §6.2.3, RFC 8089) have the same. */
export function normalUri(uri: string): string {
  if (plain.test(uri) && !uri.startsWith('file://localhost/')) return uri
  const [, given, authority, path, rest] = parts.exec(uri) ?? []
  if (given === undefined) return uri
  const scheme = given.toLowerCase()
  const shown = decoded(path!)
  if (authority === undefined) return `${scheme}:${shown}${decoded(rest!)}`
  const at = authority.lastIndexOf('@') + 1
  const host = decoded(authority.slice(at)).toLowerCase()
  const owner = `${authority.slice(0, at)}${scheme === 'file' && host === 'localhost' ? '' : host}`
  return `${scheme}://${owner}${withoutDots(shown)}${decoded(rest!)}`
}

/** By resource, which its source does not change: long ones take their time. */
const normal = new WeakMap<object, string>()
export function normalUriOf(resource: { uri: string }): string {
  let uri = normal.get(resource)
  if (uri === undefined) {
    uri = normalUri(resource.uri)
    normal.set(resource, uri)
  }
  return uri
}

/** What needs no code has none, and codes have capitals. */
const decoded = (text: string): string =>
  text.replace(/%[\da-f]{2}/gi, (code) => {
    const char = String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(char) ? char : code.toUpperCase()
  })

/** RFC 3986 §5.2.4 */
function withoutDots(path: string): string {
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const [index, segment] of segments.entries()) {
    if (segment === '..') kept.pop()
    if (segment !== '.' && segment !== '..') kept.push(segment)
    else if (index === segments.length - 1) kept.push('')
  }
  return `/${kept.join('/')}`
}
