import { api, type CallName, type Input } from '../../src/contract/api.ts'

/** What the contract says is wrong with an input, or with one field of it; undefined when nothing is. */
export const wrongIn = <K extends CallName>(
  name: K,
  input: Input<K>,
  field?: keyof Input<K>,
): string | undefined =>
  api[name].input.safeParse(input).error?.issues.find(({ path }) => field === undefined || path[0] === field)
    ?.message
