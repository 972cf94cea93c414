import { parseAst } from 'vite'

/** What a source file says by code, and what in it looks like a sentence of its own. */
export interface Said {
  /**
   * Codes given to `say` and its like, and the two of each error that `new HostError` or a property `says` names. Where parts
   * of one are computed, any text may stand there.
   */
  codes: RegExp[]
  /** Lines on which something is said while the file is loaded, before a language was chosen. */
  early: number[]
  /** `of`: the property it stands under, where it does. */
  loose: { text: string; line: number; of?: string | undefined }[]
}

interface Node {
  type: string
  start: number
  [field: string]: unknown
}

const SAYS = new Set(['say', 'rich', 'saidParts'])
/** Also while a file is loaded: what they name is said later. */
const NAMES = new Set(['saidLater', 'Sentence'])
/** What is read, or read out, even if it is one word in small letters. */
const WORDS_OF = new Set(
  'aria-label title placeholder alt label text hint legend lead action keep above add'.split(' '),
)
const NO_WORDS = new Set(['className', 'rel', 'd'])
const FUNCTIONS = /^(?:Function|ArrowFunction|Method|Class)/
const TYPES = /^TS(?!AsExpression|NonNullExpression|SatisfiesExpression)/
const ERRORS = new Set(['HostError', 'TunnelFailure'])
/** Properties whose text is said as it stands, and those that only the log holds. */
const SAID = new Set(['message', 'hint'])
const LOGGED = new Set(['detail', 'cause'])
const LOG_CALLS = new Set(['debug', 'info', 'warn', 'error'])
/** Statements, and parts of one that are put together. */
const SQL =
  /^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|PRAGMA|BEGIN|COMMIT|VACUUM|ON CONFLICT|ATTACH|DETACH|FROM|ORDER BY|AND|OR|VALUES|[a-z_]+ IN|AS)\b(?! [a-z]+ [a-z]+ [a-z]+\.)|^\s*\)+(?:,|;| (?:OR|VALUES|AS))|^count\(\*\) AS|^, \w+(?:, ifnull\(| COLLATE NOCASE\b)/
const COMPARED = new Set(['===', '!==', 'in'])

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
const textOf = (node: Node): string | null =>
  node.type === 'Literal' && typeof node.value === 'string'
    ? node.value
    : node.type === 'TemplateElement'
      ? (node.value as { cooked: string }).cooked
      : node.type === 'JSXText'
        ? (node.value as string).trim()
        : null
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const withoutTags = (text: string) => text.replace(/^[^<>]*">|<[^>]*>?/g, ' ')

/** Two words in a row, or one that begins as a sentence does. */
const isSentence = (source: string, text = withoutTags(source)): boolean =>
  /\p{L}{2,}\P{L}*\s\P{L}*\p{L}{2,}/u.test(text) || /^\p{Lu}\p{Ll}+[….?!]?$/u.test(text)

export function readSource(source: string, name: string): Said {
  const said: Said = { codes: [], early: [], loose: [] }
  const lineOf = (node: Node) => source.slice(0, node.start).split('\n').length

  const read = (node: Node, above: readonly Node[], field: string): void => {
    const parent = above.at(-1)
    if (/^(?:Import|ExportAll)/.test(node.type) || TYPES.test(node.type)) return
    if (parent && isNoText(node, parent, field)) return
    const callee = (node.callee as { name?: string } | undefined)?.name ?? ''
    if (node.type === 'NewExpression' && ERRORS.has(callee)) said.codes.push(...textsOf(errorText(node)))
    if (node.type === 'Property' && keyOf(node) === 'says') said.codes.push(...textsOf(node.value as Node))
    if (/^(?:Call|New)Expression$/.test(node.type) && (SAYS.has(callee) || NAMES.has(callee))) {
      const [code, ...values] = node.arguments as Node[]
      said.codes.push(...codesOf(code))
      const isEarly = SAYS.has(callee) && !above.some(({ type }) => FUNCTIONS.test(type))
      if (isEarly) said.early.push(lineOf(node))
      for (const value of values) read(value, [...above, node], 'arguments')
      return
    }
    const text = textOf(node)
    const readOut = node.type === 'JSXText' || isWords(parent, above.at(-2))
    if (
      text !== null &&
      /\p{L}/u.test(text) &&
      !SQL.test(text) &&
      !isOfAService(above) &&
      (readOut || isSentence(text))
    )
      said.loose.push({ text, line: lineOf(node), of: propertyOf(above) })
    for (const [key, value] of Object.entries(node))
      for (const child of [value].flat()) if (isNode(child)) read(child, [...above, node], key)
  }
  read(parseAst(source, { lang: name.endsWith('x') ? 'tsx' : 'ts' }) as unknown as Node, [], '')
  return said
}

/** Keys, what is compared, and what only a developer reads. */
function isNoText(node: Node, parent: Node, field: string): boolean {
  if (parent.type === 'BinaryExpression') return COMPARED.has(parent.operator as string)
  if (parent.type === 'Property')
    return field === 'key' ? node.type !== 'TemplateLiteral' : LOGGED.has(keyOf(parent))
  if (parent.type === 'JSXAttribute') return NO_WORDS.has((parent.name as { name?: string }).name ?? '')
  if (parent.type === 'SwitchCase') return field === 'test'
  if (parent.type === 'MemberExpression') return field === 'property'
  if (parent.type === 'CallExpression' && (parent.callee as Node).type === 'Super')
    return node.type !== 'ObjectExpression'
  if (parent.type === 'CallExpression')
    return field === 'arguments' && isForOthers(parent.callee as Node, parent.arguments as Node[])
  if (parent.type !== 'NewExpression' || field !== 'arguments') return false
  const made = (parent.callee as { name?: string }).name ?? ''
  // Those of a library for command lines are read by people.
  if (/^(?:Option|Argument|InvalidArgumentError)$/.test(made)) return false
  // Those of the language and of protocols: programmers and clients read them.
  return textOf(node) !== null || (/Error$/.test(made) && !ERRORS.has(made))
}

/** What tools say of themselves and answer stays in English: assistants read it. So does what is logged, by an event's name. */
function isForOthers({ name, property }: Node, [first]: Node[]): boolean {
  const method = (property as { name?: string } | undefined)?.name ?? ''
  if (name === 'defineTool' || method === 'describe') return true
  return LOG_CALLS.has(method) && /^[\w-]+\.[\w.-]+$/.test((first && textOf(first)) ?? '')
}

/** The name of a connector's service, and what the service calls the rights of a key. */
function isOfAService(above: readonly Node[]): boolean {
  const [call, , property, array] = above.slice(-4)
  const isNamed = (one: Node | undefined, key: string) => one?.type === 'Property' && keyOf(one) === key
  if (array?.type === 'ArrayExpression') return isNamed(property, 'scopes')
  const made = (above.at(-3)?.callee as { name?: string } | undefined)?.name
  return call !== undefined && made === 'defineConnector' && isNamed(above.at(-1), 'name')
}

function isWords(parent: Node | undefined, above: Node | undefined): boolean {
  if (parent?.type === 'Property' && SAID.has(keyOf(parent))) return true
  const attribute = parent?.type === 'JSXExpressionContainer' ? above : parent
  if (attribute?.type !== 'JSXAttribute') return false
  return WORDS_OF.has((attribute.name as { name?: string }).name ?? '')
}

function propertyOf(above: readonly Node[]): string | undefined {
  const property = above.findLast(({ type }) => type === 'Property')
  return property && keyOf(property)
}

const keyOf = (property: Node): string => {
  const key = property.key as { name?: string; value?: string } | undefined
  return key?.name ?? key?.value ?? ''
}

/** What an error says by its code alone; what it says by `says` is found there. */
function errorText(error: Node): Node | undefined {
  const [fields] = error.arguments as Node[]
  const properties = (fields?.properties as Node[] | undefined) ?? []
  const given = new Map(properties.map((one) => [keyOf(one), one]))
  if (['says', 'told', 'message'].some((key) => given.has(key))) return undefined
  return given.get('code')?.value as Node | undefined
}

/** The codes of both sentences of an error. */
const textsOf = (text: Node | undefined): RegExp[] =>
  codesOf(text).flatMap(({ source }) =>
    ['message', 'hint'].map((part) => new RegExp(`^error\\.${source.slice(1, -1)}\\.${part}$`)),
  )

function codesOf(code: Node | undefined): RegExp[] {
  if (code?.type === 'ConditionalExpression')
    return [...codesOf(code.consequent as Node), ...codesOf(code.alternate as Node)]
  if (code?.type === 'Literal') return [new RegExp(`^${escaped(code.value as string)}$`)]
  if (code?.type !== 'TemplateLiteral') return []
  const parts = (code.quasis as Node[]).map((part) => escaped(textOf(part) ?? ''))
  return [new RegExp(`^${parts.join('.+')}$`)]
}
