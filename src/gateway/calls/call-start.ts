import type { Call, CallStart } from '../../contract/activity.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Missing, Target } from './targets.ts'

/** What the log says of a request from the beginning. */
export const startOf = (
  { grantId, clientName }: Principal,
  target: Target | Missing,
  decision: Call['decision'],
): CallStart => ({
  grantId,
  clientName,
  tool: target.label,
  source: 'source' in target ? target.source.name : '',
  risk: 'source' in target ? target.risk : target.method === 'tools/call' ? 'write' : 'read',
  decision,
  arguments: target.arguments,
})
