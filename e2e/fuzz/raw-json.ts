export type Raw = Record<string, unknown>

export const isObject = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** JSON text that no JavaScript value would be written as, such as `1e400`. */
export class Verbatim {
  readonly json: string
  constructor(json: string) {
    this.json = json
  }
}

/** An object in which one key comes twice. */
export class TwiceKeyed {
  readonly object: Raw
  readonly key: string
  readonly first: unknown
  constructor(object: Raw, key: string, first: unknown) {
    this.object = object
    this.key = key
    this.first = first
  }
}

/** As JSON.stringify, and what it could not write. */
export function write(value: unknown): string {
  if (value instanceof Verbatim) return value.json
  if (value instanceof TwiceKeyed) {
    const rest = write(value.object)
    return `{${JSON.stringify(value.key)}:${write(value.first)}${rest === '{}' ? '}' : `,${rest.slice(1)}`}`
  }
  if (Array.isArray(value)) return `[${value.map((one) => write(one === undefined ? null : one)).join()}]`
  if (isObject(value)) {
    const fields = Object.entries(value).filter(([, one]) => one !== undefined)
    return `{${fields.map(([key, one]) => `${JSON.stringify(key)}:${write(one)}`).join()}}`
  }
  return JSON.stringify(value)
}
