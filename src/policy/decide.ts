import type { Risk } from '../contract/tools.ts'
import type { Decision, DenyReason, Facts, RuleBook } from '../mcp/decision.ts'
import { isPinned } from './pins.ts'
import { isSwitchedOff, levelOf, ruleFor } from './rules.ts'
import { asksAgain } from './taint.ts'

const allowed: Decision = { kind: 'allow' }
const asked: Decision = { kind: 'ask', why: 'access' }
const askedAgain: Decision = { kind: 'ask', why: 'taint' }
const noRules: RuleBook = { of: () => undefined, now: () => 0 }

/**
 * Allow, ask the user, or deny. Whatever is not plainly allowed is denied; a scope only ever takes away, and a rule gives nothing but
 * the answer to a question that would be asked.
 */
export function decide(facts: Facts, book: RuleBook = noRules): Decision {
  const until = facts.pausedUntil
  return until === undefined || until === null ? judged(facts, book) : paused(until)
}

/** The same, were its grant not paused. */
function judged(facts: Facts, book: RuleBook): Decision {
  if (isSwitchedOff(facts)) return deny('disabled')
  if (!isPinned(facts)) return deny(waiting[facts.waitsFor ?? 'new'])
  if (facts.inGrant !== true) return deny('not-in-grant')
  if (facts.localOnly !== false) return deny('local-only')
  const rule = ruleFor(facts, book)
  if (rule?.effect === 'never') return { ...deny('never'), rule: rule.id }
  const level = levelOf(facts)
  if (level !== 'allow' && level !== 'ask') return deny(level)
  // Last, so that nobody is sent to ask for a scope that would not help.
  if (!inScopes(facts)) return { ...deny('scope'), scopes: neededScopes(facts.risk) }
  const again = asksAgain(facts, rule)
  if (level === 'allow' && !again) return allowed
  if (rule !== null && !again) return { kind: 'allow', rule: rule.id }
  return again ? askedAgain : asked
}

/** Whether the tool is shown in `tools/list`: what would always be denied is not. A pause takes nothing off the list, which clients keep. */
export const isListed = (facts: Facts): boolean => judged(facts, noRules).kind !== 'deny'

/** `github.read` and the like: reads of one source. */
const sourceRead = /^[a-z0-9_-]+\.read$/

/**
 * `mcp:use` is the base without which a token opens nothing. Alone, or with `mcp:write`, it is all that the grant
 * allows; `mcp:read` narrows that to reads, and `{source}.read` to reads of these sources. `read` and `write` mean
 * `mcp:read` and `mcp:write`. Scopes we do not know change nothing.
 */
function inScopes({ scopes, risk, sourceId }: Facts): boolean {
  if (scopes === null) return true
  if (!(scopes instanceof Set) || !scopes.has('mcp:use')) return false
  const has = (name: string) => scopes.has(`mcp:${name}`) || scopes.has(name)
  if (has('write')) return true
  if (has('read')) return risk === 'read'
  if (![...scopes].some((scope) => sourceRead.test(scope))) return true
  return risk === 'read' && sourceId !== null && scopes.has(`${sourceId}.read`)
}

/** What a client must ask for to make such a call, all of it at once (MCP 2026-07-28, "Scope challenge"). */
const neededScopes = (risk: Risk): readonly string[] => [
  'mcp:use',
  risk === 'read' ? 'mcp:read' : 'mcp:write',
]

const waiting = { new: 'not-accepted', changed: 'changed', identity: 'server-changed' } as const

const words: Record<Exclude<DenyReason, 'paused'>, { message: string; hint: string }> = {
  disabled: {
    message: 'This tool is switched off in Drawbridge.',
    hint: 'Switch it on on the Tools page, then try again.',
  },
  'not-accepted': {
    message: 'This tool is new and waits for its owner.',
    hint: 'Look at it on the Tools page of Drawbridge and choose “Use it”, then try again.',
  },
  changed: {
    message: 'This tool describes itself in another way than before and waits for its owner.',
    hint: 'Look at what changed on the Tools page of Drawbridge and choose “Use it as it is now”, then try again.',
  },
  'server-changed': {
    message: 'The server of this tool is another than before and waits for its owner.',
    hint: 'Look at what changed on the Tools page of Drawbridge and accept it there, then try again.',
  },
  'not-in-grant': {
    message: 'This connection may not use this tool.',
    hint: 'On the Access page you can see which tools this connection was given.',
  },
  'local-only': {
    message: 'This tool only works for programs on the computer that Drawbridge runs on.',
    hint: 'Use it from a program on that computer.',
  },
  never: {
    message: 'The owner does not want this assistant to use this tool.',
    hint: 'It will not be asked about. The owner can take that back on the Access page of Drawbridge, under Rules.',
  },
  scope: {
    message: 'This connection asked for less than this tool needs.',
    hint: 'Let the assistant ask for the missing permission, or disconnect it and connect it again.',
  },
  'look-only': {
    message: 'This connection may look at things but not change them.',
    hint: 'To let it make changes, choose "Ask before changes" for it on the Access page.',
  },
}

/** `until`: milliseconds since 1970. Said in the owner's own time: an assistant passes it on to the owner. */
function paused(until: number): Decision {
  const at = new Date(until)
  return {
    kind: 'deny',
    reason: 'paused',
    message: `The owner has paused this connection until ${at.toTimeString().slice(0, 5)} (${at.toDateString()}).`,
    hint: 'Tell the user, and do not try again before then, unless they say that they have resumed it in Drawbridge.',
  }
}

const deny = (reason: Exclude<DenyReason, 'paused'>): Extract<Decision, { kind: 'deny' }> => ({
  kind: 'deny',
  reason,
  ...words[reason],
})
