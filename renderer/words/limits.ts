import { say } from '../../locales/say.ts'
import { dayOf } from '../../src/contract/agreed/words/local-time.ts'
import { day } from './time.ts'

/** When an access ends by itself, as the form has it: counted from the moment it is sent, or a day. */
export type Expiry =
  | { kind: 'never' }
  | { kind: 'days'; days: number }
  | { kind: 'date' /** The last moment, or null while no day is chosen. */; at: number | null }

/** What is handed on beyond the access level. `tools: null` means all, also those that come later. */
export interface LimitsValue {
  tools: string[] | null
  expiry: Expiry
}

export const NO_LIMITS: LimitsValue = { tools: null, expiry: { kind: 'never' } }
export const DAYS = [1, 7, 30] as const

const DAY_MS = 86_400_000

export const expiryOf = (expiresAt: number | null): Expiry =>
  expiresAt === null ? { kind: 'never' } : { kind: 'date', at: expiresAt }

/** The moment to send; null means never. */
export function expiryAt(expiry: Expiry, now: number): number | null {
  if (expiry.kind === 'never') return null
  return expiry.kind === 'days' ? now + expiry.days * DAY_MS : expiry.at
}

/** What keeps these limits from being sent, in words; undefined when nothing does. */
export function limitsProblem(value: LimitsValue, now: number): string | undefined {
  if (value.tools?.length === 0) return say('limits.noTool')
  if (value.expiry.kind !== 'date') return undefined
  if (value.expiry.at === null) return say('limits.noDay')
  return value.expiry.at <= now ? say('limits.dayIsOver') : undefined
}

export const toolsWords = (tools: readonly string[] | null): string =>
  tools === null ? say('limits.allTools') : say('limits.chosenTools', { count: tools.length })

function expiryWords(expiry: Expiry, now: number): string {
  if (expiry.kind === 'never') return say('limits.noEnd')
  if (expiry.kind === 'days') return say('limits.endsIn', { days: daysWords(expiry.days) })
  if (expiry.at === null) return say('limits.endsOnChosenDay')
  return say(expiry.at <= now ? 'limits.ended' : 'limits.until', { day: day(expiry.at) })
}

export const daysWords = (days: number): string => say('limits.days', { days })

/** The one quiet line: "All tools, no end date". */
export const limitsLine = (value: LimitsValue, now: number): string =>
  say('limits.line', { tools: toolsWords(value.tools), end: expiryWords(value.expiry, now) })

/** A moment as the date field of a form writes it, in the computer's time zone. */
export const toDateField = (at: number | null): string => (at === null ? '' : dayOf(at))

/** The last moment of the day in a date field; null for what is not a day. */
export function fromDateField(text: string): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!parts) return null
  const [year, month, date] = parts.slice(1).map(Number) as [number, number, number]
  const end = new Date(year, month - 1, date, 23, 59, 59, 999)
  return end.getMonth() === month - 1 && end.getDate() === date ? end.getTime() : null
}

const ALIASES: Record<string, string> = { read: 'mcp:read', write: 'mcp:write' }

/**
 * The reads that scopes narrow an access to: of every source, or of those with these short names; null when they narrow nothing.
 * `mcp:read` is every read, `{source}.read` alone the reads of that source; `mcp:write`, or none of these, leaves it to the grant.
 */
function readsOf(scopes: readonly string[]): 'all' | string[] | null {
  const asked = new Set(scopes.map((scope) => ALIASES[scope] ?? scope))
  if (asked.has('mcp:write')) return null
  if (asked.has('mcp:read')) return 'all'
  const sources = [...asked].flatMap((scope) => /^(.+)\.read$/.exec(scope)?.[1] ?? [])
  return sources.length === 0 ? null : sources
}

/** What an app asks for with its scopes, where that is less than it could. */
export function scopeWords(scopes: readonly string[], sourceName: (id: string) => string): string | null {
  const reads = readsOf(scopes)
  if (reads === null) return null
  return reads === 'all'
    ? say('scopes.onlyRead')
    : say('scopes.onlyReadFrom', { sources: listWords(reads.map(sourceName)) })
}

/** What a key is narrowed to by its abilities. */
export function abilityWords(scopes: readonly string[], sourceName: (id: string) => string): string | null {
  const reads = readsOf(scopes)
  if (reads === null) return null
  return reads === 'all'
    ? say('abilities.onlyReading')
    : say('abilities.onlyReadingFrom', { sources: listWords(reads.map(sourceName)) })
}

/** "A", "A and B", "A, B and C". */
export const listWords = (words: readonly string[]): string =>
  words.length < 2
    ? (words[0] ?? '')
    : say('list.and', { most: words.slice(0, -1).join(', '), last: words.at(-1) ?? '' })
