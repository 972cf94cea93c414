/** Terminal escape sequences (ECMA-48): CSI, OSC and the short ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const escapes = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]/g

/**
 * Characters a person does not see and a model does: controls, soft hyphen, zero-width and joiners, bidirectional
 * marks and overrides, invisible operators, blank letters, variation selectors, the tag block U+E0000.
 */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: single code points are meant
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu

/** The text as a person would see it. Tabs and line ends stay. */
export const visibleText = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(escapes, '').replace(hidden, '')

/** Schemas nested deeper are not worth a copy; nothing below is offered to a client either. */
const maxDepth = 128

/**
 * A copy of a JSON schema whose titles and descriptions are visible text. Values (`enum`, `const`, `default`,
 * `examples`) are data and stay as they are.
 */
export function visibleSchema(schema: unknown, depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null || depth > maxDepth) return schema
  if (Array.isArray(schema)) return schema.map((item) => visibleSchema(item, depth + 1))
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === 'enum' || key === 'const' || key === 'default' || key === 'examples') return [key, value]
      if ((key === 'title' || key === 'description' || key === '$comment') && typeof value === 'string')
        return [key, visibleText(value)]
      return [key, visibleSchema(value, depth + 1)]
    }),
  )
}
