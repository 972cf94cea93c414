import * as z from 'zod'

/** The plainest value that fits a schema of the contract: empty texts and lists, zeros, null where that may be, the first of several. */
export function sampleOf<S extends z.ZodType>(schema: S, more: Partial<z.output<S>> = {}): z.output<S> {
  const sample = plainest(schema)
  return (schema instanceof z.ZodObject ? Object.assign(sample as object, more) : sample) as z.output<S>
}

function plainest(schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodObject)
    return Object.fromEntries(
      Object.entries(schema.shape)
        .map(([key, value]) => [key, plainest(value)] as const)
        .filter(([, value]) => value !== undefined),
    )
  if (schema instanceof z.ZodString) return ''
  if (schema instanceof z.ZodNumber) return Math.max(0, schema.minValue ?? 0)
  if (schema instanceof z.ZodBoolean) return false
  if (schema instanceof z.ZodEnum) return schema.options[0]
  if (schema instanceof z.ZodLiteral) return [...schema.values][0]
  if (schema instanceof z.ZodArray) return []
  if (schema instanceof z.ZodRecord) return {}
  if (schema instanceof z.ZodNullable) return null
  if (schema instanceof z.ZodUnion) return plainest(schema.options[0]!)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodVoid) return undefined
  if (schema instanceof z.ZodNull) return null
  throw new Error(`No sample of ${schema._zod.def.type}`)
}
