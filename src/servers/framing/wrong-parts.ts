import { specTypeSchemas } from '@modelcontextprotocol/client'
import { say } from '../../../locales/say.ts'
import { checkable } from '../../kernel/exact-json.ts'
import { isObject } from '../../kernel/is-object.ts'
import { shorten } from '../../kernel/shorten.ts'
import type { Raw } from '../../mcp/tool-source.ts'

export type SchemaName = keyof typeof specTypeSchemas

/** More wrong parts than this, and nobody knows what was meant. */
const mostMends = 40

/** Takes out of an object, in place, what the schema does not take. Null, or why that is no use. */
export function withoutWrongParts(name: SchemaName, entry: Raw, needs: readonly string[]): string | null {
  const schema = specTypeSchemas[name]['~standard']
  const removed = new Set<string>()
  for (let mends = 0; ; mends += 1) {
    const outcome = schema.validate(checkable(entry))
    if (outcome instanceof Promise) throw new Error('an asynchronous schema')
    if (!outcome.issues) return null
    const [issue] = outcome.issues
    let path = (issue?.path ?? []).map(
      (step) => (typeof step === 'object' ? step.key : step) as string | number,
    )
    // What was taken out already, and is missed now, takes what it is in with it.
    while (path.length > 0 && removed.has(JSON.stringify(path))) path = path.slice(0, -1)
    const [first] = path
    if (first === undefined || mends === mostMends || (path.length === 1 && needs.includes(String(first))))
      return say('offers.leftOut.oddPart', {
        part: path.join('.') || say('offers.leftOut.itself'),
        problem: shorten(issue?.message ?? 'wrong', 100),
      })
    removed.add(JSON.stringify(path))
    takeOut(entry, path)
  }
}

function takeOut(root: Raw, path: readonly (string | number)[]): void {
  let holder: unknown = root
  for (const step of path.slice(0, -1)) holder = (holder as Raw | undefined)?.[step]
  const last = path.at(-1)!
  if (Array.isArray(holder)) holder.splice(Number(last), 1)
  else if (isObject(holder)) delete holder[last]
}
