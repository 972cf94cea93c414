import { isRawNumber } from './exact-json.ts'
import { isAboveSuspicion, isSecretName, redactedMark, redactShapes } from './secret-shapes.ts'

import { shorten } from './shorten.ts'

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
const margin = 8_000

export interface Redactor {
  /** From now on this text is never shown. Texts under 6 characters are ignored: they would redact ordinary words. */
  add(secret: string): void
  text(text: string): string
  /** A copy safe to store, made of plain JSON values: secret fields and texts replaced, depth and width capped. */
  value(value: unknown): unknown
  /**
   * `value` as JSON text, for a value that is made of nothing but what JSON can hold; what it cannot becomes `null`. `max`: characters
   * of it that are of use; beyond them it is not looked at, and what is left out is said in numbers.
   */
  json(value: unknown, max?: number): string
}

export function createRedactor(): Redactor {
  const known = new Set<string>()
  /** All known secrets, longest first, so that one that begins like another is not left half visible. */
  let pattern: RegExp | null = null

  const learn = (secret: string) => {
    if (secret.length >= 6) known.add(secret)
  }

  const knownPattern = (): RegExp | null => {
    if (known.size === 0) return null
    pattern ??= new RegExp(
      [...known]
        .sort((a, b) => b.length - a.length)
        .map((secret) => secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
        .join('|'),
      'g',
    )
    return pattern
  }

  /** `search`, because it takes no notice of where the last match ended. Each secret is known as JSON writes it, too. */
  const holdsKnown = (json: string): boolean => {
    const secrets = knownPattern()
    return secrets !== null && json.search(secrets) >= 0
  }

  const text = (input: string): string => {
    const secrets = knownPattern()
    return redactShapes(secrets === null ? input : input.replace(secrets, redactedMark))
  }

  const errorText = (error: Error, depth: number): string => {
    const detail = (error as { detail?: unknown }).detail
    const lines = [String(error.stack ?? error.message)]
    if (typeof detail === 'string') lines.push(`detail: ${detail}`)
    if (error.cause !== undefined && depth < 4) {
      const cause = error.cause
      lines.push(`cause: ${cause instanceof Error ? errorText(cause, depth + 1) : String(cause)}`)
    }
    return lines.join('\n')
  }

  /** At most `budget.room` characters of it are looked at. */
  const part = (input: string, budget: Budget): string => {
    const { room } = budget
    budget.room = Math.max(0, room - input.length)
    if (input.length <= room + margin) return text(input)
    const shown = text(input.slice(0, room + margin))
    // Redacted it may be short enough, and is still not all.
    if (shown.length <= room) return `${shown}… [shortened: ${input.length} characters in all]`
    return shorten(shown, room, input.length)
  }

  const copy = (input: unknown, depth: number, budget: Budget): unknown => {
    if (typeof input === 'string') return part(input, budget)
    if (typeof input === 'bigint') return String(input)
    if (typeof input !== 'object' || input === null) return input
    // It stays the number it was, unless it is a secret.
    if (isRawNumber(input)) return text(input.rawJSON) === input.rawJSON ? input : redactedMark
    if (input instanceof Error) return text(errorText(input, 0))
    if (input instanceof Date) return Number.isNaN(input.getTime()) ? null : input.toISOString()
    if (input instanceof URL) return text(input.href)
    if (ArrayBuffer.isView(input)) return `[${input.byteLength} bytes]`
    if (depth >= maxDepth) return '[too deep]'
    if (Array.isArray(input)) {
      const items: unknown[] = []
      for (const item of input) {
        if (items.length === maxItems || isSpent(budget)) {
          items.push(`[${input.length - items.length} more]`)
          break
        }
        budget.left -= 1
        items.push(copy(item, depth + 1, budget))
      }
      return items
    }
    const out: Record<string, unknown> = {}
    const keys = Object.keys(input)
    for (const [index, key] of keys.entries()) {
      if (index === maxItems || isSpent(budget)) {
        out[freeName(out, '[more]')] = `[${keys.length - index} more]`
        break
      }
      budget.left -= 1
      const item = (input as Record<string, unknown>)[key]
      const hidden = isSecretName(key) && item !== null && item !== undefined && typeof item !== 'boolean'
      const name = freeName(out, part(key, budget))
      const value = hidden ? redactedMark : copy(item, depth + 1, budget)
      // Plain assignment to `__proto__` would change the copy's prototype.
      if (name === '__proto__')
        Object.defineProperty(out, name, { value, enumerable: true, configurable: true, writable: true })
      else out[name] = value
    }
    return out
  }

  const value = (input: unknown, room = Number.POSITIVE_INFINITY): unknown =>
    copy(input, 0, { left: maxValues, room })

  const learnForms = (secret: string) => {
    learn(secret)
    learn(JSON.stringify(secret).slice(1, -1))
    learn(encodeURIComponent(secret.toWellFormed()))
  }

  return {
    add(secret) {
      learnForms(secret)
      // "Authorization: Bearer x" is kept as a whole, yet x alone is the secret.
      learnForms(/^(?:Bearer|Basic|Token)\s+(.+)$/is.exec(secret)?.[1] ?? '')
      pattern = null
    },
    text,
    value: (input) => value(input),
    json(input, max) {
      const json = isSmall(input) ? plainJson(input) : null
      if (json !== null && isAboveSuspicion(json) && !holdsKnown(json)) return json
      return JSON.stringify(value(input, max)) ?? 'null'
    },
  }
}

/** Two names that look the same once they are redacted stay two. */
function freeName(taken: object, name: string): string {
  let free = name
  for (let count = 2; Object.hasOwn(taken, free); count += 1) free = `${name} (${count})`
  return free
}

interface Budget {
  /** Values. */
  left: number
  /** Characters. */
  room: number
}

const isSpent = ({ left, room }: Budget): boolean => left <= 0 || room <= 0

/** Whether its JSON may be short enough for `plainJson`: a look that ends as soon as it is not. */
const isSmall = (input: unknown): boolean => roomAfter(input, 0, shortJson) >= 0

/** What is left of `room` characters, at least; below 0 when it was not enough, or `value` too deep. Once for each call: no closure. */
function roomAfter(value: unknown, depth: number, room: number): number {
  if (typeof value === 'string') return room - value.length - 1
  if (typeof value !== 'object' || value === null) return room - 1
  if (depth > maxDepth) return -1
  let left = room - 1
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
