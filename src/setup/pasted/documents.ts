import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { parse as parseToml, TomlError } from 'smol-toml'
import { parseDocument } from 'yaml'
import { isHostError } from '../../kernel/errors.ts'
import { notUnderstood, placeOf, said } from './raw-server.ts'

/** Deeper than any settings; parsers that call themselves would overflow the stack far beyond it. */
const maxDepth = 20
/** One after the other in one text. */
const maxDocuments = 100

/** A parsed text. Throws HostError with the place when it has the look of that format and is not. */
export function readJson(text: string): unknown[] {
  const found: unknown[] = []
  let rest = text.trimEnd()
  while (/[,;]$/.test(rest)) rest = rest.slice(0, -1).trimEnd()
  // An entry without what stood around it: `"name": { … }`, also with a comma behind it.
  if (/^\s*(?:\/\/[^\n]*\n\s*)*"(?:[^"\\\n]|\\.)*"\s*:/.test(rest)) rest = `{${rest}\n}`
  refuseDepth(rest)
  while (rest.trim() !== '') {
    const errors: ParseError[] = []
    const root = parseTree(rest, errors, { allowTrailingComma: true })
    const end = errors.find(({ error, offset }) => isAtEnd(printParseErrorCode(error), offset, root))
    // Behind the end of one nothing else counts.
    const wrong = errors.find((one) => one !== end && !(end && one.offset >= end.offset))
    if (!root || wrong)
      throw badJson(text, rest, wrong?.offset ?? 0, wrong ? printParseErrorCode(wrong.error) : '')
    found.push(plainValue(root, rest))
    if (!end) break
    // One object after the other.
    rest = rest.slice(root.offset + root.length).replace(/^[\s,;]+/, '')
    if (!/^[{[]/.test(rest) || found.length >= maxDocuments)
      throw badJson(text, text, text.length - rest.length, 'EndOfFileExpected')
  }
  return found
}

/** Whether it is about what stands behind a whole value. */
const isAtEnd = (code: string, offset: number, root: Node | undefined): boolean =>
  root !== undefined &&
  (code === 'EndOfFileExpected' || (code === 'InvalidSymbol' && offset >= root.offset + root.length))

/** Plain values; keys such as `__proto__` are keys like others. What stands twice is refused: readers differ in which one they take. */
function plainValue(node: Node, text: string): unknown {
  if (node.type === 'array') return (node.children ?? []).map((child) => plainValue(child, text))
  if (node.type !== 'object') return node.value
  const out: Record<string, unknown> = Object.create(null)
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? []
    if (!key || !value) continue
    if (Object.hasOwn(out, key.value))
      throw notUnderstood({
        says: 'pasted.standsTwiceInSame',
        params: { value: said(key.value), place: placeOf(text, key.offset) },
      })
    out[key.value] = plainValue(value, text)
  }
  return out
}

function badJson(text: string, parsed: string, offset: number, code: string) {
  const shift = parsed.length > text.length ? 1 : 0
  const place = placeOf(
    text,
    Math.max(0, text.endsWith(parsed) ? text.length - parsed.length + offset : offset - shift),
  )
  const known = jsonErrors.find((one) => one === code) ?? 'other'
  return notUnderstood({ says: `pasted.json.${known}`, params: { place } })
}

/** Of the parser's own, those that have a sentence. */
const jsonErrors = [
  'InvalidEscapeCharacter',
  'CloseBraceExpected',
  'CloseBracketExpected',
  'CommaExpected',
  'UnexpectedEndOfString',
  'UnexpectedEndOfComment',
  'EndOfFileExpected',
  'PropertyNameExpected',
  'InvalidSymbol',
  'ValueExpected',
] as const

export function readToml(text: string): unknown {
  refuseDepth(text)
  try {
    return parseToml(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw notUnderstood({
      says: 'pasted.looksLikeSettingsIn',
      params: { line: error.line, column: error.column },
    })
  }
}

export function readYaml(text: string): unknown {
  refuseDepth(text)
  const document = parseDocument(text, { uniqueKeys: true, maxAliasCount: 0 } as never)
  const wrong = document.errors[0]
  if (wrong) {
    const { line, col } = wrong.linePos?.[0] ?? { line: 1, col: 1 }
    throw notUnderstood({ says: 'pasted.looksLikeSettingsInYaml', params: { line, col } })
  }
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    if (isHostError(error)) throw error
    throw notUnderstood({ says: 'pasted.settingsReferOtherParts' })
  }
}

/** Brackets in texts count too: nobody writes twenty of them. */
function refuseDepth(text: string): void {
  let depth = 0
  for (const char of text) {
    if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') depth = Math.max(0, depth - 1)
    if (depth > maxDepth) throw notUnderstood({ says: 'pasted.textNestedMoreThan', params: { maxDepth } })
  }
}
