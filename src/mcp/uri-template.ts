import { canSpend } from '../kernel/work-budget.ts'

/**
 * Whether a URI could come from a URI template (RFC 6570). Written here because a template is a stranger's text, and
 * libraries turn it into a regular expression that backtracks (CVE-2026-0621). This one goes over the URI once for each part
 * of the template, whatever they say: time grows with length × parts and not faster, and that is paid from the budget of the request.
 */

type Part = { text: string } | { operator: string; exploded: boolean }

export interface UriTemplate {
  /** The text before the first expression; a URI without it needs no closer look. */
  prefix: string
  parts: readonly Part[]
}

const maxParts = 100
const slash = 0x2f

/** Null when it is no template, or one of more than 100 parts. */
export function parseTemplate(template: string): UriTemplate | null {
  const parts: Part[] = []
  let at = 0
  for (const { index, 0: all, 1: operator, 2: names } of template.matchAll(/\{([+#./;?&]?)([^{}]*)\}/g)) {
    if (index > at) parts.push({ text: template.slice(at, index) })
    parts.push({ operator: operator!, exploded: names!.includes('*') })
    at = index + all.length
    if (parts.length > maxParts) return null
  }
  if (at < template.length) parts.push({ text: template.slice(at) })
  if (parts.some((part) => 'text' in part && /[{}]/.test(part.text))) return null
  const [first] = parts
  return { prefix: first && 'text' in first ? first.text : '', parts }
}

export function matchesTemplate({ prefix, parts }: UriTemplate, uri: string): boolean {
  if (!uri.startsWith(prefix)) return false
  const last = parts.at(-1)
  if (last && 'text' in last && !uri.endsWith(last.text)) return false
  if (!canSpend(parts.length * (uri.length + 1))) return false
  /** Places in the URI that the parts so far can end at. */
  let ends = new Uint8Array(uri.length + 1)
  ends[0] = 1
  for (const part of parts) {
    const next = new Uint8Array(uri.length + 1)
    if ('text' in part) {
      const { text } = part
      const first = text.charCodeAt(0)
      // Most places are ruled out by one character, which costs less than to call anything.
      for (let at = 0; at < uri.length; at += 1)
        if (ends[at] === 1 && uri.charCodeAt(at) === first && uri.startsWith(text, at))
          next[at + text.length] = 1
    } else spread(part, uri, ends, next)
    ends = next
    if (!ends.includes(1)) return false
  }
  return ends[uri.length] === 1
}

/** What one expression can stand for: at least one character, except in a query, which may be left out. */
function spread(
  { operator, exploded }: { operator: string; exploded: boolean },
  uri: string,
  ends: Uint8Array,
  next: Uint8Array,
): void {
  const isQuery = operator === '?' || operator === '&' || operator === ';'
  const anything = isQuery || operator === '+' || operator === '#' || (operator === '/' && exploded)
  const lead = operator === '+' || operator === '' ? -1 : operator.charCodeAt(0)
  let open = false
  for (let at = 0; at <= uri.length; at += 1) {
    // `open`: an expression that began earlier reaches up to here.
    if (open && at > 0) next[at] = 1
    if (isQuery && ends[at] === 1) next[at] = 1
    const code = at < uri.length ? uri.charCodeAt(at) : -1
    const begins = ends[at] === 1 && at < uri.length && (lead === -1 || code === lead)
    if (lead === -1 || !begins) open = (open || begins) && (anything || code !== slash)
    else open = true
  }
}
