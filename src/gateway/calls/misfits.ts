import * as z from 'zod'
import { type Sentence, saidLater } from '../../../locales/say.ts'
import { quotedLine } from '../../contract/agreed/visible-text.ts'
import type { Raw } from '../../mcp/tool-source.ts'

/** More of them nobody reads at once. */
const most = 3

/** What of arguments does not fit a tool's input schema, in words; null: they fit. For schemas of ours: others' may say what zod cannot read. */
export function misfits(schema: object, args: Raw): Sentence | null {
  const read = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(args)
  if (read.success) return null
  const byField = new Map(read.error.issues.map((issue) => [fieldOf(issue), issue] as const).reverse())
  const said = [...byField].reverse().slice(0, most)
  return said
    .map(([field, issue]) => misfit(issue, quotedLine(field), schema, args))
    .reduceRight((rest, first) => saidLater('misfit.more', { first, rest }))
}

/** `labels → 2`; what stands in a list is counted from one. */
const fieldOf = (issue: z.core.$ZodIssue): string => {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path
  return path.map((step) => (typeof step === 'number' ? step + 1 : String(step))).join(' → ')
}

function misfit(issue: z.core.$ZodIssue, field: string, schema: object, args: Raw): Sentence {
  switch (issue.code) {
    case 'unrecognized_keys':
      return saidLater('misfit.unknown', { field })
    case 'invalid_type':
      return valueAt(args, issue.path) === undefined
        ? saidLater('misfit.missing', { field })
        : saidLater('misfit.kind', { field, kind: issue.expected })
    case 'invalid_value':
      return valueAt(args, issue.path) === undefined
        ? saidLater('misfit.missing', { field })
        : saidLater('misfit.oneOf', {
            field,
            values: issue.values.map((one) => JSON.stringify(one)).join(', '),
          })
    case 'too_big':
      return saidLater('misfit.tooBig', { field, of: issue.origin, limit: Number(issue.maximum) })
    case 'too_small':
      return saidLater('misfit.tooSmall', { field, of: issue.origin, limit: Number(issue.minimum) })
    default: {
      const about = descriptionOf(schema, issue.path)
      return about === undefined
        ? saidLater('misfit.form', { field })
        : saidLater('misfit.formOf', { field, about: quotedLine(about, 160) })
    }
  }
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inside, step) => (Object(inside) as Record<PropertyKey, unknown>)[step], value)

/** Of the outermost argument on the way. */
function descriptionOf(schema: object, [name]: readonly PropertyKey[]): string | undefined {
  const { properties } = schema as { properties?: Record<PropertyKey, { description?: string }> }
  return name === undefined ? undefined : properties?.[name]?.description
}
