import type { Risk } from '../contract/tools.ts'
import type { Decision, DenyReason, Facts } from '../mcp/decision.ts'
import { isPinned } from './pins.ts'
import { isSwitchedOff, ruleOf } from './rules.ts'
import { asksAgain } from './taint.ts'

/** Allow, ask the user, or deny. Whatever is not plainly allowed is denied; a scope only ever takes away. */
export function decide(facts: Facts): Decision {
  if (isSwitchedOff(facts)) return deny('disabled')
  if (!isPinned(facts)) return deny(waiting[facts.waitsFor ?? 'new'])
  if (facts.inGrant !== true) return deny('not-in-grant')
  if (facts.localOnly !== false) return deny('local-only')
  const rule = ruleOf(facts)
  const decision: Decision =
    rule === 'allow' && asksAgain(facts)
      ? { kind: 'ask' }
      : rule === 'allow' || rule === 'ask'
        ? { kind: rule }
        : deny(rule)
  // Last, so that nobody is sent to ask for a scope that would not help.
  if (decision.kind !== 'deny' && !inScopes(facts))
    return { ...deny('scope'), scopes: neededScopes(facts.risk) }
  return decision
}

/** Whether the tool is shown in `tools/list`: what would always be denied is not. */
export const isListed = (facts: Facts): boolean => decide(facts).kind !== 'deny'

/** `github.read` and the like: reads of one connector. */
const connectorRead = /^[a-z0-9_-]+\.read$/

/**
 * `mcp:use` is the base without which a token opens nothing. Alone, or with `mcp:write`, it is all that the grant
 * allows; `mcp:read` narrows that to reads, and `{connector}.read` to reads of these connectors. `read` and `write` mean
 * `mcp:read` and `mcp:write`. Scopes we do not know change nothing.
 */
function inScopes({ scopes, risk, sourceId }: Facts): boolean {
  if (scopes === null) return true
  if (!(scopes instanceof Set) || !scopes.has('mcp:use')) return false
  const has = (name: string) => scopes.has(`mcp:${name}`) || scopes.has(name)
  if (has('write')) return true
  if (has('read')) return risk === 'read'
  if (![...scopes].some((scope) => connectorRead.test(scope))) return true
  return risk === 'read' && sourceId !== null && scopes.has(`${sourceId}.read`)
}

/** What a client must ask for to make such a call, all of it at once (MCP 2026-07-28, "Scope challenge"). */
const neededScopes = (risk: Risk): readonly string[] => [
  'mcp:use',
  risk === 'read' ? 'mcp:read' : 'mcp:write',
]

const waiting = { new: 'not-accepted', changed: 'changed', identity: 'server-changed' } as const

const words: Record<DenyReason, { message: string; hint: string }> = {
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
  scope: {
    message: 'This connection asked for less than this tool needs.',
    hint: 'Let the assistant ask for the missing permission, or disconnect it and connect it again.',
  },
  'look-only': {
    message: 'This connection may look at things but not change them.',
    hint: 'To let it make changes, choose "Ask before changes" for it on the Access page.',
  },
}

const deny = (reason: DenyReason): Extract<Decision, { kind: 'deny' }> => ({
  kind: 'deny',
  reason,
  ...words[reason],
})
