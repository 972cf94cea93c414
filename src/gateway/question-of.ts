import type { Principal } from './caller.ts'
import { argumentsHash } from './canonical-json.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import type { Target } from './targets.ts'
import type { Raw } from './tool-source.ts'

/** What the user is asked about a call. `hash`: of tool and arguments. */
export function questionOf(
  { grantId, clientName }: Principal,
  { entry, label, title, source, risk }: Target,
  args: Raw,
  hash: string,
): Parameters<PipelineDeps['approvals']['ask']>[0] {
  return {
    ...{ grantId, clientName, risk },
    tool: entry?.publicName ?? label,
    toolId: entry?.id ?? label,
    toolTitle: title,
    source: source.name,
    sourceId: source.slug,
    // The word is given for a tool as it describes itself now: one that has changed since is another question.
    argumentsHash: argumentsHash(hash, { risk, definition: entry?.json ?? null }),
    arguments: args,
  }
}
