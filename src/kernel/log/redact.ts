import { isRawNumber } from '../exact-json.ts'
import { shorten } from '../shorten.ts'
import { isAboveSuspicion, isSecretName, redactedMark, redactShapes } from './secret-shapes.ts'

export { redactedMark } from './secret-shapes.ts'

/** Values deeper than this are cut: JSON.stringify overflows the stack long before a parser does. */
const maxDepth = 64
/** Items of one list or object. */
const maxItems = 400
/** Values in all: a small object that names another a few times over can unfold without end. */
const maxValues = 20_000
/** JSON up to this length is looked at as one text first: copying costs more than writing it out, and most hides nothing. */
const shortJson = 4_000
/** Of a text that is cut, more than is kept is looked at: so much that what is kept holds no half of a secret. */
export const cutMargin = 8_000

export interface Redactor {
  /** From now on this text is never shown. Texts under 6 characters are ignored: they would redact ordinary words. */
  add(secret: string): void
  text(text: string): string
  /** Its beginning, redacted before it is cut: cut first, half a secret would stand at its end that nobody knows any more. */
  beginning(text: string, longest: number): string
  /**
   * A copy safe to store, made of plain JSON values: secret fields and texts replaced, depth and width capped. `longest`: of each text,
   * in characters.
   */
  value(value: unknown, longest?: number): unknown
  /**
   * `value` as JSON text, for a value that is made of nothing but what JSON can hold; what it cannot becomes `null`. `max`: characters
   * of it that are of use; beyond them it is not looked at, and what is left out is said in numbers.
   */
  json(value: unknown, max?: number): string
}

export function createRedactor(): Redactor {
  const secrets = new LiteralSecrets()
  const text = (input: string): string => redactShapes(secrets.hiddenIn(input))
  return {
    add: (secret) => secrets.add(secret),
    text,
    beginning: (input, longest) => shortened(text, input, longest),
    value: (input, longest = Number.POSITIVE_INFINITY) =>
      new SafeCopy(text, Number.POSITIVE_INFINITY, longest).of(input, 0),
    json(input, max = Number.POSITIVE_INFINITY) {
      const json = isSmall(input) ? plainJson(input) : null
      if (json !== null && isAboveSuspicion(json) && !secrets.areIn(json)) return json
      return JSON.stringify(new SafeCopy(text, max).of(input, 0)) ?? 'null'
    },
  }
}

/** Shorter lines of a secret are like any other's. */
const leastLine = 24

/** The texts that must never be shown, in every form they are likely to come in. */
class LiteralSecrets {
  readonly #literals = new Set<string>()
  /** All of them, longest first, so that one that begins like another is not left half visible. */
  #pattern: RegExp | null = null

  add(secret: string): void {
    this.#addForms(secret)
    // "Authorization: Bearer x" is kept as a whole, yet x alone is the secret.
    this.#addForms(/^(?:Bearer|Basic|Token)\s+(.+)$/is.exec(secret)?.[1] ?? '')
    this.#pattern = null
  }

  /** `search`, because it takes no notice of where the last match ended. Each secret is known as JSON writes it, too. */
  areIn(json: string): boolean {
    const pattern = this.#all()
    return pattern !== null && json.search(pattern) >= 0
  }

  hiddenIn(text: string): string {
    const pattern = this.#all()
    return pattern === null ? text : text.replace(pattern, redactedMark)
  }

  #addForms(secret: string): void {
    for (const form of [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret.toWellFormed()),
    ])
      if (form.length >= 6) this.#literals.add(form)
    // Programs are read line by line: of a key with several, each line is one.
    if (secret.includes('\n'))
      for (const line of secret.split(/\r?\n/)) if (line.length >= leastLine) this.#literals.add(line)
  }

  #all(): RegExp | null {
    if (this.#literals.size === 0) return null
    this.#pattern ??= new RegExp(
      [...this.#literals]
        .sort((a, b) => b.length - a.length)
        .map((secret) => secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
        .join('|'),
      'g',
    )
    return this.#pattern
  }
}

/** One value on its way to a copy without secrets, as far as it is looked at. */
class SafeCopy {
  readonly #text: (input: string) => string
  /** Values that may still be copied. */
  #left = maxValues
  /** Characters that may still be looked at. */
  #room: number
  /** Of each text. */
  readonly #longest: number

  constructor(text: (input: string) => string, room: number, longest = Number.POSITIVE_INFINITY) {
    this.#text = text
    this.#room = room
    this.#longest = longest
  }

  of(input: unknown, depth: number): unknown {
    if (typeof input === 'string') return this.#part(input)
    if (typeof input === 'bigint') return String(input)
    if (typeof input !== 'object' || input === null) return input
    // It stays the number it was, unless it is a secret.
    if (isRawNumber(input)) return this.#text(input.rawJSON) === input.rawJSON ? input : redactedMark
    if (input instanceof Error) return shortened(this.#text, errorText(input, 0), this.#longest)
    if (input instanceof Date) return Number.isNaN(input.getTime()) ? null : input.toISOString()
    if (input instanceof URL) return this.#text(input.href)
    if (ArrayBuffer.isView(input)) return `[${input.byteLength} bytes]`
    if (depth >= maxDepth) return '[too deep]'
    return Array.isArray(input) ? this.#list(input, depth) : this.#object(input, depth)
  }

  #list(input: readonly unknown[], depth: number): unknown[] {
    const items: unknown[] = []
    for (const item of input) {
      if (items.length === maxItems || this.#isSpent()) {
        items.push(`[${input.length - items.length} more]`)
        break
      }
      this.#left -= 1
      items.push(this.of(item, depth + 1))
    }
    return items
  }

  #object(input: object, depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    const keys = Object.keys(input)
    for (const [index, key] of keys.entries()) {
      if (index === maxItems || this.#isSpent()) {
        out[freeName(out, '[more]')] = `[${keys.length - index} more]`
        break
      }
      this.#left -= 1
      const item = (input as Record<string, unknown>)[key]
      const hidden = isSecretName(key) && item !== null && item !== undefined && typeof item !== 'boolean'
      const name = freeName(out, this.#part(key))
      const value = hidden ? redactedMark : this.of(item, depth + 1)
      // Plain assignment to `__proto__` would change the copy's prototype.
      if (name === '__proto__')
        Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true })
      else out[name] = value
    }
    return out
  }

  #part(input: string): string {
    const room = this.#room
    this.#room = Math.max(0, room - input.length)
    if (input.length > Math.min(this.#longest, room + cutMargin))
      return shortened(this.#text, input, Math.min(this.#longest, room))
    return this.#text(input)
  }

  #isSpent(): boolean {
    return this.#left <= 0 || this.#room <= 0
  }
}

function shortened(redacted: (text: string) => string, input: string, longest: number): string {
  if (input.length <= longest) return redacted(input)
  const shown = redacted(input.slice(0, longest + cutMargin))
  // Redacted it may be short enough, and is still not all.
  if (shown.length <= longest) return `${shown}… [shortened: ${input.length} characters in all]`
  return shorten(shown, longest, input.length)
}

function errorText(error: Error, depth: number): string {
  const detail = (error as { detail?: unknown }).detail
  const lines = [String(error.stack ?? error.message)]
  if (typeof detail === 'string') lines.push(`detail: ${detail}`)
  if (error.cause !== undefined && depth < 4) {
    const cause = error.cause
    lines.push(`cause: ${cause instanceof Error ? errorText(cause, depth + 1) : String(cause)}`)
  }
  return lines.join('\n')
}

/** Two names that look the same once they are redacted stay two. */
function freeName(taken: object, name: string): string {
  let free = name
  for (let count = 2; Object.hasOwn(taken, free); count += 1) free = `${name} (${count})`
  return free
}

/** Whether its JSON may be short enough for `plainJson`: a look that ends as soon as it is not. */
const isSmall = (input: unknown): boolean => roomAfter(input, 0, shortJson) >= 0

/** What is left of `room` characters, at least; below 0 when it was not enough, or `value` too deep. Once for each call: no closure. */
function roomAfter(value: unknown, depth: number, room: number): number {
  if (typeof value === 'string') return room - value.length - 1
  if (typeof value !== 'object' || value === null) return room - 1
  if (depth > maxDepth) return -1
  let left = room - 1
  if (Array.isArray(value)) {
    // `for in` would make a text of each place.
    for (let i = 0; i < value.length && left >= 0; i += 1) left = roomAfter(value[i], depth + 1, left)
    return left
  }
  for (const key in value) {
    left -= key.length + 2
    if (left >= 0) left = roomAfter((value as Record<string, unknown>)[key], depth + 1, left)
    if (left < 0) return left
  }
  return left
}

/** Null when it is too long or too deep to be kept as it is, or no JSON. */
function plainJson(input: unknown): string | null {
  try {
    const json = JSON.stringify(input)
    return json !== undefined && json.length <= shortJson && isShallow(json) ? json : null
  } catch {
    return null
  }
}

/** Text that opens fewer lists and objects than the depth that is allowed cannot be deeper. */
function isShallow(json: string): boolean {
  let left = maxDepth
  for (const open of ['{', '[']) {
    for (let at = json.indexOf(open); at >= 0; at = json.indexOf(open, at + 1)) {
      left -= 1
      if (left === 0) return false
    }
  }
  return true
}
