import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { shorten } from '../kernel/shorten.ts'
import { argumentProblem } from './argument-problem.ts'
import { guarded } from './guarded.ts'
import { jsonDepth } from './json-guard.ts'

/** Larger or deeper schemas are left to the source. */
const maxSchemaBytes = 128_000
const maxSchemaDepth = 64
/** How long somebody else's schema may hold us up, and how often: a busy computer alone can make one check slow. */
const patience = { ms: 300, times: 3 }
/** Arguments larger than this are checked under watch whatever the schema. */
const largeBytes = 64_000
/** Keywords with which a small schema can ask for a lot of work. */
const costly = /"(?:\$ref|\$dynamicRef|\$recursiveRef|pattern|patternProperties|uniqueItems)"/

export interface ArgumentsCheck {
  /** What is wrong with the arguments, in plain words; null when nothing is, or when it is up to the source to say. */
  problem(tool: string, schema: object, args: Record<string, unknown>, bytes: number): string | null
}

type Compiled = { validate: ValidateFunction; costly: boolean } | 'unchecked'

/**
 * Checks arguments against a tool's input schema (JSON Schema 2020-12 unless `$schema` says otherwise). Compiled when
 * first needed and kept as long as the schema object is. Nothing is ever fetched: a schema with a remote `$ref` does not
 * compile, and what does not compile is passed to the source unchecked.
 */
export function createArgumentsCheck(log: Log, patienceMs: number = patience.ms): ArgumentsCheck {
  const known = new WeakMap<object, Compiled>()
  const slow = new WeakMap<object, number>()

  const leaveUnchecked = (tool: string, schema: object, error: unknown): null => {
    const times = (slow.get(schema) ?? 0) + 1
    slow.set(schema, times)
    if (isTimeout(error) && times < patience.times) return null
    known.set(schema, 'unchecked')
    log.warn('gateway.schema-unchecked', { tool, error: shorten(errorText(error), 500) })
    return null
  }

  return {
    problem(tool, schema, args, bytes) {
      try {
        let compiled = known.get(schema)
        if (!compiled) {
          compiled = compile(schema, patienceMs)
          known.set(schema, compiled)
        }
        if (compiled === 'unchecked') return null
        const { validate } = compiled
        const fits =
          compiled.costly || bytes > largeBytes ? guarded(() => validate(args), patienceMs) : validate(args)
        if (fits === true) return null
        const [error] = validate.errors ?? []
        return error ? argumentProblem(error as ErrorObject, args) : null
      } catch (error) {
        return leaveUnchecked(tool, schema, error)
      }
    },
  }
}

const isTimeout = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

function compile(schema: object, patienceMs: number): Compiled {
  const text = JSON.stringify(schema)
  if (text.length > maxSchemaBytes) throw new Error(`schema of ${text.length} characters`)
  if (jsonDepth(Buffer.from(text), maxSchemaDepth) > maxSchemaDepth) throw new Error('schema too deep')
  const dialect = (schema as { $schema?: unknown }).$schema
  const options = {
    strict: false,
    validateSchema: false,
    // Formats are annotations to most sources; turning a call away over one would be ours alone.
    validateFormats: false,
    addUsedSchema: false,
    logger: false,
  } as const
  // An engine of its own: schemas of different servers may carry the same `$id`.
  const engine =
    typeof dialect !== 'string' || dialect.includes('2020-12')
      ? new Ajv2020({ ...options, meta: false })
      : dialect.includes('2019-09')
        ? new Ajv2019({ ...options, meta: false })
        : new Ajv({ ...options, meta: false })
  const { $schema: _dialect, ...bare } = schema as Record<string, unknown>
  const validate = guarded(() => engine.compile(bare), patienceMs)
  return { validate, costly: costly.test(text) }
}
