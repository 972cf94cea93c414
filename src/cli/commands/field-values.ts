import { usage } from '../context.ts'

/** `FIELD=VALUE` as it was typed. */
export function pairsOf(given: readonly string[], form: string): Record<string, string> {
  return Object.fromEntries(
    given.map((pair) => {
      const at = pair.indexOf('=')
      // Not repeated: it may be a key.
      if (at < 1) throw usage({ says: 'usage.notAPair', params: { form } })
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

/** The values of variables, by field. */
export function fromEnvironment(
  variables: Record<string, string>,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([field, variable]) => {
      const value = env[variable]
      if (!value) throw usage({ says: 'usage.variableForNotSet', params: { field, variable } })
      return [field, value]
    }),
  )
}
