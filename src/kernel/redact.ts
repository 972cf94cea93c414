/** Field names whose values are never shown or stored, whatever they hold. */
const secretNames =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|api[-_]?key|access[-_]?token|refresh[-_]?token|id[-_]?token|token|client[-_]?secret|secret|password|passwd|passphrase|private[-_]?key|code[-_]?verifier|bearer|credential|credentials)$/i

/** Shapes of well-known secrets, wherever they stand in a text. */
const secretShapes: RegExp[] = [
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}/g, // Stripe
  /\bsk-[A-Za-z0-9_-]{16,}/g, // OpenAI, Anthropic
  /\bgh[pousr]_[A-Za-z0-9]{20,}/g, // GitHub
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bnpm_[A-Za-z0-9]{20,}/g,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}/g, // Slack
  /\bAKIA[A-Z0-9]{12,}/g, // AWS
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, // JWT
  /\bdb_key_[A-Za-z0-9_-]{16,}/g, // our own keys
  /(\bBearer\s+)[A-Za-z0-9._~+/=-]{8,}/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
]

export const redactedMark = '[redacted]'

/** Values deeper than this are cut: JSON.stringify overflows the stack long before a parser does. */
const maxDepth = 64
const maxItems = 400

export interface Redactor {
  /** From now on this text is never shown. Texts under 6 characters are ignored: they would redact ordinary words. */
  add(secret: string): void
  text(text: string): string
  /** A copy safe to store: secret fields and texts replaced, depth and width capped. */
  value(value: unknown): unknown
}

export function createRedactor(): Redactor {
  const known = new Set<string>()

  const text = (input: string): string => {
    let out = input
    for (const secret of known) if (out.includes(secret)) out = out.replaceAll(secret, redactedMark)
    for (const shape of secretShapes)
      out = out.replace(shape, (_all, lead) => (typeof lead === 'string' ? lead : '') + redactedMark)
    return out
  }

  const value = (input: unknown, depth = 0, name = ''): unknown => {
    if (
      name !== '' &&
      secretNames.test(name) &&
      input !== null &&
      input !== undefined &&
      typeof input !== 'boolean'
    )
      return redactedMark
    if (typeof input === 'string') return text(input)
    if (input instanceof Error) return text(input.stack ?? input.message)
    if (typeof input === 'bigint') return String(input)
    if (typeof input !== 'object' || input === null) return input
    if (depth >= maxDepth) return '[too deep]'
    if (Array.isArray(input)) {
      const items = input.slice(0, maxItems).map((item) => value(item, depth + 1))
      if (input.length > maxItems) items.push(`[${input.length - maxItems} more]`)
      return items
    }
    const out: Record<string, unknown> = {}
    for (const [key, item] of Object.entries(input)) {
      Object.defineProperty(out, text(key), {
        value: value(item, depth + 1, key),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    return out
  }

  return {
    add(secret) {
      if (secret.length >= 6) known.add(secret)
    },
    text,
    value: (input) => value(input),
  }
}
