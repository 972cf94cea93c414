import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { parse as parseToml, TomlError } from 'smol-toml'
import { isAlias, isMap, isScalar, isSeq, Lexer, type ParsedNode, parseDocument } from 'yaml'
import { notUnderstood, placeOf, said } from './raw-server.ts'

/** Deeper than any settings; parsers that call themselves would overflow the stack far beyond it. */
const maxDepth = 20
/** One after the other in one text. */
const maxDocuments = 100
/** Names, values, marks and line ends of a text in YAML, which takes its parser ten times as long as others: some 2,000 lines. */
const maxTokens = 12_000

/**
 * A number as it was written: the value of a variable may be `0123`, `1.10` or longer than a number can be. A symbol, because it is
 * neither a text nor an object, and nobody reckons with it.
 */
const numberAsWritten = (text: string): symbol => Symbol(text)

/** A parsed text. Throws HostError with the place when it has the look of that format and is not. */
export function readJson(text: string): unknown[] {
  const found: unknown[] = []
  let rest = text.trimEnd()
  while (rest.endsWith(',') || rest.endsWith(';')) rest = rest.slice(0, -1).trimEnd()
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
  if (node.type === 'number') return numberAsWritten(text.slice(node.offset, node.offset + node.length))
  if (node.type !== 'object') return node.value
  const out: Record<string, unknown> = Object.create(null)
  for (const { children } of node.children ?? []) {
    const [key, value] = children ?? []
    if (!key || !value) continue
    if (Object.hasOwn(out, key.value)) throw standsTwice(key.value, text, key.offset)
    out[key.value] = plainValue(value, text)
  }
  return out
}

const standsTwice = (key: string, text: string, offset: number) =>
  notUnderstood({
    says: 'pasted.standsTwiceInSame',
    params: { value: said(key), place: placeOf(text, offset) },
  })

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
    return parseToml(text, { integersAsBigInt: 'asNeeded' })
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
  let left = maxTokens
  for (const _token of new Lexer().lex(text))
    if (--left < 0) throw notUnderstood({ says: 'pasted.textHasMoreParts' })
  const { contents, errors } = parsedYaml(text)
  const [wrong] = errors
  // That is how its parser says that the stack was not enough.
  if (wrong?.code === 'RESOURCE_EXHAUSTION') throw tooDeep()
  if (wrong) {
    const before = text.slice(0, wrong.pos[0]).split('\n')
    const params = { line: before.length, col: (before.at(-1)?.length ?? 0) + 1 }
    throw notUnderstood({ says: 'pasted.looksLikeSettingsInYaml', params })
  }
  return plainYaml(contents, text, 0)
}

function parsedYaml(text: string) {
  try {
    // Both are done below: for each key and for each error the parser would go through all of the text.
    return parseDocument(text, { uniqueKeys: false, prettyErrors: false })
  } catch (error) {
    throw error instanceof RangeError
      ? tooDeep()
      : notUnderstood({ says: 'pasted.looksLikeSettingsInYaml', params: { line: 1, col: 1 } })
  }
}

/** As `plainValue`. What refers to other parts is refused: a few lines could grow to anything. */
function plainYaml(node: ParsedNode | null, text: string, depth: number): unknown {
  if (depth > maxDepth) throw tooDeep()
  if (isAlias(node)) throw notUnderstood({ says: 'pasted.settingsReferOtherParts' })
  if (isScalar(node)) {
    const isNumber = typeof node.value === 'number' || typeof node.value === 'bigint'
    return isNumber ? numberAsWritten(node.source ?? String(node.value)) : node.value
  }
  if (isSeq<ParsedNode>(node)) return node.items.map((item) => plainYaml(item, text, depth + 1))
  if (!isMap<ParsedNode, ParsedNode | null>(node)) return null
  const out: Record<string, unknown> = Object.create(null)
  for (const { key, value } of node.items) {
    const [from, to] = key.range
    if (isAlias(key)) throw notUnderstood({ says: 'pasted.settingsReferOtherParts' })
    const name = isScalar(key) && typeof key.value === 'string' ? key.value : text.slice(from, to)
    if (Object.hasOwn(out, name)) throw standsTwice(name, text, from)
    out[name] = plainYaml(value, text, depth + 1)
  }
  return out
}

const tooDeep = () => notUnderstood({ says: 'pasted.textNestedMoreThan', params: { maxDepth } })

/** Brackets in texts count too: nobody writes twenty of them. */
function refuseDepth(text: string): void {
  let depth = 0
  for (const char of text) {
    if (char === '{' || char === '[') depth += 1
    else if (char === '}' || char === ']') depth = Math.max(0, depth - 1)
    if (depth > maxDepth) throw tooDeep()
  }
}
