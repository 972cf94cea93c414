import type { ErrorObject } from 'ajv'
import { shorten } from '../kernel/shorten.ts'

const typeNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
}

/** One problem with a tool's arguments, as a sentence that names the field. */
export function argumentProblem(error: ErrorObject, args: unknown): string {
  const { keyword, params } = error
  const at = fieldAt(error.instancePath)
  const here = at === '' ? 'The arguments' : `The field “${at}”`
  const inside = (name: unknown) => `“${shorten(at === '' ? String(name) : `${at}.${String(name)}`, 200)}”`
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
      return `The field ${inside(params.missingProperty)} is missing.`
    case 'additionalProperties':
      return `There is no field ${inside(params.additionalProperty)} in this tool.`
    case 'unevaluatedProperties':
      return `There is no field ${inside(params.unevaluatedProperty)} in this tool.`
    case 'type': {
      const wanted = [params.type].flat().map((type) => typeNames[String(type)] ?? String(type))
      return `${here} must be ${wanted.join(' or ')}, not ${kindOf(args, error.instancePath)}.`
    }
    case 'enum':
      return `${here} must be one of: ${shorten((params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', '), 400)}.`
    case 'const':
      return `${here} must be ${shorten(JSON.stringify(params.allowedValue), 200)}.`
    default:
      return `${here} ${shorten(error.message ?? 'does not fit', 200)}.`
  }
}

/** `/filters/0/name` (RFC 6901) as `filters[0].name`. */
function fieldAt(pointer: string): string {
  const text = steps(pointer).reduce(
    (path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : path === '' ? step : `${path}.${step}`),
    '',
  )
  return shorten(text, 200)
}

const steps = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

function kindOf(args: unknown, pointer: string): string {
  let value = args
  for (const step of steps(pointer)) value = (value as Record<string, unknown> | undefined)?.[step]
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'boolean') return String(value)
  return typeNames[typeof value] ?? 'this'
}
