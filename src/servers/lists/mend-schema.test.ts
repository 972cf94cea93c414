import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv'
import Ajv from 'ajv'
import { describe, expect, it } from 'vitest'
import type { Raw } from '../../mcp/tool-source.ts'
import { mendSchema } from './mend-schema.ts'

/** As official clients compile what they are told: those of today, and those of 2025 (all dialects alike). */
function compile(schema: Raw): ((value: unknown) => boolean)[] {
  const newer = new AjvJsonSchemaValidator().getValidator(schema)
  const older = new Ajv.default({
    strict: false,
    validateFormats: false,
    validateSchema: false,
    allErrors: true,
  })
  const check = older.compile(schema)
  return [(value) => newer(value).valid, (value) => check(value) as boolean]
}
const object = (properties: Raw, more: Raw = {}): Raw => ({ type: 'object', properties, ...more })
const draft = (name: string) => `http://json-schema.org/${name}/schema#`

describe('a part that no client can compile', () => {
  it.each<[string, Raw, readonly string[]]>([
    ['a reference to nothing', object({ a: { $ref: '#/$defs/Nope' } }), ['properties.a.$ref']],
    ['a reference elsewhere', object({ a: { $ref: 'https://example.com/s.json' } }), ['properties.a.$ref']],
    ['half a pattern', object({ a: { type: 'string', pattern: '(' } }), ['properties.a.pattern']],
    ['a pattern of Python', object({ a: { pattern: '(?P<x>a)' } }), ['properties.a.pattern']],
    [
      'the same for names',
      object({}, { patternProperties: { '(?i)x': {}, y: {} } }),
      ['patternProperties.(?i)x'],
    ],
    ['a type that nobody knows', object({ a: { type: 'date' } }), ['properties.a.type']],
    ['no values to choose from', object({ a: { enum: [] } }), ['properties.a.enum']],
    ['a text for a limit', object({ a: { type: 'string', minLength: 'one' } }), ['properties.a.minLength']],
    ['one within what must not be', object({ a: { not: { pattern: '(' } } }), ['properties.a.not.pattern']],
  ])('costs itself: %s', (_what, schema, gone) => {
    expect(() => compile(structuredClone(schema))).toThrow()
    expect(mendSchema(schema)).toEqual(gone)
    for (const takes of compile(schema)) expect([takes({}), takes('x')]).toEqual([true, false])
  })

  it.each<[string, Raw, readonly unknown[], readonly unknown[]]>([
    [
      'types as others call them',
      object({ a: { type: 'STRING' }, b: { type: 'int' } }),
      [{ a: 'x', b: 1 }],
      [{ b: 'x' }],
    ],
    ['a number as a text', object({ a: { type: 'string', minLength: '2' } }), [{ a: 'xx' }], [{ a: 'x' }]],
    [
      'limits of draft 4',
      object(
        { a: { type: 'number', minimum: 0, exclusiveMinimum: true } },
        { id: 'x', $schema: draft('draft-04') },
      ),
      [{ a: 1 }],
      [{ a: 0 }],
    ],
    ['what must be there as in draft 3', object({ a: { type: 'string', required: true } }), [{}], [{ a: 1 }]],
    ['a text for what must be there', object({ a: object({}, { required: 'b' }) }), [{ a: {} }], [{ a: 1 }]],
    [
      'a list of items',
      object({ a: { type: 'array', items: [{ type: 'string' }] } }),
      [{ a: ['x'] }],
      [{ a: 1 }],
    ],
    [
      'the same where it was right',
      object({ a: { items: [{}] } }, { $schema: draft('draft-07') }),
      [{ a: [1] }],
      [],
    ],
    [
      'a definition by its name',
      object({ a: { $ref: 'Range' } }, { $defs: { Range: { id: 'Range', type: 'string' } } }),
      [{ a: 'x' }],
      [{ a: 1 }],
    ],
    ['nullable without a type', object({ a: { nullable: true } }), [{ a: null }], []],
    [
      'a dialect that nobody knows',
      object({ a: { type: 'string' } }, { $schema: 'https://example.com/mine' }),
      [{ a: 'x' }],
      [{ a: 1 }],
    ],
    [
      'its own name twice',
      object({ a: { $id: 'same', type: 'string' }, b: { $ref: 'same#/properties/a' } }, { $id: 'same' }),
      [{ b: 'x' }],
      [{ b: 1 }],
    ],
  ])('is written as it is today where that is plain: %s', (_what, schema, good, bad) => {
    expect(mendSchema(schema)).toEqual([])
    for (const takes of compile(schema)) for (const value of good) expect(takes(value)).toBe(true)
    // An older client reads what it does not know as nothing.
    const [takes] = compile(schema)
    for (const value of bad) expect(takes!(value)).toBe(false)
  })

  it.each<[string, Raw, string]>([
    ['what a reference leads to', object({ a: { $ref: '#/type' } }), 'properties.a.$ref'],
    ['a part of an object', object({ a: object({ b: 'whatever' }) }), 'properties.a.properties.b'],
    ['one of several', object({ a: { anyOf: ['x', {}] } }), 'properties.a.anyOf'],
  ])('is also what is no schema: %s', (_what, schema, gone) => {
    expect(mendSchema(schema)).toEqual([gone])
    for (const takes of compile(schema)) expect(takes({})).toBe(true)
  })

  it('is none in what is good', () => {
    const schema = object(
      {
        a: { $ref: '#/$defs/a~1b' },
        id: { type: ['string', 'null'], pattern: '^\\d+$' },
        $ref: { enum: [null, 'x'] },
        list: { type: 'array', items: { $ref: '#' }, minItems: 0 },
        either: { oneOf: [{ const: 1 }, true], not: { type: 'object' } },
      },
      { $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: { 'a/b': { default: null } } },
    )
    const before = structuredClone(schema)
    expect(mendSchema(schema)).toEqual([])
    expect(schema).toEqual(before)
  })

  it('is none of two tools whose schemas have one name', () => {
    const schemas = ['string', 'number'].map((type) => object({ a: { type } }, { $id: 'Result' }))
    for (const schema of schemas) mendSchema(schema)
    const client = new AjvJsonSchemaValidator()
    expect(schemas.map((schema) => client.getValidator(schema)({ a: 1 }).valid)).toEqual([false, true])
  })
})
