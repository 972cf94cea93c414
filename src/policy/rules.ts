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
 * holds whatever has become of the tool: who changes must not escape it.
 */
export function ruleFor(facts: Facts, book: RuleBook): HeldRule | null {
  const { call } = facts
  if (call === undefined) return null
  const rules = book.of(call.grantId, call.toolId)
  if (rules === undefined) return null
  let found: HeldRule | null = null
  const now = book.now()
  for (const rule of rules) {
    if (rule.until !== null && rule.until <= now) continue
    if (rule.effect === 'never') return rule
    // Of several, the one that holds in most cases: also after a stranger's words, or after more of them.
    if (found !== null && !(rule.waivesTaint || (!found.waivesTaint && rule.since > found.since))) continue
    if (allows(rule, facts, now)) found = rule
  }
  return found
}

function allows(rule: HeldRule, { call, risk }: Facts, now: number): boolean {
  // A clock that was set back must not make minutes of years.
  if (rule.effect !== 'allow' || call === undefined || now < rule.since) return false
  if (rule.chat !== null && rule.chat !== call.chat) return false
  if (isTooMuch(rule, risk)) return false
  if (rule.definitionHash !== call.definitionHash || rule.identity !== call.identity) return false
  return rule.argumentsHash === null || rule.argumentsHash === call.argumentsHash
}

/** Nothing destructive is allowed for ever, whatever its arguments. */
export const isTooMuch = (
  { effect, argumentsHash, chat, until }: Pick<HeldRule, 'effect' | 'argumentsHash' | 'chat' | 'until'>,
  risk: Facts['risk'],
): boolean =>
  effect === 'allow' &&
  argumentsHash === null &&
  chat === null &&
  until === null &&
  risk !== 'read' &&
  risk !== 'write'
