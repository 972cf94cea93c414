import { hash } from 'node:crypto'
import { isRawNumber } from './exact-json.ts'

/** JSON with sorted keys and no spaces, so that equal values give equal texts (after RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null || isRawNumber(value))
    return JSON.stringify(value) ?? 'null'
  let members = ''
  for (const key of Object.keys(value).sort()) {
    if (members !== '') members += ','
    members += `${JSON.stringify(key)}:${canonicalJson((value as Record<string, unknown>)[key])}`
  }
  return `{${members}}`
}

/** SHA-256 of that, hexadecimal. */
export const canonicalHash = (value: unknown): string => hash('sha256', canonicalJson(value), 'hex')
