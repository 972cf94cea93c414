/** Names under which a server is given values, by one rule for forms, pasted texts, the command line and the host. */

/** What an object of names could not hold as a name of its own. */
const isNoName = (name: string): boolean => name === '__proto__'

/** Of an environment variable: `API_KEY`, and what systems and programs have besides, `ProgramFiles(x86)`, `xpack.security.enabled`. */
export const isVariableName = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_.()]*$/.test(name) && !isNoName(name)

/** Of a header (RFC 9110 §5.6.2, token). */
export const isHeaderName = (name: string): boolean =>
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !isNoName(name)

/** Of a header that belongs to the connection itself. */
export const isOwnHeader = (name: string): boolean =>
  /^(?:host|content-length|content-type|content-encoding|connection|transfer-encoding|upgrade|te|trailer|keep-alive|accept-encoding|expect|mcp-.*)$/i.test(
    name,
  )

/** `NAME=value`, as shells understand it at the start of a line; null: it is another word. */
export function assignmentIn(word: string): { name: string; value: string } | null {
  const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word) ?? []
  return name === undefined ? null : { name, value: value! }
}
