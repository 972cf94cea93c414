import { isRawNumber } from '../../kernel/exact-json.ts'
import { isObject } from '../../kernel/is-object.ts'
import { schemasByName } from '../../mcp/nulls.ts'
import type { Raw } from '../../mcp/tool-source.ts'

/**
 * A part of a JSON schema that no validator takes, such as a reference to nothing or a pattern in the dialect of another language, costs
 * itself: clients of the official kind compile every output schema they are told of, and throw the tools of everybody away for one that
 * they cannot. Each repair lets through more than before and never less, since the server has the last word on what it is given.
 */

type Test = (value: unknown) => boolean
const isNumber: Test = (value) => typeof value === 'number' || isRawNumber(value)
const isText: Test = (value) => typeof value === 'string'
const isSchema: Test = (value) => typeof value === 'boolean' || (isObject(value) && !isRawNumber(value))
const isFilled: Test = (value) => Array.isArray(value) && value.length > 0

/** What the value of a keyword has to be; keywords that are not here may be anything. */
const wanted: ReadonlyMap<string, Test> = new Map([
  ...each(isNumber, [
    'maximum',
    'minimum',
    'exclusiveMaximum',
    'exclusiveMinimum',
    'multipleOf',
    'maxLength',
    'minLength',
  ]),
  ...each(isNumber, ['maxItems', 'minItems', 'maxProperties', 'minProperties', 'maxContains', 'minContains']),
  ...each(isText, [
    '$ref',
    '$dynamicRef',
    '$recursiveRef',
    '$anchor',
    '$dynamicAnchor',
    '$comment',
    '$schema',
    '$id',
    'format',
  ]),
  ...each((value) => typeof value === 'boolean', ['uniqueItems', 'nullable']),
  ...each(isFilled, ['enum', 'allOf', 'anyOf', 'oneOf', 'prefixItems']),
  ...each(isObject, [
    'properties',
    'patternProperties',
    '$defs',
    'definitions',
    'dependentSchemas',
    'dependencies',
  ]),
  ...each(isObject, ['dependentRequired']),
  ...each(isSchema, [
    'additionalProperties',
    'unevaluatedProperties',
    'unevaluatedItems',
    'propertyNames',
    'contains',
  ]),
  ...each(isSchema, ['not', 'if', 'then', 'else', 'additionalItems']),
  ['items', (value) => isSchema(value) || Array.isArray(value)],
  ['pattern', (value) => isText(value) && isPattern(value as string)],
])

function each(test: Test, names: readonly string[]): [string, Test][] {
  return names.map((name) => [name, test])
}

/** As others call what is meant, in whatever case. */
const types: ReadonlyMap<string, string> = new Map([
  ...['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'].map((name): [string, string] => [
    name,
    name,
  ]),
  ['str', 'string'],
  ['text', 'string'],
  ['int', 'integer'],
  ['float', 'number'],
  ['double', 'number'],
  ['bool', 'boolean'],
  ['dict', 'object'],
  ['list', 'array'],
  ['none', 'null'],
])

/** Dialects that clients know; one that they do not ends the use of the whole schema there, and nearly everything in it is alike. */
const dialects = /^https?:\/\/json-schema\.org\/(?:draft\/2020-12|draft\/2019-09|draft-0[67])\/schema#?$/
/** Before 2020-12 a list of items was written otherwise (JSON Schema 2020-12, Release Notes). */
const olderDialect = /draft\/2019-09|draft-0[67]/

/** Where a schema that lets through more would let the whole let through less. */
const contrary: ReadonlySet<string> = new Set(['not', 'if', 'oneOf'])

/** Takes out, or puts right, what no validator takes, in place. Returns what is gone, such as `properties.a.pattern`. */
export function mendSchema(schema: Raw): readonly string[] {
  withoutOwnName(schema)
  if (schema.$schema !== undefined && !dialects.test(String(schema.$schema))) delete schema.$schema
  const isOlder = olderDialect.test(String(schema.$schema))
  const walk = new Walk(schema, isOlder)
  walk.schema(schema)
  return walk.odd
}

/**
 * A validator knows a schema by its name (`$id`), and of two with one name, of two tools or two servers, only the first. Nobody else refers
 * to it, so it goes without; so do those within it (`respell`).
 */
function withoutOwnName(schema: Raw): void {
  const { $id: id } = schema
  if (id !== undefined) delete schema.$id
  if (typeof id !== 'string' || id === '') return
  const own = id.replace(/#$/, '')
  visit(schema, (part) => {
    if (typeof part.$ref !== 'string' || !(part.$ref === own || part.$ref.startsWith(`${own}#`))) return
    part.$ref = part.$ref.slice(own.length) || '#'
  })
}

function visit(value: unknown, see: (part: Raw) => void): void {
  if (Array.isArray(value)) for (const one of value) visit(one, see)
  else if (isObject(value)) {
    see(value)
    for (const one of Object.values(value)) visit(one, see)
  }
}

/** Servers come up by the dozen, with hundreds of schemas each: nothing is made here that a good schema does not need. */
class Walk {
  /** What is gone. */
  readonly odd: string[] = []
  readonly #root: Raw
  readonly #isOlder: boolean
  /** The names that lead to the part that is looked at. */
  readonly #path: string[] = []
  #anchors: Set<unknown> | undefined

  constructor(root: Raw, isOlder: boolean) {
    this.#root = root
    this.#isOlder = isOlder
  }

  schema(schema: Raw): void {
    // What is plain first, since it is no loss.
    respell(schema, this.#isOlder)
    if (schema.$ref !== undefined) this.#respellReference(schema)
    for (const key of Object.keys(schema)) {
      const value = schema[key]
      const test = wanted.get(key)
      const isOdd =
        (test !== undefined && !test(value)) ||
        (key === 'type' && !isType(value)) ||
        this.#isNowhere(key, value)
      if (isOdd) this.#takeOut(schema, key)
      else if (typeof value === 'object') this.#inside(schema, key, value)
    }
    // Without a type it says nothing (OpenAPI), and some throw for it.
    if (schema.type === undefined && schema.nullable !== undefined) delete schema.nullable
  }

  #below(name: string, schema: Raw): void {
    this.#path.push(name)
    this.schema(schema)
    this.#path.pop()
  }

  /** Those that its parts have; few schemas refer to any. */
  #names(): ReadonlySet<unknown> {
    if (!this.#anchors) {
      const anchors = new Set<unknown>()
      visit(this.#root, ({ $anchor, $dynamicAnchor }) => anchors.add($anchor).add($dynamicAnchor))
      this.#anchors = anchors
    }
    return this.#anchors
  }

  /** By the name that it has among the definitions. */
  #respellReference(schema: Raw): void {
    const { $ref: name } = schema
    if (typeof name !== 'string' || name === '') return
    for (const holder of ['$defs', 'definitions'])
      if (isObject(this.#root[holder]) && Object.hasOwn(this.#root[holder], name))
        schema.$ref = `#/${holder}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
  }

  #takeOut(schema: Raw, key: string): void {
    delete schema[key]
    this.odd.push([...this.#path, key].join('.'))
  }

  /** The schemas that a keyword holds. */
  #inside(schema: Raw, key: string, value: unknown): void {
    const before = this.odd.length
    const isOfParts = key === 'dependencies'
    if (isOfParts || schemasByName.has(key)) {
      this.#path.push(key)
      this.#named(value as Raw, isOfParts, key === 'patternProperties')
      this.#path.pop()
    } else if (Array.isArray(value)) {
      if (key !== 'items' && (key === 'enum' || wanted.get(key) !== isFilled)) return
      this.#path.push(key)
      for (let index = 0; index < value.length; index += 1)
        if (isObject(value[index])) this.#below(String(index), value[index])
      this.#path.pop()
      if (!value.every(isSchema)) this.#takeOut(schema, key)
    } else if (isObject(value) && (wanted.get(key) === isSchema || key === 'items')) this.#below(key, value)
    if (contrary.has(key) && this.odd.length > before) delete schema[key]
  }

  #named(schemas: Raw, mayBeLists: boolean, arePatterns: boolean): void {
    for (const name of Object.keys(schemas)) {
      const one = schemas[name]
      const isGood = isSchema(one) || (mayBeLists && Array.isArray(one))
      if (!isGood || (arePatterns && !isPattern(name))) this.#takeOut(schemas, name)
      else if (isObject(one)) this.#below(name, one)
    }
  }

  /** A reference to what is not in this schema: clients fetch nothing, and must not. */
  #isNowhere(key: string, value: unknown): boolean {
    if ((key !== '$ref' && key !== '$dynamicRef') || typeof value !== 'string') return false
    if (value === '#') return false
    if (!value.startsWith('#')) return true
    if (!value.startsWith('#/')) return !this.#names().has(value.slice(1))
    let there: unknown = this.#root
    for (const step of value.slice(2).split('/')) {
      const name = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~')
      if (typeof there !== 'object' || there === null || !Object.hasOwn(there, name)) return true
      there = (there as Raw)[name]
    }
    return !isSchema(there)
  }
}

const decoded = (step: string): string => {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

const isPattern = (pattern: string): boolean => {
  try {
    new RegExp(pattern, 'u')
    return true
  } catch {
    return false
  }
}

const isType = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 && value.every(isType) : types.get(String(value)) === value

const respelt = (type: unknown): unknown =>
  typeof type === 'string' ? (types.get(type) ?? types.get(type.trim().toLowerCase()) ?? type) : type

const isNumeral = /^-?\d{1,15}(?:\.\d{1,15})?$/

/** What is plain, in the way that it is written today. */
function respell(schema: Raw, isOlder: boolean): void {
  // Draft 4: a name that is no keyword any more, and limits that say of themselves that they are exclusive.
  if (typeof schema.id === 'string') delete schema.id
  if (typeof schema.$id === 'string') delete schema.$id
  if (typeof schema.exclusiveMinimum === 'boolean') respellLimit(schema, 'exclusiveMinimum', 'minimum')
  if (typeof schema.exclusiveMaximum === 'boolean') respellLimit(schema, 'exclusiveMaximum', 'maximum')
  // Draft 3 said it with the part; there is no telling whether that is meant of what it is a part of.
  if (Array.isArray(schema.required)) {
    if (!schema.required.every(isText)) schema.required = schema.required.filter(isText)
  } else if (schema.required !== undefined) delete schema.required
  if (schema.type !== undefined)
    schema.type = Array.isArray(schema.type) ? [...new Set(schema.type.map(respelt))] : respelt(schema.type)
  for (const key of Object.keys(schema)) {
    const value = schema[key]
    if (typeof value === 'string' && wanted.get(key) === isNumber && isNumeral.test(value))
      schema[key] = Number(value)
  }
  if (Array.isArray(schema.items) && !isOlder) {
    schema.prefixItems ??= schema.items
    delete schema.items
    delete schema.additionalItems
  }
}

function respellLimit(schema: Raw, exclusive: string, limit: string): void {
  const isExclusive = schema[exclusive] && isNumber(schema[limit])
  delete schema[exclusive]
  if (!isExclusive) return
  schema[exclusive] = schema[limit]
  delete schema[limit]
}
