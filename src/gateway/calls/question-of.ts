import type { ApprovalRequest } from '../../contract/approvals.ts'
import type { Principal } from '../../mcp/principal.ts'
import { argumentsHash } from './canonical-json.ts'
import { type Target, targetHash } from './targets.ts'

/** What the word is given for: a tool as it describes itself now, with these arguments. One that has changed since is another question. */
export const questionHash = (target: Target): string =>
  argumentsHash(targetHash(target), { risk: target.risk, definition: target.entry?.json ?? null })

/** What the user is asked about a call. `call`: its row in the log. */
export function questionOf(
  { grantId, clientName }: Principal,
  target: Target,
  call: string,
): ApprovalRequest {
  const { entry, label, title, source, risk } = target
  return {
    ...{ grantId, clientName, risk, call },
    tool: entry?.publicName ?? label,
    toolId: entry?.id ?? label,
    toolTitle: title,
    source: source.name,
    sourceId: source.slug,
    argumentsHash: questionHash(target),
    arguments: target.arguments,
  }
}
