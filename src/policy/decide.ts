import type { Access, Risk } from '../contract/models.ts'

/** Everything a decision depends on. */
export interface Facts {
  /** The user left the tool switched on. */
  enabled: boolean
  /** The tool belongs to the grant's workspace and to its chosen tools. */
  inGrant: boolean
  /** The tool is for this computer only, and the call came from elsewhere. */
  localOnly: boolean
  risk: Risk
  access: Access
  /** The scopes of the token; null for keys, which are not narrowed. */
  scopes: ReadonlySet<string> | null
}

export type DenyReason = 'disabled' | 'not-in-grant' | 'local-only' | 'scope' | 'look-only'

export type Decision =
  | { kind: 'allow' }
  | { kind: 'ask' }
  | { kind: 'deny'; reason: DenyReason; message: string; hint: string }

/** Allow, ask the user, or deny. Whatever is not plainly allowed is denied; a scope only ever takes away. */
export function decide(facts: Facts): Decision {
  if (facts.enabled !== true) return deny('disabled')
  if (facts.inGrant !== true) return deny('not-in-grant')
  if (facts.localOnly !== false) return deny('local-only')
  if (!inScopes(facts.scopes, facts.risk)) return deny('scope')
  switch (facts.access) {
    case 'look':
      return facts.risk === 'read' ? { kind: 'allow' } : deny('look-only')
    case 'ask':
      return facts.risk === 'read' ? { kind: 'allow' } : { kind: 'ask' }
    case 'everything':
      return { kind: 'allow' }
    default:
      return deny('not-in-grant')
  }
}

/** Whether the tool is shown in `tools/list`: what would always be denied is not. */
export const isListed = (facts: Facts): boolean => decide(facts).kind !== 'deny'

/**
 * `mcp:use` is the base without which a token opens nothing. `mcp:read` without `mcp:write` narrows it to reads;
 * `read` and `write` mean the same. Scopes we do not know change nothing.
 */
function inScopes(scopes: ReadonlySet<string> | null, risk: Risk): boolean {
  if (scopes === null) return true
  if (!scopes.has('mcp:use')) return false
  const has = (name: string) => scopes.has(`mcp:${name}`) || scopes.has(name)
  return risk === 'read' || has('write') || !has('read')
}

const words: Record<DenyReason, { message: string; hint: string }> = {
  disabled: {
    message: 'This tool is switched off in Drawbridge.',
    hint: 'Switch it on on the Tools page, then try again.',
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
    hint: 'Disconnect and connect again, and ask for the missing permission (mcp:use, and mcp:write for changes).',
  },
  'look-only': {
    message: 'This connection may look at things but not change them.',
    hint: 'To let it make changes, choose "Ask before changes" for it on the Access page.',
  },
}

const deny = (reason: DenyReason): Decision => ({ kind: 'deny', reason, ...words[reason] })
