import type { Facts, HeldRule, RuleBook } from '../mcp/decision.ts'

/** The owner switched the tool off, for everybody. Whatever is not plainly on is off. */
export const isSwitchedOff = ({ enabled }: Facts): boolean => enabled !== true

/** What the owner said of a client's calls beforehand: how far it may go with tools of this risk. */
export function levelOf({ access, risk }: Facts): 'allow' | 'ask' | 'look-only' | 'not-in-grant' {
  switch (access) {
    case 'look':
      return risk === 'read' ? 'allow' : 'look-only'
    case 'ask':
      return risk === 'read' ? 'allow' : 'ask'
    case 'everything':
      return 'allow'
    default:
      return 'not-in-grant'
  }
}

/**
 * The answer of the owner that holds for this call now: a *never* before anything else, then one that waives taint, then any. A *never*
 * holds whatever has become of the tool, and for every other way to the same: who changes, or goes round, must not escape it.
 */
export function ruleFor(facts: Facts, book: RuleBook): HeldRule | null {
  const { call, twins } = facts
  if (twins !== undefined && twins !== null) {
    const never = neverAmong(twins, book)
    if (never !== null) return never
  }
  if (call === undefined) return null
  const rules = book.of(call.grantId, call.toolId)
  if (rules === undefined) return null
  let found: HeldRule | null = null
  const now = book.now()
  for (const rule of rules) {
    if (rule.until !== null && rule.until <= now) continue
    if (rule.effect === 'never') return rule
    // Of several, the one that holds in most cases: also after a stranger's words, or after more of them.
    if (found !== null && !(rule.waivesTaint || (!found.waivesTaint && isLater(rule, found)))) continue
    if (allows(rule, facts, now)) found = rule
  }
  return found
}

const isLater = (one: HeldRule, other: HeldRule): boolean => {
  const [order, than] = [one.order ?? 0, other.order ?? 0]
  return order === than ? one.since > other.since : order > than
}

function neverAmong({ grantId, tools }: NonNullable<Facts['twins']>, book: RuleBook): HeldRule | null {
  const now = book.now()
  for (const id of tools)
    for (const rule of book.of(grantId, id) ?? [])
      if (rule.effect === 'never' && (rule.until === null || rule.until > now)) return rule
  return null
}

function allows(rule: HeldRule, { call, risk }: Facts, now: number): boolean {
  // Nobody is asked about a read: there is no question that it could answer.
  if (risk === 'read') return false
  // A clock that was set back must not make minutes of years.
  if (rule.effect !== 'allow' || call === undefined || now < rule.since) return false
  if (rule.chat !== null && rule.chat !== call.chat) return false
  if (isTooMuch(rule, risk)) return false
  if (rule.definitionHash !== call.definitionHash || rule.identity !== call.identity) return false
  return rule.argumentsHash === null || rule.argumentsHash === call.argumentsHash
}

/** More than a month is for ever, where something can be deleted whatever its arguments. Milliseconds. */
const longestDestructive = 31 * 24 * 3_600_000

/** Nothing destructive is allowed for ever, unless its arguments were seen: whatever the rule was called when it was made, it is judged by how far it reaches. */
export const isTooMuch = (
  { effect, argumentsHash, since, until }: Pick<HeldRule, 'effect' | 'argumentsHash' | 'since' | 'until'>,
  risk: Facts['risk'],
): boolean =>
  effect === 'allow' &&
  argumentsHash === null &&
  (until === null || until - since > longestDestructive) &&
  risk !== 'read' &&
  risk !== 'write'
